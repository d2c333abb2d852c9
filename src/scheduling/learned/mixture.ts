/** Workloads to train on, drawn from several sources by weight: the usual mix, named workloads, and traces. */
import { ConfigError } from '../../errors.ts'
import type { Random } from '../../random.ts'
import { logUniform } from '../../simulation/workload/draws.ts'
import { WORKLOAD_NAMES, workloadNamed } from '../../simulation/workload/named.ts'
import { type NodeScale, unitRatePerS } from '../../simulation/workload/scenarios.ts'
import {
  drawTrainingWorkload,
  LOADS,
  type TrainingWorkload,
} from '../../simulation/workload/training-mix.ts'
import { workloadArrivals } from '../../simulation/workload/workload.ts'
import type { DrawWorkload } from './training-node.ts'

/** One source. */
export interface MixturePart {
  /** How often, relative to the others. */
  readonly weight: number
  readonly draw: DrawWorkload
}

/** Name of the usual mix, among workloads. */
export const USUAL_MIX = 'mix'
/** Of a named workload, of which a part is cut out. */
const LONGEST_MS = 60_000
const PARTS = 20

/** @throws ConfigError for weights that are not above 0 */
export function mixtureOf(parts: readonly MixturePart[]): DrawWorkload {
  const total = parts.reduce((sum, { weight }) => sum + weight, 0)
  const wrong = parts.find(({ weight }) => !(weight > 0 && weight < Infinity))
  if (wrong || parts.length === 0) {
    throw new ConfigError(`weight ${wrong?.weight ?? 'of nothing'} is not above 0`)
  }
  return (requests, random) => {
    let left = random.uniform() * total
    let chosen = 0
    while (chosen < parts.length - 1 && left >= parts[chosen].weight) {
      left -= parts[chosen].weight
      chosen += 1
    }
    return parts[chosen].draw(requests, random)
  }
}

/** @param name of the usual mix, or of a workload with its usual parameters, at loads as in that mix */
export function namedPart(name: string, scale: NodeScale): DrawWorkload {
  if (name === USUAL_MIX) return (requests, random) => drawTrainingWorkload(requests, scale, random)
  if (!WORKLOAD_NAMES.includes(name)) {
    throw new ConfigError(
      `no workload is named "${name}": choose one of ${[USUAL_MIX, ...WORKLOAD_NAMES].join(', ')}`,
    )
  }
  return (requests, random) => {
    const ratePerS = unitRatePerS(scale) * logUniform(...LOADS, random)
    const wantedMs = (1000 * requests) / ratePerS
    const durationMs = Math.max(wantedMs, Math.min(LONGEST_MS, PARTS * wantedMs))
    const workload = workloadNamed({ workload: name, ratePerS, durationMs })
    return cutOut(workloadArrivals(workload, random), requests, name, random)
  }
}

/** @param arrivalsMs of a recorded trace, ascending. @param name for its family */
export function tracePart(arrivalsMs: Float64Array, name: string): DrawWorkload {
  return (requests, random) => cutOut(arrivalsMs, requests, name, random)
}

/** So many requests in a row, from a random one on; all where there are fewer. */
function cutOut(
  arrivalsMs: Float64Array,
  requests: number,
  family: string,
  random: Random,
): TrainingWorkload {
  const spare = Math.max(0, arrivalsMs.length - requests)
  const first = random.integer(spare + 1)
  const part = arrivalsMs.slice(first, first + requests)
  const [startMs = 0] = part
  const durationMs = (part[part.length - 1] ?? startMs) - startMs
  const ratePerS = durationMs > 0 ? (1000 * part.length) / durationMs : 0
  return {
    arrivalsMs: part.map((arrivalMs) => arrivalMs - startMs),
    rates: [{ durationMs, ratePerS }],
    family,
  }
}
