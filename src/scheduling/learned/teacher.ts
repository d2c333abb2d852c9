/** A teacher knows more than a policy can see: what each action is worth. It tells it for the decisions of simulated nodes. */
import type { Random } from '../../random.ts'
import { type RateKnowledge, requestsOf, ServingNode } from '../../simulation/node/serving-node.ts'
import type { Action } from '../action.ts'
import type { Observation } from '../observation.ts'
import { anticipatingFit } from '../policies/anticipating-fit.ts'
import { FORBIDDEN, type NetworkPolicy } from '../policies/network.ts'
import { largestVariant, type TrainingNode } from './training-node.ts'

/** Of one workload. */
export interface Teacher {
  /**
   * What an action is worth together with all that follows, in percent of accuracy; only differences count.
   * @param head the first request that waits, by its place in the trace
   */
  worth(seen: Observation, head: number, action: Action): number
}

/** Share of actions drawn at random, so that what good policies avoid is learned too. */
const RANDOM_SHARE = 0.1
/** Decisions less than this many deadlines before the last arrival are not labelled: it is no end that a node ever sees. */
const UNSEEN_DEADLINES = 4
/** Lowest advantage: how much worse than this an action is does not matter. */
const LEAST_ADVANTAGE = -1.5

/** Who decides, and what is labelled. */
export interface LabelOptions {
  /** Follow the rule in place of the network. */
  readonly followRule: boolean
  /** Of the decisions that are labelled. */
  readonly share: number
  /** See `ServingNodeOptions`. */
  readonly rateKnowledge?: RateKnowledge
  /** The teacher's, in answers of the most accurate variant. Default: 0. */
  readonly violationPrice?: number
}

/**
 * Lets the policy decide on a trace.
 * @param label called for the labelled decisions after the policy has seen them, with the state of its recurrent units before,
 *   and with the advantage of each action, 1 being what a violation costs at most: at most 0 (best), 0 too for those not
 *   allowed. Both arrays are reused
 */
export function labelTrace(
  arrivalsMs: Float64Array,
  node: TrainingNode,
  policy: NetworkPolicy,
  teacher: Teacher,
  { followRule, share, violationPrice = 0, ...knowledge }: LabelOptions,
  random: Random,
  label: (state: Float64Array, advantages: Float64Array) => void,
): void {
  const requests = requestsOf(arrivalsMs, node.deadlineMs)
  const simulated = new ServingNode({
    ...node,
    ...knowledge,
    requests,
    // It takes as long as profiled, and all slack is true: by the first one's `head` is found.
    recalibrate: false,
    random: random.fork('service'),
  })
  const rule = anticipatingFit()
  const state = policy.state.slice()
  const advantages = new Float64Array(policy.shape.actions)
  const unit = largestVariant(node).accuracyPercent * (1 + violationPrice)
  let head = 0
  const endMs = arrivalsMs[arrivalsMs.length - 1] - UNSEEN_DEADLINES * node.deadlineMs
  policy.restore(undefined)
  for (let seen = simulated.next(); seen; seen = simulated.next()) {
    // Those that expired or were refused have an earlier deadline than the first that waits.
    const slackMs = seen.slackMs[0]
    while (requests[head]?.deadlineMs - seen.nowMs < slackMs) head += 1
    state.set(policy.state)
    let action = policy.decide(seen)
    if (random.uniform() < share && seen.nowMs < endMs) {
      fillAdvantages(seen, head, policy.offsets, unit, teacher, advantages)
      label(state, advantages)
    }
    if (random.uniform() < RANDOM_SHARE) action = anyAllowed(seen, policy.offsets, random)
    else if (followRule) action = rule.decide(seen)
    head += action.kind === 'serve' ? seen.times.batchSize(action.batch) : 1
    simulated.act(action)
  }
}

function fillAdvantages(
  seen: Observation,
  head: number,
  offsets: Float64Array,
  unit: number,
  teacher: Teacher,
  advantages: Float64Array,
): void {
  let best = -Infinity
  for (const action of seen.actions.all) {
    if (!isAllowed(offsets, action.index)) continue
    const worth = teacher.worth(seen, head, action)
    advantages[action.index] = worth
    best = Math.max(best, worth)
  }
  for (let i = 0; i < advantages.length; i++) {
    const advantage = (advantages[i] - best) / unit
    advantages[i] = isAllowed(offsets, i) ? Math.max(LEAST_ADVANTAGE, advantage) : 0
  }
}

function anyAllowed(seen: Observation, offsets: Float64Array, random: Random): Action {
  const allowed = seen.actions.all.filter(({ index }) => isAllowed(offsets, index))
  return allowed[random.integer(allowed.length)]
}

function isAllowed(offsets: Float64Array, index: number): boolean {
  return offsets[index] > FORBIDDEN / 2
}
