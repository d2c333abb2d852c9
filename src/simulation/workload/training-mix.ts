/**
 * The workloads that learners train on: each a random one of four families, of loads, burst heights and times drawn anew,
 * so that no test scenario is among them.
 */
import type { Random } from '../../random.ts'
import { logUniform, uniformBetween } from './draws.ts'
import { drawArrivals, meanRatePerS, type RateSegment, scaleSegments } from './rate-segments.ts'
import { type NodeScale, REFERENCE_SERVICE_MS, unitRatePerS } from './scenarios.ts'
import { mmpp, plateaus, steady } from './shapes.ts'

/** Rates are relative; durations are of a node whose largest variant takes 5 ms. */
interface Draw {
  readonly segments: readonly RateSegment[]
  readonly gapCv: number
  readonly family: string
}

/** Mean loads, log-uniform. */
export const LOADS = [0.15, 12] as const

/** One of them. */
export interface TrainingWorkload {
  /** Ascending. */
  readonly arrivalsMs: Float64Array
  /** What they were drawn from: hidden from whoever schedules. */
  readonly rates: readonly RateSegment[]
  /** What it is an example of. */
  readonly family: string
}

/** @param requests about how many */
export function drawTrainingWorkload(
  requests: number,
  scale: NodeScale,
  random: Random,
): TrainingWorkload {
  const ratePerS = unitRatePerS(scale) * logUniform(...LOADS, random)
  const durationMs = (1000 * requests) / ratePerS
  const speed = REFERENCE_SERVICE_MS / scale.largestMs
  const { segments, gapCv, family } = draw(durationMs * speed, random)
  const rate = ratePerS / meanRatePerS(segments)
  const rates = [...scaleSegments(segments, { speed, rate })]
  return { arrivalsMs: drawArrivals(rates, random, gapCv), rates, family }
}

function draw(durationMs: number, random: Random): Draw {
  const kind = random.uniform()
  if (kind < 0.2) return { segments: steady(1, durationMs), gapCv: 1, family: 'poisson' }
  if (kind < 0.4) {
    const gapCv = uniformBetween(1.5, 6, random)
    return { segments: steady(1, durationMs), gapCv, family: 'gamma' }
  }
  if (kind < 0.6) {
    return { segments: plateau(durationMs, random), gapCv: 1, family: 'plateau' }
  }
  const states = [
    { ratePerS: 1, meanSojournMs: logUniform(20, 3000, random) },
    { ratePerS: uniformBetween(2, 10, random), meanSojournMs: logUniform(20, 1500, random) },
  ]
  const gapCv = random.uniform() < 0.3 ? uniformBetween(1, 2.5, random) : 1
  return { segments: mmpp(states, durationMs, random), gapCv, family: 'mmpp' }
}

/** One burst that takes a tenth to a half of the time. */
function plateau(durationMs: number, random: Random): RateSegment[] {
  const plateauMs = durationMs * uniformBetween(0.1, 0.5, random)
  return plateaus({
    baseRatePerS: 1,
    factor: uniformBetween(3, 8, random),
    pauseMs: (durationMs - plateauMs) * random.uniform(),
    plateauMs,
    durationMs,
  })
}
