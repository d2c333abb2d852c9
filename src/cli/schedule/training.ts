/** The trainers of scheduling policies, by name. */
import { Random } from '../../random.ts'
import type { LearnedNetwork } from '../../scheduling/network/learned-network.ts'
import { trainByHindsight, trainByRollOuts } from '../../training/advantage-training.ts'
import { trainByPolicyOptimisation } from '../../training/policy-optimisation.ts'
import { runTraining } from '../../training/run-training.ts'
import type { TrainingNode, TrainingProgress } from '../../training/training-node.ts'

export const TRAINERS = ['hindsight', 'roll-outs', 'policy-optimisation'] as const
export type Trainer = (typeof TRAINERS)[number]

export interface TrainingSettings {
  readonly trainer: Trainer
  /** Of the workloads learned from, and everything else random. */
  readonly seed: number
  /** Observations that the network sees at once. */
  readonly frames?: number
  /** Recurrent units. */
  readonly recurrent?: number
  /** Default: the trainer's. */
  readonly rounds?: number
}

interface TrainingOptions {
  readonly signal: AbortSignal
  readonly onProgress: (progress: TrainingProgress) => void
}

/** @throws what the trainer throws; the signal's reason once it is aborted */
export async function trainPolicy(
  node: TrainingNode,
  { trainer, seed, rounds, ...network }: TrainingSettings,
  options: TrainingOptions,
): Promise<LearnedNetwork> {
  const random = new Random(seed).fork('training')
  const { ladder } = node
  if (trainer === 'policy-optimisation') {
    const given = { ...network, ...(rounds && { iterations: rounds }) }
    const learned = await runTraining(trainByPolicyOptimisation(node, random, given), options)
    return { ...learned, ladder }
  }
  const train = trainer === 'hindsight' ? trainByHindsight : trainByRollOuts
  const given = { ...network, ...(rounds && { rounds }) }
  return { ...(await runTraining(train(node, random, given), options)), ladder }
}
