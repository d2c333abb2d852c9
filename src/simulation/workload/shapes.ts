/** The usual shapes of a changing arrival rate. */
import { ConfigError } from '../../errors.ts'
import type { Random } from '../../random.ts'
import { exponential } from './draws.ts'
import type { RateSegment } from './rate-segments.ts'

/** One rate throughout: Poisson, or gamma arrivals with a coefficient of variation of the gaps other than 1. */
export function steady(ratePerS: number, durationMs: number): RateSegment[] {
  return [{ ratePerS, durationMs }]
}

/** One state of the modulating process. */
export interface MmppState {
  readonly ratePerS: number
  readonly meanSojournMs: number
}

/** Markov-modulated Poisson process: stays in a state for an exponential time, then goes to any other alike. */
export function mmpp(
  states: readonly MmppState[],
  durationMs: number,
  random: Random,
): RateSegment[] {
  if (states.length < 2) throw new ConfigError('a modulated process needs two states or more')
  for (const { meanSojournMs } of states) requirePositive({ meanSojournMs })
  requirePositive({ durationMs })
  const segments: RateSegment[] = []
  let current = random.integer(states.length)
  let leftMs = durationMs
  while (leftMs > 0) {
    const { ratePerS, meanSojournMs } = states[current]
    const sojournMs = Math.min(leftMs, exponential(meanSojournMs, random))
    segments.push({ ratePerS, durationMs: sojournMs })
    leftMs -= sojournMs
    current = (current + 1 + random.integer(states.length - 1)) % states.length
  }
  return segments
}

/** One cycle, and how long it goes on. */
export interface PlateauOptions {
  readonly baseRatePerS: number
  /** Rate on the plateau ÷ base rate. */
  readonly factor: number
  /** Between the end of a plateau and the start of the next. */
  readonly pauseMs: number
  readonly plateauMs: number
  readonly durationMs: number
}

/** A base rate with regular bursts of constant height, starting and ending with base rate. */
export function plateaus(options: PlateauOptions): RateSegment[] {
  const { baseRatePerS, factor, pauseMs, plateauMs, durationMs } = options
  requirePositive({ factor, pauseMs, plateauMs, durationMs })
  const burstRatePerS = baseRatePerS * factor
  return alternate(
    [
      { ratePerS: baseRatePerS, durationMs: pauseMs },
      { ratePerS: burstRatePerS, durationMs: plateauMs },
    ],
    durationMs,
  )
}

/** Requests for a while, silence for a while. */
export function onOff(
  onRatePerS: number,
  { onMs, offMs, durationMs }: Readonly<Record<'onMs' | 'offMs' | 'durationMs', number>>,
): RateSegment[] {
  requirePositive({ onMs, offMs, durationMs })
  return alternate(
    [
      { ratePerS: onRatePerS, durationMs: onMs },
      { ratePerS: 0, durationMs: offMs },
    ],
    durationMs,
  )
}

/** Steps in which a sine is followed; a step changes the rate by at most a few percent. */
const STEPS_PER_PERIOD = 96

/** A sine between trough and peak, starting at the mean: the predictable day of a public web site. */
export function diurnal(
  meanRatePerS: number,
  options: Readonly<Record<'peakToTrough' | 'periodMs' | 'durationMs', number>>,
): RateSegment[] {
  const { peakToTrough, periodMs, durationMs } = options
  requirePositive({ peakToTrough, periodMs, durationMs })
  const amplitude = (peakToTrough - 1) / (peakToTrough + 1)
  const period = Array.from({ length: STEPS_PER_PERIOD }, (_, step) => {
    const phase = (2 * Math.PI * (step + 0.5)) / STEPS_PER_PERIOD
    const ratePerS = meanRatePerS * (1 + amplitude * Math.sin(phase))
    return { ratePerS, durationMs: periodMs / STEPS_PER_PERIOD }
  })
  return alternate(period, durationMs)
}

/** The cycle again and again, cut off at the end. */
function alternate(cycle: readonly RateSegment[], durationMs: number): RateSegment[] {
  const segments: RateSegment[] = []
  let leftMs = durationMs
  for (let index = 0; leftMs > 0; index++) {
    const { ratePerS, durationMs: wholeMs } = cycle[index % cycle.length]
    segments.push({ ratePerS, durationMs: Math.min(leftMs, wholeMs) })
    leftMs -= wholeMs
  }
  return segments
}

/** @throws ConfigError naming the first value that is not a finite number above 0 */
export function requirePositive(values: Readonly<Record<string, number>>): void {
  for (const [name, value] of Object.entries(values)) {
    if (value > 0 && value < Number.POSITIVE_INFINITY) continue
    throw new ConfigError(`${name} ${value} is not a number above 0`)
  }
}
