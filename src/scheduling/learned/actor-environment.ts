/** One simulated node after another, for a policy that acts at random by its own probabilities and is told its rewards. */
import type { Random } from '../../random.ts'
import { requestsOf, ServingNode, type Settled } from '../../simulation/node/serving-node.ts'
import type { TrainingWorkload } from '../../simulation/workload/training-mix.ts'
import type { Action } from '../action.ts'
import type { Observation } from '../observation.ts'
import type { NetworkPolicy } from '../policies/network.ts'
import { type Rewards, regretRewards } from '../reward.ts'
import { knowledgeOf, type TrainingNode, type TrainingOptions } from './training-node.ts'

/** What came of an action until the next decision. */
export interface EpisodeStep {
  /** Sum over the requests settled until the next decision; see `regretRewards`. */
  reward: number
  /** The requests settled until then: the clock of the discount. */
  settled: number
  /** Whether the workload is over. */
  ended: boolean
}

/** See `regretRewards` for the price. */
type ActorOptions = Pick<TrainingOptions, 'violationPrice' | 'rateKnowledge'>

/** Ask `seen`, answer by `act`, without end. */
export class ActorEnvironment {
  /** What to decide on; valid until `act`. */
  seen: Observation
  private readonly node: TrainingNode
  private readonly rewards: Rewards
  private readonly rateKnowledge: ActorOptions['rateKnowledge']
  private readonly draw: () => TrainingWorkload
  private readonly random: Random
  private simulated: ServingNode
  private outcome: EpisodeStep = { reward: 0, settled: 0, ended: false }

  /** @param draw the next workload */
  constructor(
    node: TrainingNode,
    { violationPrice, rateKnowledge }: ActorOptions,
    draw: () => TrainingWorkload,
    random: Random,
  ) {
    this.node = node
    this.rateKnowledge = rateKnowledge
    this.rewards = regretRewards(node.ladder, violationPrice)
    this.draw = draw
    this.random = random
    ;({ simulated: this.simulated, seen: this.seen } = this.open())
  }

  /** Goes on to the next decision, of a new workload when this one is over. */
  act(action: Action): EpisodeStep {
    this.outcome = { reward: 0, settled: 0, ended: false }
    this.simulated.act(action)
    const next = this.simulated.next()
    const { outcome } = this
    if (next === undefined) {
      outcome.ended = true
      ;({ simulated: this.simulated, seen: this.seen } = this.open())
    } else this.seen = next
    return outcome
  }

  /** A workload anew, at its first decision; one without any is passed over. */
  private open(): { simulated: ServingNode; seen: Observation } {
    const { node, random, rateKnowledge } = this
    const workload = this.draw()
    const requests = requestsOf(workload.arrivalsMs, node.deadlineMs)
    const onSettled = (settled: Settled) => this.settle(settled)
    const knowledge = knowledgeOf(workload, rateKnowledge)
    const simulated = new ServingNode({ ...node, ...knowledge, requests, random, onSettled })
    const seen = simulated.next()
    return seen === undefined ? this.open() : { simulated, seen }
  }

  private settle({ request, variant, atMs }: Settled): void {
    const isOnTime = variant !== undefined && atMs <= request.deadlineMs
    this.outcome.settled += 1
    this.outcome.reward += isOnTime ? this.rewards.onTime[variant] : this.rewards.violation
  }
}

/** Draws an action by the policy's probabilities. */
export function sample(
  policy: NetworkPolicy,
  seen: Observation,
  random: Random,
): { readonly action: Action; readonly logProbability: number } {
  const logits = policy.see(seen)
  const { offsets } = policy
  let largest = -Infinity
  for (let i = 0; i < offsets.length; i++) {
    largest = Math.max(largest, logits[i] + offsets[i])
  }
  const scoreOf = (i: number) => logits[i] + offsets[i] - largest
  let total = 0
  for (let i = 0; i < offsets.length; i++) total += Math.exp(scoreOf(i))
  let left = random.uniform() * total
  let index = -1
  for (let i = 0; i < offsets.length && left >= 0; i++) {
    const share = Math.exp(scoreOf(i))
    if (share === 0) continue
    left -= share
    index = i
  }
  const action = seen.actions.all[index]
  return { action, logProbability: scoreOf(index) - Math.log(total) }
}
