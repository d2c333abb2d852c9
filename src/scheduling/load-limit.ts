import type { Random } from '../random.ts'
import type { ServiceTimes } from './service-times.ts'

/** Requests of one simulated check. */
const REQUESTS = 20_000
const BISECTIONS = 12

/** Largest share of requests that may be late. */
const LATE_SHARE = 0.01

/** A node, as policies are made for it. */
export interface LoadLimitOptions {
  readonly times: ServiceTimes
  readonly workers: number
  readonly deadlineMs: number
}

/**
 * Highest rate of Poisson arrivals, per second, at which each variant alone keeps the deadline of 99 %; 0 if at none. Takes
 * some tenths of a second.
 * @returns shape [variants]
 */
export function loadLimitsPerS(options: LoadLimitOptions, random: Random): number[] {
  return options.times.ladder.variants.map((_, variant) => limitPerS(options, variant, random))
}

function limitPerS(options: LoadLimitOptions, variant: number, random: Random): number {
  const { times, workers, deadlineMs } = options
  if (times.ms(variant, 0) > deadlineMs) return 0
  const fastestBatch = times.largestBatch(variant, Infinity)
  const capacity = (workers * times.batchSize(fastestBatch)) / times.ms(variant, fastestBatch)
  const seed = random.save()
  let low = 0
  let high = 1000 * capacity
  for (let step = 0; step < BISECTIONS; step++) {
    const middle = (low + high) / 2
    random.restore(seed)
    if (shareLate(options, variant, middle, random) <= LATE_SHARE) low = middle
    else high = middle
  }
  return low
}

/** First come, first served, by workers that take the largest batch there is. */
function shareLate(
  { times, workers, deadlineMs }: LoadLimitOptions,
  variant: number,
  ratePerS: number,
  random: Random,
): number {
  const arrivalsMs = new Float64Array(REQUESTS)
  let arrivalMs = 0
  for (let i = 0; i < REQUESTS; i++) {
    arrivalMs -= (1000 / ratePerS) * Math.log(1 - random.uniform())
    arrivalsMs[i] = arrivalMs
  }
  const freeAtMs = new Float64Array(workers)
  let late = 0
  for (let first = 0; first < REQUESTS; ) {
    const worker = freeAtMs.indexOf(Math.min(...freeAtMs))
    const startMs = Math.max(freeAtMs[worker], arrivalsMs[first])
    let end = first + 1
    while (end < REQUESTS && arrivalsMs[end] <= startMs) end++
    const batch = times.largestBatch(variant, end - first)
    end = first + times.batchSize(batch)
    const doneMs = startMs + times.ms(variant, batch)
    freeAtMs[worker] = doneMs
    for (let i = first; i < end; i++) if (doneMs - arrivalsMs[i] > deadlineMs) late += 1
    first = end
  }
  return late / REQUESTS
}
