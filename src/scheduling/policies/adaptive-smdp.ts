import { ConfigError } from '../../errors.ts'
import type { Action } from '../action.ts'
import type { Observation } from '../observation.ts'
import { type SchedulingPolicy, stateless } from '../scheduling-policy.ts'
import { type ScheduleProblem, ValueIteration } from '../value-iteration.ts'
import { queueFits, serveAtMost } from './queue-fit.ts'

/** Of the load that the workers sustain with the largest variant. */
const LOADS = { lowest: 0.1, highest: 14, count: 14 }
/** Index of the averaging window of the arrival rate: eight services of the largest variant. */
const RATE_WINDOW = 1

/** All action values, as plain data. */
export interface SmdpTable {
  readonly deadlineMs: number
  readonly queueStates: number
  readonly slackStates: number
  readonly variants: number
  /** Evenly spaced on a logarithmic scale. Shape [rates]. */
  readonly ratesPerS: readonly number[]
  /** Shape [rates, queueStates, slackStates, variants]. */
  readonly actionValues: Float32Array
}

/** The problem, and how finely it is solved. */
export interface SmdpOptions extends Omit<ScheduleProblem, 'queueStates' | 'slackStates'> {
  readonly queueStates?: number
  readonly slackStates?: number
  readonly rates?: number
}

/**
 * Takes seconds.
 * @throws ConfigError for a ladder with batches
 */
export function solveSmdp(options: SmdpOptions): SmdpTable {
  const { times, workers, deadlineMs, rates = LOADS.count } = options
  if (times.batches > 1) {
    throw new ConfigError(
      'the decision process is solved without batches: give batch sizes [1], a node --max-batch 1',
    )
  }
  const { queueStates = 64, slackStates = 40 } = options
  const { variants } = times
  const iteration = new ValueIteration({ ...options, queueStates, slackStates })
  const unitPerMs = workers / times.profiledMs(variants - 1, 0)
  const growth = (LOADS.highest / LOADS.lowest) ** (1 / (rates - 1))
  const ratesPerS: number[] = []
  const size = queueStates * slackStates * variants
  const actionValues = new Float32Array(rates * size)
  for (let rate = 0; rate < rates; rate++) {
    const ratePerMs = unitPerMs * LOADS.lowest * growth ** rate
    ratesPerS.push(1000 * ratePerMs)
    actionValues.set(iteration.solve(ratePerMs), rate * size)
  }
  return { deadlineMs, queueStates, slackStates, variants, ratesPerS, actionValues }
}

/** Of `adaptiveSmdp`. */
export interface AdaptiveSmdpOptions {
  readonly table: SmdpTable
  readonly guard: boolean
  /** Rate to look up. Default: the average of the last moments. */
  readonly ratePerS?: (observation: Observation) => number
}

/**
 * A table of the solved decision process for every load, looked up by the arrival rate of the moment: like RAMSIS (Mendoza
 * et al., EuroSys 2024), which knows the mean rate, but with an online estimate. The guard takes a smaller variant where
 * the whole queue would be late, because arrivals more violent than Poisson break what the table assumes.
 */
export function adaptiveSmdp({
  table,
  guard,
  ratePerS = ({ arrivalRatesPerS }) => arrivalRatesPerS[RATE_WINDOW],
}: AdaptiveSmdpOptions): SchedulingPolicy {
  return stateless(guard ? 'adaptive-smdp' : 'adaptive-smdp-unguarded', (observation): Action => {
    let variant = bestVariant(table, observation, ratePerS(observation))
    while (guard && variant > 0 && !queueFits(observation, variant, variant - 1)) variant--
    return serveAtMost(observation, variant)
  })
}

function bestVariant(table: SmdpTable, observation: Observation, ratePerS: number): number {
  const { queueStates, slackStates, variants, ratesPerS, deadlineMs, actionValues } = table
  const lowestRate = ratesPerS[0]
  const growth = ratesPerS[1] / lowestRate
  const ratePosition = clamp(Math.log(ratePerS / lowestRate) / Math.log(growth), ratesPerS.length)
  const slackShare = observation.slackMs[0] / deadlineMs
  const slackPosition = clamp(slackShare * (slackStates - 1), slackStates)
  const queued = Math.min(queueStates, observation.queued) - 1
  const rateLow = Math.floor(ratePosition)
  const slackLow = Math.floor(slackPosition)
  const rateShare = ratePosition - rateLow
  const share = slackPosition - slackLow
  const at = ((rateLow * queueStates + queued) * slackStates + slackLow) * variants
  const nextRate = queueStates * slackStates * variants
  let best = 0
  let bestValue = -Infinity
  for (let variant = 0; variant < variants; variant++) {
    const low = mix(actionValues, at + variant, variants, share)
    const high = mix(actionValues, at + variant + nextRate, variants, share)
    const value = (1 - rateShare) * low + rateShare * high
    if (value <= bestValue) continue
    best = variant
    bestValue = value
  }
  return best
}

/** Keeps a position off the last point, so that there is a next one to interpolate to. */
function clamp(position: number, points: number): number {
  return Math.min(points - 1 - 1e-9, Math.max(0, position))
}

/** Between a value and the one `stride` further. */
function mix(values: Float32Array, at: number, stride: number, share: number): number {
  const low = values[at]
  return share === 0 ? low : (1 - share) * low + share * values[at + stride]
}
