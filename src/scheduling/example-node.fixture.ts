/** Nodes and observations with round numbers, for the tests of the rules. */
import { createLadder, type Ladder } from './ladder.ts'
import { emptyObservation, type Observation } from './observation.ts'
import { ServiceTimes } from './service-times.ts'

/** Variants of 1, 2 and 4 ms and 50, 80 and 100 %; a batch of b takes (1 + b) / 2 times as long as one. */
export function exampleLadder(batchSizes: readonly number[] = [1]): Ladder {
  const variants = [
    { name: 'small', ms: 1, accuracyPercent: 50 },
    { name: 'middle', ms: 2, accuracyPercent: 80 },
    { name: 'large', ms: 4, accuracyPercent: 100 },
  ]
  return createLadder(
    variants.map(({ name, ms, accuracyPercent }) => {
      return { name, accuracyPercent, serviceTimesMs: batchSizes.map((b) => (ms * (1 + b)) / 2) }
    }),
    batchSizes,
  )
}

export interface ExampleObservation extends Partial<Observation> {
  /** In order of service: their number is the queue's length. */
  readonly slacksMs: readonly number[]
  readonly batchSizes?: readonly number[]
  readonly accepts?: readonly number[]
}

/** At time 0, planned without margin. */
export function observationOf({
  slacksMs,
  batchSizes = [1],
  accepts = [],
  ...seen
}: ExampleObservation): Observation {
  const times = new ServiceTimes(exampleLadder(batchSizes), { margin: 1 })
  return {
    ...emptyObservation(times, seen.workers ?? 1, slacksMs.length),
    queued: slacksMs.length,
    slackMs: Float64Array.from(slacksMs),
    lowestVariant: Uint8Array.from(slacksMs, (_, index) => accepts[index] ?? 0),
    arrivals: slacksMs.length,
    sinceArrivalMs: 0,
    ...seen,
  }
}
