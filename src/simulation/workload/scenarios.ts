/**
 * The workloads on which scheduling policies are compared, independent of the node: load 1 is the rate that its workers
 * sustain with the largest variant and no batching, and times scale with that variant's service time.
 */
import type { Random } from '../../random.ts'
import { meanRatePerS, type RateSegment, scaleSegments } from './rate-segments.ts'
import { diurnal, mmpp, plateaus, steady } from './shapes.ts'
import { twitterLike } from './twitter.ts'
import { publishedWindow } from './windows.ts'

/** Families of `shapes` never occur in training. */
export type Family = 'steady' | 'burst' | 'gamma' | 'shapes'

/** One of these workloads. */
export interface Scenario {
  readonly name: string
  readonly family: Family
  /** Mean over the scenario. */
  readonly load: number
  /** Coefficient of variation of the gaps between arrivals at constant rate. */
  readonly gapCv: number
  /** Rates are relative to the mean; durations are of a node whose largest variant takes 5 ms. */
  segments(random: Random): Iterable<RateSegment>
}

/** Service time of the largest variant for which durations are stated. */
export const REFERENCE_SERVICE_MS = 5
const DURATION_MS = 60_000

/** 28 scenarios: light (load below 1), medium (1 to 2), high (2 to 4) and over (8 and more). */
export const SCENARIOS: readonly Scenario[] = [
  ...[0.5, 1.5, 4, 12].map((load) =>
    scenario(`poisson-${load}`, 'steady', load, () => steady(1, DURATION_MS)),
  ),
  ...[0.4, 1.2, 3.5, 8].map((load) =>
    scenario(`mmpp-${load}`, 'burst', load, (random) => bursts(6, 600, 200, random)),
  ),
  ...[0.5, 1.5, 4].map((load) =>
    scenario(`fast-mmpp-${load}`, 'burst', load, (random) => bursts(8, 60, 20, random)),
  ),
  ...[0.5, 1.5, 4].map((load) => gammaScenario(load, 3)),
  gammaScenario(1.5, 5),
  scenario('plateau-0.5', 'burst', 0.5, () => plateau(5, 4000, 1000)),
  scenario('plateau-1', 'burst', 1, () => plateau(6, 6000, 1500)),
  scenario('plateau-3', 'burst', 3, () => plateau(5, 2000, 400)),
  scenario('ipa-bursty-1', 'shapes', 1, () => faster(40, publishedWindow('ipa-bursty'))),
  scenario('ipa-bursty-2.5', 'shapes', 2.5, () => faster(20, publishedWindow('ipa-bursty'))),
  scenario('azure-code-1', 'shapes', 1, () => faster(20, publishedWindow('azure-code'))),
  scenario('diurnal-1.5', 'shapes', 1.5, () => day(3)),
  scenario('diurnal-4', 'shapes', 4, () => day(2)),
  scenario('bell-2', 'shapes', 2, () =>
    curve((x) => 0.2 + Math.exp(-0.5 * ((x - 0.5) / 0.12) ** 2)),
  ),
  scenario('square-2', 'shapes', 2, () => plateau(4, 5000, 5000)),
  scenario('ramp-3', 'shapes', 3, () => curve((x) => 0.1 + x)),
  scenario('twitter-1', 'shapes', 1, (random) => faster(60, twitterLike({ hours: 2 }, random))),
  scenario('twitter-2.5', 'shapes', 2.5, (random) => faster(40, twitterLike({ hours: 2 }, random))),
]

/** A node's scale: what load 1 and one unit of time are for it. */
export interface NodeScale {
  readonly workers: number
  /** Service time of the largest variant without batching. */
  readonly largestMs: number
  /** Load 1 of this node ÷ that of its workers without batching. Default: 1. */
  readonly loadFactor?: number
}

/** The arrival rate over time: hidden from whoever schedules. */
export function scenarioRates(
  { load, segments }: Scenario,
  scale: NodeScale,
  random: Random,
): Iterable<RateSegment> {
  const shape = [...segments(random.fork('rates'))]
  const rate = (load * unitRatePerS(scale)) / meanRatePerS(shape)
  const speed = REFERENCE_SERVICE_MS / scale.largestMs
  return scaleSegments(shape, { speed, rate })
}

/** Arrivals per second that are load 1. */
export function unitRatePerS({ workers, largestMs, loadFactor = 1 }: NodeScale): number {
  return (1000 * workers * loadFactor) / largestMs
}

function scenario(
  name: string,
  family: Family,
  load: number,
  segments: Scenario['segments'],
): Scenario {
  return { name, family, load, gapCv: 1, segments }
}

function gammaScenario(load: number, gapCv: number): Scenario {
  const name = `gamma-${load}-cv-${gapCv}`
  return { name, family: 'gamma', load, gapCv, segments: () => steady(1, DURATION_MS) }
}

function bursts(factor: number, quietMs: number, burstMs: number, random: Random): RateSegment[] {
  const states = [
    { ratePerS: 1, meanSojournMs: quietMs },
    { ratePerS: factor, meanSojournMs: burstMs },
  ]
  return mmpp(states, DURATION_MS, random)
}

function plateau(factor: number, pauseMs: number, plateauMs: number): RateSegment[] {
  return plateaus({ baseRatePerS: 1, factor, pauseMs, plateauMs, durationMs: DURATION_MS })
}

function day(peakToTrough: number): RateSegment[] {
  return diurnal(1, { peakToTrough, periodMs: DURATION_MS, durationMs: DURATION_MS })
}

/** @param rate of the share of the duration that has passed */
function curve(rate: (passed: number) => number): RateSegment[] {
  const steps = 120
  return Array.from({ length: steps }, (_, step) => {
    return { durationMs: DURATION_MS / steps, ratePerS: rate((step + 0.5) / steps) }
  })
}

function faster(speed: number, segments: Iterable<RateSegment>): Iterable<RateSegment> {
  return scaleSegments(segments, { speed })
}
