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
import { REGIMES, regimeOf } from '../regimes.ts'
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
const LEADS: readonly number[] = [0, 2, 4]
const WORKLOADS = 32
/** To be worse than the rule counts so many times as much as to be better. */
const LOSS_WEIGHT = 3
/** Points that the network may lose against the rule, on the mean of any family of workloads. */
const MOST_LOSS_POINTS = 0.1

/** Of the trainer. */
type LeadOptions = Pick<TrainingOptions, 'draw' | 'rateKnowledge'> &
  Required<Pick<TrainingOptions, 'requests' | 'violationPrice'>>

/** A workload, and what the rule makes of it. */
interface Trial {
  readonly workload: TrainingWorkload
  readonly random: Random
  readonly ruleWorth: number
  /** Which regimes occur. Shape [regimes] */
  readonly occurs: readonly boolean[]
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
  let gains: readonly number[] = trials.map(() => 0)
  for (const regime of REGIMES.keys()) {
    const [leadsBefore, gainsBefore] = [leads, gains]
    for (const lead of LEADS) {
      const tried = leadsBefore.map((own, index) => (index === regime ? lead : own))
      const policy = new NetworkPolicy({ ...network, leads: tried })
      const own = trials.map((trial, index) => {
        // Elsewhere nothing changes.
        if (!trial.occurs[regime]) return gainsBefore[index]
        return worthOf(policy, node, options, trial) - trial.ruleWorth
      })
      if (scoreOf(own, trials) <= scoreOf(gains, trials)) continue
      gains = own
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
    const occurs = REGIMES.map(() => false)
    const rule = anticipatingFit()
    const noting: SchedulingPolicy = {
      ...rule,
      decide(observation) {
        occurs[regimeOf(observation)] = true
        return rule.decide(observation)
      },
    }
    const ruleWorth = worthOf(noting, node, options, { workload, random: of })
    trials.push({ workload, random: of, ruleWorth, occurs })
  }
  return trials
}

/** Mean gain, losses counting more; −∞ where a family loses more than it may. */
function scoreOf(gains: readonly number[], trials: readonly Trial[]): number {
  const families = new Map<string, number[]>()
  let score = 0
  for (const [index, { workload }] of trials.entries()) {
    const gain = gains[index]
    families.set(workload.family, [...(families.get(workload.family) ?? []), gain])
    score += (gain < 0 ? LOSS_WEIGHT * gain : gain) / trials.length
  }
  for (const own of families.values()) {
    const mean = own.reduce((sum, gain) => sum + gain, 0) / own.length
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
