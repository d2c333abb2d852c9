/**
 * Whether a resource still is what it was: cumulative sums of surprises (CUSUM) find that it changed, and what was known before a
 * change to the worse is kept, because the resource may recover while nobody uses it.
 */

/** A surprise, in standard deviations, counts for no more than this: a slow response is no change. */
const MOST_SURPRISE = 3
/** What a surprise must exceed to add up, and the sum that is a change. */
const DRIFT = 0.5
const ALARM = 9.5
/** A change shows in every response; slow responses come alone. */
const LEAST_RUN = 3
const CLEAR = 1.5
/** Logarithms of likelihood ratios: most of one observation, and the sum at which what was known before is true again. */
const MOST_EVIDENCE = 3
const RECOVERED = 1.5
/** Rounds without use after which a resource that became slower is tried; twice as many after every try in vain. */
const FIRST_PAUSE = 15
const LONGEST_PAUSE = 30

/** Plain data. */
export interface Watch<Known> {
  slower: number
  faster: number
  /** How many surprises in a row were clear and to the same side; negative: faster. */
  run: number
  /** What was known before the resource became slower. */
  readonly before: Known | undefined
  /** How much speaks for its being so again. */
  evidence: number
  /** The round in which it was last used. */
  usedAt: number
  pause: number
}

export function freshWatch<Known>(before: Known | undefined, round: number): Watch<Known> {
  return { slower: 0, faster: 0, run: 0, before, evidence: 0, usedAt: round, pause: FIRST_PAUSE }
}

/** @param surprise in standard deviations of what was expected; positive: slower */
export function follow(watch: Watch<unknown>, surprise: number): 'slower' | 'faster' | undefined {
  const bounded = Math.min(MOST_SURPRISE, Math.max(-MOST_SURPRISE, surprise))
  watch.slower = Math.max(0, watch.slower + bounded - DRIFT)
  watch.faster = Math.max(0, watch.faster - bounded - DRIFT)
  const direction = Math.abs(bounded) < CLEAR ? 0 : Math.sign(bounded)
  watch.run = direction === Math.sign(watch.run) ? watch.run + direction : direction
  if (watch.slower > ALARM && watch.run >= LEAST_RUN) return 'slower'
  return watch.faster > ALARM && watch.run <= -LEAST_RUN ? 'faster' : undefined
}

/** @param ratio logarithm of how much more likely an observation is by what was known before than by what is known now */
export function hasRecovered(watch: Watch<unknown>, ratio: number): boolean {
  const bounded = Math.min(MOST_EVIDENCE, Math.max(-MOST_EVIDENCE, ratio))
  watch.evidence = Math.max(0, watch.evidence + bounded)
  return watch.evidence > RECOVERED
}

/** Counts a use; one long after the last, without a sign of recovery, doubles the pause to the next. */
export function use(watch: Watch<unknown>, round: number): void {
  if (round - watch.usedAt > watch.pause && watch.evidence === 0) {
    watch.pause = Math.min(LONGEST_PAUSE, 2 * watch.pause)
  }
  watch.usedAt = round
}

/** Whether it became slower, and it is time to see whether it still is. */
export function isDue({ before, evidence, usedAt, pause }: Watch<unknown>, round: number): boolean {
  return before !== undefined && (evidence > 0 || round - usedAt > pause)
}
