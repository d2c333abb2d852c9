/** The arrival rate of the moment, as only the workload's author knows it. */
import type { RateSegment } from './rate-segments.ts'

/** @returns the rate at a time; ask in order of time */
export function trueRate(segments: Iterable<RateSegment>): (nowMs: number) => number {
  const all = [...segments]
  let index = 0
  let endMs = all[0]?.durationMs ?? 0
  return (nowMs) => {
    while (nowMs >= endMs && index < all.length - 1) {
      index += 1
      endMs += all[index]?.durationMs ?? 0
    }
    return all[index]?.ratePerS ?? 0
  }
}
