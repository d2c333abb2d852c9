/** What `schedule train` learns from, as flags state it. */
import { ConfigError } from '../../errors.ts'
import {
  type MixturePart,
  mixtureOf,
  namedPart,
  tracePart,
} from '../../scheduling/learned/mixture.ts'
import {
  type DrawWorkload,
  scaleOf,
  type TrainingNode,
} from '../../scheduling/learned/training-node.ts'
import type { TraceFormat } from '../../simulation/workload/trace-file.ts'
import { readTrace } from './arrivals.ts'

/** A name or a file, and how often it is drawn. */
export interface Weighted {
  readonly name: string
  readonly weight: number
}

/** Commander's parser of `name` and `name=weight`; the option may be repeated. */
export function parseWeighted(text: string, before: readonly Weighted[] = []): Weighted[] {
  const [, name = text, weight = '1'] = /^(.*)=([^=]*)$/.exec(text) ?? []
  return [...before, { name, weight: Number(weight) }]
}

/** What there is to learn from; nothing of both: the usual mix. */
export interface TrainingSources {
  readonly workload?: readonly Weighted[]
  readonly trace?: readonly Weighted[]
  readonly traceFormat: TraceFormat
}

/** @throws ConfigError for an unknown workload, an unusable weight, or a trace that cannot be read */
export async function trainingDraw(
  { workload = [], trace = [], traceFormat }: TrainingSources,
  node: TrainingNode,
): Promise<DrawWorkload | undefined> {
  if (workload.length + trace.length === 0) return undefined
  const scale = scaleOf(node)
  const parts: MixturePart[] = workload.map(({ name, weight }) => {
    return { weight, draw: namedPart(name, scale) }
  })
  for (const { name, weight } of trace) {
    const arrivalsMs = Float64Array.from(
      await readTrace(name, traceFormat),
      ({ arrivalMs }) => arrivalMs,
    )
    if (arrivalsMs.length < LEAST_ARRIVALS) {
      throw new ConfigError(
        `${name} has ${arrivalsMs.length} arrivals: give ${LEAST_ARRIVALS} or more to learn from`,
      )
    }
    parts.push({ weight, draw: tracePart(arrivalsMs, name) })
  }
  return mixtureOf(parts)
}

const LEAST_ARRIVALS = 100
