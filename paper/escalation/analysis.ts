export const title='x'
export const analyse=()=>{throw new Error()}
