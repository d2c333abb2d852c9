export const sweep=()=>[]
