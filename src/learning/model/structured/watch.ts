/**
 * Whether a resource still is what it was: cumulative sums of surprises (CUSUM) find that it changed. What was known before is
 * kept: it may be true again, or the change was none.
 */

import { CHANGE } from './constants.ts'

/** How a resource serves now, beside what was learned of it; `as-before`: a change was undone, or was none. */
export type Pace = 'slower' | 'faster' | 'as-before'

/** Plain data. */
export interface Watch<Known> {
  slower: number
  faster: number
  /** How many surprises in a row were clear and to the same side; negative: faster. */
  run: number
  /** What was known before the resource changed. */
  readonly before: Known | undefined
  /** Whether it became faster then, and the round in which that was found. */
  readonly isFaster: boolean
  readonly changedAt: number
  /** How much speaks for its being so again. */
  evidence: number
}

/** Of a resource that gave no surprise yet. @param before what was known before it changed; undefined: it did not */
export function freshWatch<Known>(before?: Known, isFaster = false, changedAt = 0): Watch<Known> {
  return { slower: 0, faster: 0, run: 0, before, isFaster, changedAt, evidence: 0 }
}

/** @param surprise in standard deviations of what was expected; positive: slower */
export function follow(watch: Watch<unknown>, surprise: number): 'slower' | 'faster' | undefined {
  const bounded = Math.min(CHANGE.mostSurprise, Math.max(-CHANGE.mostSurprise, surprise))
  watch.slower = Math.max(0, watch.slower + bounded - CHANGE.drift)
  watch.faster = Math.max(0, watch.faster - bounded - CHANGE.drift)
  const direction = Math.abs(bounded) < CHANGE.clear ? 0 : Math.sign(bounded)
  watch.run = direction === Math.sign(watch.run) ? watch.run + direction : direction
  if (watch.slower > CHANGE.alarm && watch.run >= CHANGE.leastRun) return 'slower'
  return watch.faster > CHANGE.alarm && watch.run <= -CHANGE.leastRun ? 'faster' : undefined
}

/** @param ratio logarithm of how much more likely an observation is by what was known before than by what is known now */
export function hasRecovered(watch: Watch<unknown>, ratio: number): boolean {
  const bounded = Math.min(CHANGE.mostEvidence, Math.max(-CHANGE.mostEvidence, ratio))
  watch.evidence = Math.max(0, watch.evidence + bounded)
  return watch.evidence > CHANGE.recovered
}
