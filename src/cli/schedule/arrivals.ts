/** When requests come: a trace from a file, or a workload by name. */
import { ConfigError, InvalidInputError } from '../../errors.ts'
import type { Random } from '../../random.ts'
import {
  parseTrace,
  type TracedRequest,
  type TraceFormat,
} from '../../simulation/workload/trace-file.ts'
import { WINDOW_NAMES } from '../../simulation/workload/windows.ts'
import { type Workload, workloadArrivals } from '../../simulation/workload/workload.ts'
import { readText } from '../../yaml.ts'

export interface ArrivalOptions {
  readonly trace?: string
  readonly traceFormat: TraceFormat
  readonly workload: string
  /** Mean of the workload. */
  readonly ratePerS: number
  readonly durationMs: number
  /** In place of the workload's own parameters. */
  readonly parameters?: Readonly<Record<string, number>>
}

/** Parameters by workload. */
const PARAMETERS: Readonly<Record<string, Readonly<Record<string, number>>>> = {
  poisson: {},
  gamma: { gapCv: 3 },
  mmpp: { factor: 6, quietMs: 6000, burstMs: 2000 },
  plateau: { factor: 5, pauseMs: 15_000, plateauMs: 5000 },
  'on-off': { onMs: 5000, offMs: 10_000 },
  diurnal: { peakToTrough: 3, periodMs: 60_000 },
  twitter: {},
}

export const WORKLOAD_NAMES: readonly string[] = [...Object.keys(PARAMETERS), ...WINDOW_NAMES]

/** One line for each workload that takes parameters, with what they are by default. */
export function describeParameters(): string {
  return Object.entries(PARAMETERS)
    .filter(([, parameters]) => Object.keys(parameters).length > 0)
    .map(([name, parameters]) => {
      const listed = Object.entries(parameters).map(([key, value]) => `${key}=${value}`)
      return `  ${name.padEnd(8)} ${listed.join(' ')}`
    })
    .join('\n')
}

/**
 * @returns milliseconds from the start, ascending
 * @throws ConfigError or InvalidInputError for what makes no arrivals
 */
export async function readArrivals(options: ArrivalOptions, random: Random): Promise<Float64Array> {
  const { trace, traceFormat } = options
  if (trace === undefined) return someOf(workloadArrivals(workloadOf(options), random))
  return Float64Array.from(await readTrace(trace, traceFormat), ({ arrivalMs }) => arrivalMs)
}

/** @throws ConfigError or InvalidInputError naming the file and what is wrong in it */
export async function readTrace(trace: string, format: TraceFormat): Promise<TracedRequest[]> {
  try {
    return parseTrace(await readText(trace), format)
  } catch (error) {
    throw error instanceof InvalidInputError
      ? new InvalidInputError(`${trace}: ${error.message}`, { cause: error })
      : error
  }
}

/** @throws ConfigError for a name or parameter that is not known */
function workloadOf({ workload, ratePerS, durationMs, parameters = {} }: ArrivalOptions): Workload {
  const known = PARAMETERS[workload] ?? {}
  const unknown = Object.keys(parameters).find((name) => !(name in known))
  if (unknown !== undefined) {
    const names = Object.keys(known)
    throw new ConfigError(
      `workload ${workload} has no parameter "${unknown}": ${names.length > 0 ? `it has ${names.join(', ')}` : 'it has none'}`,
    )
  }
  if (WINDOW_NAMES.includes(workload)) {
    return { kind: 'window', window: workload, ratePerS, durationMs }
  }
  return { kind: workload, ...known, ...parameters, ratePerS, durationMs } as Workload
}

function someOf(arrivalsMs: Float64Array): Float64Array {
  if (arrivalsMs.length > 0) return arrivalsMs
  throw new ConfigError('not one request comes: give a higher --rate or a longer --duration')
}
