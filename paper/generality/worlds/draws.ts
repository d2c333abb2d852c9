/** Random draws that worlds are made of. */
import type { Random } from '../../../src/random.ts'

export function between(low: number, high: number, random: Random): number {
  return low + (high - low) * random.uniform()
}

/** Evenly on a logarithmic axis. */
export function logBetween(low: number, high: number, random: Random): number {
  return low * (high / low) ** random.uniform()
}

export function isChance(share: number, random: Random): boolean {
  return random.uniform() < share
}

/** All of them, in any order. */
export function shuffled<T>(values: readonly T[], random: Random): T[] {
  const left = [...values]
  return values.flatMap(() => left.splice(random.integer(left.length), 1))
}
