/** What every action would have been worth in each decision of a trace, had all arrivals been known. */
import type { Random } from '../random.ts'
import type { Action } from '../scheduling/action.ts'
import { Hindsight } from '../scheduling/hindsight.ts'
import type { Observation } from '../scheduling/observation.ts'
import { FORBIDDEN, type NetworkPolicy } from '../scheduling/policy/network.ts'
import { uniformFitDrop } from '../scheduling/policy/uniform-fit.ts'
import { requestsOf, ServingNode } from '../simulation/serving-node/serving-node.ts'
import type { TrainingNode } from './training-node.ts'

/** Share of actions drawn at random, so that what good policies avoid is learned too. */
const RANDOM_SHARE = 0.1
/** Lowest advantage: how much worse than this an action is does not matter. */
const LEAST_ADVANTAGE = -1.5

export interface LabelOptions {
  /** Follow uniform-fit in place of the network. */
  readonly followRule: boolean
  /** See `HindsightProblem`. */
  readonly violationPrice: number
}

/**
 * Lets the policy decide on a trace.
 * @param label called after each decision the policy has seen, with the state of its recurrent units before, and with the
 *   advantage of each action in answers of the most accurate variant: at most 0 (best), 0 too for those not allowed
 */
export function labelTrace(
  arrivalsMs: Float64Array,
  node: TrainingNode,
  policy: NetworkPolicy,
  { followRule, violationPrice }: LabelOptions,
  random: Random,
  label: (state: Float64Array, advantages: Float64Array) => void,
): void {
  const requests = requestsOf(arrivalsMs, node.deadlineMs)
  const simulated = new ServingNode({ ...node, requests, random: random.fork('service') })
  const teacher = new Teacher(arrivalsMs, node, violationPrice)
  const rule = uniformFitDrop()
  const state = policy.state.slice()
  policy.restore(undefined)
  for (let seen = simulated.next(); seen; seen = simulated.next()) {
    state.set(policy.state)
    let action = policy.decide(seen)
    label(state, teacher.advantages(seen, policy.offsets))
    if (random.uniform() < RANDOM_SHARE) action = anyAllowed(seen, policy.offsets, random)
    else if (followRule) action = rule.decide(seen)
    teacher.acted(seen, action)
    simulated.act(action)
  }
}

function anyAllowed(seen: Observation, offsets: Float64Array, random: Random): Action {
  const allowed = seen.actions.all.filter(({ index }) => isAllowed(offsets, index))
  return allowed[random.integer(allowed.length)] as Action
}

function isAllowed(offsets: Float64Array, index: number): boolean {
  return (offsets[index] as number) > FORBIDDEN / 2
}

/** Knows the whole trace of one worker, and follows which requests are settled. */
class Teacher {
  private readonly arrivalsMs: Float64Array
  private readonly node: TrainingNode
  private readonly hindsight: Hindsight
  private readonly violationCost: number
  private readonly mostAccurate: number
  private readonly values: Float64Array
  /** The first request that is not settled. */
  private head = 0

  constructor(arrivalsMs: Float64Array, node: TrainingNode, violationPrice: number) {
    const { ladder, deadlineMs } = node
    this.arrivalsMs = arrivalsMs
    this.node = node
    this.hindsight = new Hindsight({ arrivalsMs, ladder, deadlineMs, violationPrice })
    this.mostAccurate = ladder.variants.at(-1)?.accuracyPercent as number
    this.violationCost = violationPrice * this.mostAccurate
    this.values = new Float64Array(ladder.variants.length * ladder.batchSizes.length + 2)
  }

  /** Reused for the next call. Shape [actions] */
  advantages(seen: Observation, offsets: Float64Array): Float64Array {
    const { values } = this
    this.skipExpired(seen)
    let best = Number.NEGATIVE_INFINITY
    for (const action of seen.actions.all) {
      if (!isAllowed(offsets, action.index)) continue
      const value = this.worth(seen, action)
      values[action.index] = value
      best = Math.max(best, value)
    }
    for (let i = 0; i < values.length; i++) {
      const advantage = ((values[i] as number) - best) / this.mostAccurate
      values[i] = isAllowed(offsets, i) ? Math.max(LEAST_ADVANTAGE, advantage) : 0
    }
    return values
  }

  acted({ times }: Observation, action: Action): void {
    this.head += action.kind === 'serve' ? times.batchSize(action.batch) : 1
  }

  /** Those that expired or were refused have an earlier deadline than the first that waits. */
  private skipExpired({ nowMs, slackMs }: Observation): void {
    const { arrivalsMs, node } = this
    const slackOf = (request: number) => (arrivalsMs[request] as number) + node.deadlineMs - nowMs
    while (slackOf(this.head) < (slackMs[0] as number)) this.head += 1
  }

  /** Of its own requests and of all behind, in percent of accuracy. */
  private worth({ nowMs, times }: Observation, action: Action): number {
    const { hindsight, head } = this
    if (action.kind !== 'serve') return hindsight.value(head + 1, nowMs) - this.violationCost
    const { accuracyPercent, serviceTimesMs } = this.node.ladder.variants[action.variant] as {
      accuracyPercent: number
      serviceTimesMs: readonly number[]
    }
    const size = times.batchSize(action.batch)
    const freeAtMs = nowMs + (serviceTimesMs[action.batch] as number)
    return size * accuracyPercent + hindsight.value(head + size, freeAtMs)
  }
}
