/** When requests come: a trace from a file, or a workload by name. */
import { ConfigError } from '../../errors.ts'
import type { Random } from '../../random.ts'
import {
  type NamedWorkload,
  WORKLOAD_PARAMETERS,
  workloadNamed,
} from '../../simulation/workload/named.ts'
import {
  parseTrace,
  type TracedRequest,
  type TraceFormat,
} from '../../simulation/workload/trace-file.ts'
import { workloadArrivals } from '../../simulation/workload/workload.ts'
import { readText, using } from '../../yaml.ts'

/** A workload, or the trace in its place. */
export interface ArrivalOptions extends NamedWorkload {
  readonly trace?: string
  readonly traceFormat: TraceFormat
}

/** One line for each workload that takes parameters, with what they are by default. */
export function describeParameters(): string {
  return Object.entries(WORKLOAD_PARAMETERS)
    .filter(([, parameters]) => Object.keys(parameters).length > 0)
    .map(([name, parameters]) => {
      const listed = Object.entries(parameters).map(([key, value]) => `${key}=${value}`)
      return `  ${name.padEnd(8)} ${listed.join(' ')}`
    })
    .join('\n')
}

/**
 * @returns milliseconds from the start, ascending
 * @throws ConfigError for what makes no arrivals
 */
export async function readArrivals(options: ArrivalOptions, random: Random): Promise<Float64Array> {
  const { trace, traceFormat } = options
  if (trace !== undefined) {
    return Float64Array.from(await readTrace(trace, traceFormat), ({ arrivalMs }) => arrivalMs)
  }
  const arrivalsMs = workloadArrivals(workloadNamed(options), random)
  if (arrivalsMs.length > 0) return arrivalsMs
  throw new ConfigError('not one request comes: give a higher --rate or a longer --duration')
}

/** @throws ConfigError naming the file and what is wrong in it */
export async function readTrace(trace: string, format: TraceFormat): Promise<TracedRequest[]> {
  const text = await readText(trace)
  return using(trace, () => parseTrace(text, format))
}
