/** The node that a policy is trained for, and what all trainers take. */
import { ConfigError } from '../../errors.ts'
import type { Random } from '../../random.ts'
import type { RateKnowledge } from '../../simulation/node/serving-node.ts'
import type { NodeScale } from '../../simulation/workload/scenarios.ts'
import {
  drawTrainingWorkload,
  type TrainingWorkload,
} from '../../simulation/workload/training-mix.ts'
import { trueRate } from '../../simulation/workload/true-rate.ts'
import type { Ladder, LadderVariant } from '../ladder.ts'
import { RATE_WINDOWS } from '../observation.ts'
import type { LearnedNetwork } from './network/learned-network.ts'

/** A policy trained for one serves no other. */
export interface TrainingNode {
  readonly ladder: Ladder
  readonly workers: number
  /** Of every request, relative to its arrival. */
  readonly deadlineMs: number
  /** Load 1 ÷ what the workers sustain with the largest variant and no batching; see `NodeScale`. Default: 1. */
  readonly loadFactor?: number
}

/** What is free to choose of a network. */
export interface NetworkDesign {
  /** Feature vectors seen at once. */
  readonly frames: number
  /** Recurrent units. */
  readonly recurrent: number
  /** Units of each of two layers. */
  readonly hidden: number
}

/** Draws one workload of about so many requests. */
export type DrawWorkload = (requests: number, random: Random) => TrainingWorkload

/** What all trainers take. */
export interface TrainingOptions extends Partial<NetworkDesign> {
  readonly rounds?: number
  /** What a violation costs beyond its lost accuracy, in answers of the most accurate variant. Default: 0. */
  readonly violationPrice?: number
  /** What the policy may know of the arrival rate. Default: averages of what came. */
  readonly rateKnowledge?: 'none' | 'true'
  /** Requests of one workload. */
  readonly requests?: number
  /** Draws the workloads. Default: from the training mix. */
  readonly draw?: DrawWorkload
  /** Of the same shape, to go on from. Default: random parameters. */
  readonly from?: LearnedNetwork
}

/** What training tells after each round; stop asking it and it stops. */
export interface TrainingProgress {
  readonly round: number
  readonly rounds: number
  /** Decisions learned from so far. */
  readonly decisions: number
  /** Of the last steps: mean objective that training raises; its unit is the trainer's. */
  readonly objective: number
}

/** Yields after each round and returns the network. */
export type Training = Generator<TrainingProgress, LearnedNetwork>

/** The most accurate variant. */
export function largestVariant({ ladder: { variants } }: TrainingNode): LadderVariant {
  return variants[variants.length - 1]
}

/** A network for the node, but for what it learns. */
export function designFor(
  { ladder, workers, deadlineMs }: TrainingNode,
  { frames, recurrent, hidden }: NetworkDesign,
) {
  const [variants, batches] = [ladder.variants.length, ladder.batchSizes.length]
  const node = { variants, batches, workers, windows: RATE_WINDOWS.length }
  return { node, ladder, deadlineMs, frames, recurrent, hidden }
}

/** Decisions of one sequence: those that recurrent units learn to remember across. */
export function stepsOf({ recurrent }: NetworkDesign): number {
  return recurrent > 0 ? 16 : 1
}

/** What load 1 is for the node. */
export function scaleOf(node: TrainingNode): NodeScale {
  const { workers, loadFactor = 1 } = node
  const [largestMs] = largestVariant(node).serviceTimesMs
  return { workers, loadFactor, largestMs }
}

/** Draws workloads for the node. */
export function workloadsOf(node: TrainingNode, draw?: DrawWorkload): DrawWorkload {
  const scale = scaleOf(node)
  return draw ?? ((requests, random) => drawTrainingWorkload(requests, scale, random))
}

/**
 * Parameters to go on from.
 * @throws ConfigError naming what differs between the network and what is to be trained
 */
export function parametersFrom(
  from: LearnedNetwork,
  design: ReturnType<typeof designFor>,
): Float32Array {
  const { node, frames, recurrent, hidden } = design
  for (const [name, wanted] of Object.entries({ ...node, frames, recurrent, hidden })) {
    const has = { ...from.node, ...from }[name as keyof LearnedNetwork | keyof typeof node]
    if (has === wanted) continue
    throw new ConfigError(
      `the policy to go on from has ${has} ${name}, this training ${wanted}: give the same, or begin anew`,
    )
  }
  return Float32Array.from(from.parameters)
}

/** What a simulated node knows of the workload's arrival rate. */
export function knowledgeOf(
  { rates }: TrainingWorkload,
  known: TrainingOptions['rateKnowledge'],
): { readonly rateKnowledge?: RateKnowledge } {
  if (known === undefined) return {}
  return { rateKnowledge: known === 'true' ? trueRate(rates) : known }
}
