/** Instances so small that every schedule can be tried. */
import type { Random } from '../random.ts'
import { createLadder, type Ladder } from './ladder.ts'

/** @param batchGain share of a request's time that each further one of its batch takes */
export function ladderOf(
  percents: readonly number[],
  timesMs: readonly number[],
  batchSizes: readonly number[] = [1],
  batchGain = 1,
): Ladder {
  const variants = percents.map((accuracyPercent, index) => {
    const serviceTimesMs = batchSizes.map((size) => {
      return (timesMs[index] as number) * (1 + batchGain * (size - 1))
    })
    return { name: `v${index}`, accuracyPercent, serviceTimesMs }
  })
  return createLadder(variants, batchSizes)
}

/** Up to five requests, three variants and batches of two. @param whole of whole milliseconds, so that ties are common */
export function tinyInstance(random: Random, whole: boolean) {
  const draw = (most: number) => (whole ? 1 + random.integer(most) : most * random.uniform())
  const variants = 1 + random.integer(3)
  const timesMs = Array.from({ length: variants }, () => draw(8) + 0.1 * Number(!whole))
  const percents = timesMs.map(() => 20 + 80 * random.uniform())
  const batchSizes = random.uniform() < 0.3 ? [1, 2] : [1]
  const arrivalsMs = Array.from({ length: 1 + random.integer(5) }, () => draw(12))
  arrivalsMs.sort((a, b) => a - b)
  const ladder = ladderOf(percents, timesMs, batchSizes, 0.5)
  return { arrivalsMs, deadlineMs: draw(20) + 0.1, ladder }
}

/** Floating point may miss a tie by less than this. */
const ROUNDING_MS = 1e-6

/** Highest effective accuracy over all orders, batches and variants, without waiting for more than a batch needs. */
export function bestPercent(
  arrivalsMs: readonly number[],
  deadlineMs: number,
  { variants, batchSizes }: Ladder,
): number {
  const best = (left: readonly number[], freeAtMs: number): number => {
    let most = 0
    for (const group of groupsOf(left, batchSizes)) {
      const lastMs = Math.max(freeAtMs, ...group)
      const dueMs = Math.min(...group) + deadlineMs + ROUNDING_MS
      const others = left.slice()
      for (const arrivalMs of group) others.splice(others.indexOf(arrivalMs), 1)
      for (const { accuracyPercent, serviceTimesMs } of variants) {
        const endMs = lastMs + (serviceTimesMs[batchSizes.indexOf(group.length)] as number)
        if (endMs <= dueMs)
          most = Math.max(most, group.length * accuracyPercent + best(others, endMs))
      }
    }
    return most
  }
  return best(arrivalsMs, 0) / arrivalsMs.length
}

/** All that may be served together next. */
function groupsOf(left: readonly number[], batchSizes: readonly number[]): number[][] {
  const alone = left.map((arrivalMs) => [arrivalMs])
  if (!batchSizes.includes(2)) return alone
  const pairs = left.flatMap((one, index) => left.slice(index + 1).map((other) => [one, other]))
  return [...alone, ...pairs]
}
