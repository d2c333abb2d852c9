/** What an agent that was asked for is known by. */
import type { Problem } from '../learning/environment/environment.ts'

/** Same spec and same fleet, same agent: what devices told of their times is only where it began. */
export function keyOf(spec: string, { localTimesMs: _, ...fleet }: Problem): string {
  return JSON.stringify([spec, fleet])
}

/** It was chosen, so it is neither too slow nor to be compared. */
export function isFixed(spec: string): boolean {
  return spec.startsWith('fixed:')
}
