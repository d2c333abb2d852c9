/** When the requests of a bench come: one burst between two pauses, a workload by name, or a trace. */
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

/**
 * @param unitPerS what the workers sustain with the largest variant
 * @throws ConfigError or InvalidInputError for what makes no arrivals
 */
export async function benchLoad(
  options: LoadOptions,
  unitPerS: number,
  random: Random,
): Promise<BenchLoad> {
  const { burst: burstMs, load, workload, rate, duration, set, trace, traceFormat } = options
  const quietPerS = rate ?? load * unitPerS
  if (trace === undefined && workload === undefined) {
    const durationMs = burstMs + 2 * PAUSE_MS
    const ratePerS = (quietPerS * (2 * PAUSE_MS + FACTOR * burstMs)) / durationMs
    const parameters = { factor: FACTOR, pauseMs: PAUSE_MS, plateauMs: burstMs }
    const shape = { workload: 'plateau', traceFormat, ratePerS, durationMs, parameters }
    return {
      description: `${quietPerS.toFixed(1)} requests a second, ${FACTOR} times as many for ${burstMs / 1000} s`,
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
