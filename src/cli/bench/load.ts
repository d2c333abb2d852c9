/** When the requests of a bench come: one burst between two pauses, a workload by name, or a trace. */
import { ConfigError } from '../../errors.ts'
import type { Random } from '../../random.ts'
import { readArrivals } from '../schedule/arrivals.ts'
import type { LoadFlags } from '../schedule/load-flags.ts'
import type { Burst } from './live-outcome.ts'

/** What the flags say of it. */
export interface LoadOptions extends Omit<LoadFlags, 'plot' | 'json'> {
  /** Length of the default load's plateau, ms. */
  readonly burst: number
  /** Rate before the burst ÷ what the largest variant sustains. */
  readonly load: number
  /** Rate of the plateau ÷ the most that the workers sustain; absent: five times the rate before it. */
  readonly overload?: number
  readonly workload?: string
}

/** The same for all policies. */
export interface BenchLoad {
  readonly description: string
  readonly arrivalsMs: Float64Array
  readonly burst?: Burst
}

const FACTOR = 5
const PAUSE_MS = 10_000
const WORKLOAD_MS = 60_000

/** What the workers sustain: with the largest variant, and with the smallest that may serve. */
export interface SustainedPerS {
  readonly largest: number
  readonly smallest: number
}

/**
 * @throws ConfigError or InvalidInputError for what makes no arrivals
 */
export async function benchLoad(
  options: LoadOptions,
  sustainedPerS: SustainedPerS,
  random: Random,
): Promise<BenchLoad> {
  const { burst: burstMs, load, workload, rate, duration, set, trace, traceFormat } = options
  const quietPerS = rate ?? load * sustainedPerS.largest
  const { overload } = options
  if (overload !== undefined && (trace !== undefined || workload !== undefined)) {
    throw new ConfigError('--overload is of the default load: leave --workload and --trace out')
  }
  const factor = overload === undefined ? FACTOR : (overload * sustainedPerS.smallest) / quietPerS
  if (trace === undefined && workload === undefined) {
    const durationMs = burstMs + 2 * PAUSE_MS
    const ratePerS = (quietPerS * (2 * PAUSE_MS + factor * burstMs)) / durationMs
    const parameters = { factor, pauseMs: PAUSE_MS, plateauMs: burstMs }
    const shape = { workload: 'plateau', traceFormat, ratePerS, durationMs, parameters }
    return {
      description: `${quietPerS.toFixed(1)} requests a second, ${Number(factor.toPrecision(3))} times as many for ${burstMs / 1000} s`,
      arrivalsMs: await readArrivals(shape, random),
      burst: { fromMs: PAUSE_MS, toMs: PAUSE_MS + burstMs },
    }
  }
  const durationMs = duration ?? WORKLOAD_MS
  const arrivalsMs = await readArrivals(
    {
      traceFormat,
      workload: workload ?? 'poisson',
      ratePerS: quietPerS,
      durationMs,
      ...(set && { parameters: set }),
      ...(trace !== undefined && { trace }),
    },
    random,
  )
  return {
    description: trace ?? `${workload}, ${quietPerS.toFixed(1)} requests a second`,
    arrivalsMs: duration === undefined ? arrivalsMs : arrivalsMs.filter((ms) => ms < duration),
  }
}
