/**
 * How much better than the rule's choice the network must find another, for every regime of the load: extra leads for the prior,
 * settled after training on workloads of their own. What a network has not learned well it then leaves to the rule, and what
 * it has learned of bursts costs nothing where it is calm.
 */
import type { Random } from '../../random.ts'
import { requestsOf, ServingNode } from '../../simulation/node/serving-node.ts'
import type { TrainingWorkload } from '../../simulation/workload/training-mix.ts'
import { anticipatingFit } from '../policies/anticipating-fit.ts'
import { NetworkPolicy } from '../policies/network.ts'
import { REGIMES } from '../regimes.ts'
import type { SchedulingPolicy } from '../scheduling-policy.ts'
import type { LearnedNetwork } from './network/learned-network.ts'
import {
  knowledgeOf,
  largestVariant,
  type TrainingNode,
  type TrainingOptions,
  workloadsOf,
} from './training-node.ts'

/** Leaves every decision to the rule. */
const WHOLE_LEAD = 1000
/** Added to the prior's logit; the whole one where none of them will do. */
const LEADS: readonly number[] = [0, 1, 2, 4]
const WORKLOADS = 24
/** To be worse than the rule counts so many times as much as to be better. */
const LOSS_WEIGHT = 3
/** Points that the network may lose against the rule, on the mean of any family of workloads. */
const MOST_LOSS_POINTS = 0.05

/** Of the trainer. */
type LeadOptions = Pick<TrainingOptions, 'draw' | 'rateKnowledge'> &
  Required<Pick<TrainingOptions, 'requests' | 'violationPrice'>>

/** A workload, and what the rule makes of it. */
interface Trial {
  readonly workload: TrainingWorkload
  readonly random: Random
  readonly ruleWorth: number
}

/** Whether no lead but the whole one was good enough in any regime: then nothing was learned. */
export function isLeftToRule({ leads = [] }: LearnedNetwork): boolean {
  return leads.length > 0 && leads.every((lead) => lead >= WHOLE_LEAD)
}

/**
 * One regime after the other gets the lead of the highest score, the mean gain over the rule with losses counting more, among
 * those with which no family of workloads loses.
 * @param options requests: of one workload, for each worker
 */
export function settleLead(
  network: LearnedNetwork,
  node: TrainingNode,
  options: LeadOptions,
  random: Random,
): LearnedNetwork {
  const trials = trialsOf(node, options, random)
  let leads: readonly number[] = REGIMES.map(() => WHOLE_LEAD)
  let best = 0
  for (const regime of REGIMES.keys()) {
    const before = leads
    for (const lead of LEADS) {
      const tried = before.map((own, index) => (index === regime ? lead : own))
      const score = scoreOf({ ...network, leads: tried }, node, options, trials)
      if (score <= best) continue
      best = score
      leads = tried
    }
  }
  return { ...network, leads }
}

function trialsOf(node: TrainingNode, options: LeadOptions, random: Random): Trial[] {
  const draw = workloadsOf(node, options.draw)
  const trials: Trial[] = []
  for (let index = 0; index < WORKLOADS; index++) {
    const of = random.fork(`workload ${index}`)
    const workload = draw(options.requests * node.workers, of)
    if (workload.arrivalsMs.length === 0) continue
    const ruleWorth = worthOf(anticipatingFit(), node, options, { workload, random: of })
    trials.push({ workload, random: of, ruleWorth })
  }
  return trials
}

/** @returns −∞ where a family loses more than it may */
function scoreOf(
  network: LearnedNetwork,
  node: TrainingNode,
  options: LeadOptions,
  trials: readonly Trial[],
): number {
  const families = new Map<string, number[]>()
  let score = 0
  for (const trial of trials) {
    const gain = worthOf(new NetworkPolicy(network), node, options, trial) - trial.ruleWorth
    const { family } = trial.workload
    families.set(family, [...(families.get(family) ?? []), gain])
    score += (gain < 0 ? LOSS_WEIGHT * gain : gain) / trials.length
  }
  for (const gains of families.values()) {
    const mean = gains.reduce((sum, gain) => sum + gain, 0) / gains.length
    if (mean < -MOST_LOSS_POINTS) return -Infinity
  }
  return score
}

/** Effective accuracy, less the price of violations. */
function worthOf(
  policy: SchedulingPolicy,
  node: TrainingNode,
  { violationPrice, rateKnowledge }: LeadOptions,
  { workload, random }: Pick<Trial, 'workload' | 'random'>,
): number {
  const simulated = new ServingNode({
    ...node,
    requests: requestsOf(workload.arrivalsMs, node.deadlineMs),
    random: random.fork('service'),
    ...knowledgeOf(workload, rateKnowledge),
  })
  const { effectiveAccuracyPercent, violationPercent } = simulated.run(policy)
  const mostAccurate = largestVariant(node).accuracyPercent
  return effectiveAccuracyPercent - (violationPrice * mostAccurate * violationPercent) / 100
}
