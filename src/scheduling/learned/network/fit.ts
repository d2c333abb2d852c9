/** Whether a network was trained for a node like this one: it sees times in units of its own deadline, and variants by rank. */
import { ConfigError } from '../../../errors.ts'
import type { LoadLimitOptions } from '../../load-limit.ts'
import type { LearnedNetwork } from './learned-network.ts'

/** Times further apart than this are those of another node. Profiles of one machine differ by up to a third. */
const TIME_FACTOR = 1.5
const ACCURACY_POINTS = 1

/** @throws ConfigError naming what differs */
export function checkFit(
  network: Pick<LearnedNetwork, 'deadlineMs' | 'ladder'>,
  { times, deadlineMs }: Pick<LoadLimitOptions, 'times' | 'deadlineMs'>,
): void {
  if (!areAlike(network.deadlineMs, deadlineMs)) {
    throw new ConfigError(
      `the network was trained for a deadline of ${network.deadlineMs} ms, here it is ${deadlineMs.toPrecision(3)} ms: train one for it, or state the deadline of most requests`,
    )
  }
  for (const [index, trained] of (network.ladder?.variants ?? []).entries()) {
    const here = times.ladder.variants[index]
    if (here === undefined) continue
    const trainedMs = trained.serviceTimesMs[0]
    const hereMs = here.serviceTimesMs[0]
    const accuracyGap = Math.abs(trained.accuracyPercent - here.accuracyPercent)
    if (areAlike(trainedMs, hereMs) && accuracyGap <= ACCURACY_POINTS) continue
    throw new ConfigError(
      `the network was trained for variant ${trained.name} of ${trained.accuracyPercent} % in ${trainedMs.toPrecision(3)} ms, here ${here.name} has ${here.accuracyPercent} % in ${hereMs.toPrecision(3)} ms: train one for this ladder`,
    )
  }
}

function areAlike(oneMs: number, otherMs: number): boolean {
  return Math.max(oneMs / otherMs, otherMs / oneMs) <= TIME_FACTOR
}
