import type { Problem } from './environment.ts'

/**
 * For every joint decision, `base` and the sum over devices of the weight of the device's choice: one addition each.
 * @param weights [devices · choices, …]
 * @returns [choices^devices]
 */
export function sumPerDecision(
  { devices, choices }: Pick<Problem, 'devices' | 'choices'>,
  weights: ArrayLike<number>,
  base = 0,
): Float32Array {
  let sums = Float32Array.of(base)
  for (let device = 0; device < devices; device++) {
    const next = new Float32Array(sums.length * choices.length)
    let target = 0
    for (let row = 0; row < sums.length; row++) {
      for (let choice = 0; choice < choices.length; choice++) {
        next[target++] = sums[row] + weights[device * choices.length + choice]
      }
    }
    sums = next
  }
  return sums
}
