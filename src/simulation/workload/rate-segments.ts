/** Arrivals whose rate changes with time: stretches of constant rate, turned into arrival times. */
import { ConfigError } from '../../errors.ts'
import type { Random } from '../../random.ts'
import { gamma } from './draws.ts'

/** A stretch of constant rate. */
export interface RateSegment {
  readonly durationMs: number
  /** Mean arrivals per second; 0 for silence. */
  readonly ratePerS: number
}

/** Most arrivals of one workload, so that a mistyped rate ends in an error and not in a full memory. */
const MOST_ARRIVALS = 20_000_000

/**
 * Draws arrival times. Gaps between arrivals are gamma-distributed in operational time (one unit = one expected arrival),
 * so that their burstiness is the same at every rate.
 * @param gapCv coefficient of variation of the gaps; 1 (default) makes it a Poisson process
 * @returns milliseconds from the start, ascending
 * @throws ConfigError for a rate or duration below 0 or more than 20 million expected arrivals
 */
export function drawArrivals(
  segments: Iterable<RateSegment>,
  random: Random,
  gapCv = 1,
): Float64Array {
  if (!(gapCv > 0 && gapCv < Number.POSITIVE_INFINITY)) {
    throw new ConfigError(`coefficient of variation ${gapCv} is not above 0`)
  }
  const shape = 1 / gapCv ** 2
  const arrivalsMs: number[] = []
  let startMs = 0
  // Expected arrivals before the next one.
  let gap = gamma(shape, random) / shape
  for (const segment of segments) {
    const expected = expectedArrivals(segment)
    if (arrivalsMs.length + expected > MOST_ARRIVALS) {
      throw new ConfigError(`a workload of over ${MOST_ARRIVALS} arrivals: lower rate or duration`)
    }
    let passed = gap
    while (passed < expected) {
      arrivalsMs.push(startMs + (passed / expected) * segment.durationMs)
      passed += gamma(shape, random) / shape
    }
    gap = passed - expected
    startMs += segment.durationMs
  }
  return Float64Array.from(arrivalsMs)
}

/** The same shape, so many times as fast (`speed`) and at so many times the rate (`rate`). */
export function* scaleSegments(
  segments: Iterable<RateSegment>,
  { speed = 1, rate = 1 }: { readonly speed?: number; readonly rate?: number },
): Iterable<RateSegment> {
  for (const { durationMs, ratePerS } of segments) {
    yield { durationMs: durationMs / speed, ratePerS: ratePerS * rate }
  }
}

/** The same shape up to this time. */
export function* cutSegments(
  segments: Iterable<RateSegment>,
  endMs: number,
): Iterable<RateSegment> {
  let leftMs = endMs
  for (const { durationMs, ratePerS } of segments) {
    if (leftMs <= 0) return
    yield { durationMs: Math.min(durationMs, leftMs), ratePerS }
    leftMs -= durationMs
  }
}

/** Mean arrivals per second over all segments. */
export function meanRatePerS(segments: Iterable<RateSegment>): number {
  let expected = 0
  let durationMs = 0
  for (const segment of segments) {
    expected += expectedArrivals(segment)
    durationMs += segment.durationMs
  }
  return expected / (durationMs / 1000)
}

function expectedArrivals({ durationMs, ratePerS }: RateSegment): number {
  const expected = (ratePerS * durationMs) / 1000
  if (durationMs >= 0 && ratePerS >= 0 && expected < Number.POSITIVE_INFINITY) return expected
  throw new ConfigError(
    `${ratePerS} arrivals/s for ${durationMs} ms is no workload: give numbers of 0 or more`,
  )
}
