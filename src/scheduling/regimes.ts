import type { Observation } from './observation.ts'

/** Of the arrival rates: the one that tells the load. */
const LOAD_WINDOW = 2
/** Of what the workers sustain with the largest variant. */
const HEAVY = 1
/** More than so many times as many requests are expected at once as the rate alone would bring. */
const BURSTY = 1.5

/** States of the load in which a policy may be trusted differently. */
export const REGIMES = ['steady, light', 'steady, heavy', 'bursty, light', 'bursty, heavy'] as const

/** @returns index in `REGIMES`, from what a policy sees */
export function regimeOf(observation: Observation): number {
  const { nowMs, forecast, arrivalRatesPerS, times, workers } = observation
  const largestMs = times.ms(times.variants - 1, 0)
  const usual = (arrivalRatesPerS[LOAD_WINDOW] * largestMs) / 1000
  const isHeavy = usual > HEAVY * workers
  const isBursty = forecast.expected(nowMs, largestMs) > BURSTY * usual
  return (isBursty ? 2 : 0) + (isHeavy ? 1 : 0)
}
