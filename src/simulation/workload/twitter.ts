/**
 * A stream like Twitter's of April 2018, the burst trace of this field, calibrated on 22 days of its per-second counts:
 * a daily profile, correlated noise, and plateau bursts about every two hours, to an absolute level, rising in one step
 * of 10 s and decaying linearly. Mean 62/s, coefficient of variation of the per-second counts about 0.6 (real: 65/s, 0.63).
 */
import type { Random } from '../../random.ts'
import { exponential, gamma, logNormal, uniformBetween } from './draws.ts'
import type { RateSegment } from './rate-segments.ts'
import { requirePositive } from './shapes.ts'

const BASE_PER_S = 51.2
/** Rate ÷ base rate, by hour of the day. */
// biome-ignore format: one line a quarter of a day
const HOURLY = [
  0.87, 0.9, 0.97, 1.04, 1.15, 1.27,
  1.39, 1.45, 1.49, 1.35, 1.19, 1.06,
  0.96, 0.93, 0.9, 0.87, 0.87, 0.87,
  0.91, 0.98, 1.02, 1.0, 0.91, 0.88,
]
/** Autoregression of the logarithm of the 10 s rate. */
const NOISE = { correlation: 0.41, deviation: 0.077 }
const STEP_S = 10
/** Shape of the gamma factor on each second's rate. */
const SECOND_SHAPE = 300

interface Burst {
  readonly startS: number
  readonly levelPerS: number
  readonly plateauS: number
  readonly decayS: number
}

/**
 * @param options `startHour`: hour of the day at which the stream starts (default 0)
 * @returns segments of one second
 */
export function* twitterLike(
  { hours, startHour = 0 }: { readonly hours: number; readonly startHour?: number },
  random: Random,
): Iterable<RateSegment> {
  requirePositive({ hours })
  let noise = 0
  let burst = drawBurst(0, random)
  for (let timeS = 0; timeS < hours * 3600; timeS += STEP_S) {
    noise = NOISE.correlation * noise + NOISE.deviation * random.normal()
    const profile = HOURLY[Math.floor(startHour + timeS / 3600) % 24]
    const basePerS = BASE_PER_S * profile * Math.exp(noise)
    if (timeS > endS(burst)) burst = drawBurst(timeS, random)
    const ratePerS = rateInBurst(burst, timeS, basePerS)
    for (let second = 0; second < STEP_S; second++) {
      const jitter = gamma(SECOND_SHAPE, random) / SECOND_SHAPE
      yield { durationMs: 1000, ratePerS: ratePerS * jitter }
    }
  }
}

/** The next burst after this time. */
function drawBurst(afterS: number, random: Random): Burst {
  const isShort = random.uniform() < 0.25
  return {
    startS: afterS + exponential(6600, random),
    levelPerS: 232 + 22 * random.normal(),
    plateauS: isShort ? uniformBetween(30, 120, random) : 300 + 40 * random.normal(),
    decayS: logNormal(170, 0.6, random),
  }
}

function endS({ startS, plateauS, decayS }: Burst): number {
  return startS + plateauS + decayS
}

function rateInBurst(burst: Burst, timeS: number, basePerS: number): number {
  const ageS = timeS - burst.startS
  if (ageS < 0 || timeS > endS(burst)) return basePerS
  const risePerS = burst.levelPerS - basePerS
  if (ageS < STEP_S) return basePerS + 0.75 * risePerS
  const decayed = Math.max(0, ageS - burst.plateauS) / burst.decayS
  return basePerS + risePerS * (1 - decayed)
}
