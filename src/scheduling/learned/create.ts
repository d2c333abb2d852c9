/** Every trainer of scheduling policies, by name. */
import type { Random } from '../../random.ts'
import { trainByHindsight, trainByRollOuts } from './advantage-training.ts'
import { trainByPolicyOptimisation } from './policy-optimisation.ts'
import type { Training, TrainingNode, TrainingOptions } from './training-node.ts'

const TRAINERS = {
  hindsight: trainByHindsight,
  'roll-outs': trainByRollOuts,
  'policy-optimisation': trainByPolicyOptimisation,
} as const

/** As a user writes it. */
export type TrainerName = keyof typeof TRAINERS
/** All of them. */
export const TRAINER_NAMES = Object.keys(TRAINERS) as readonly TrainerName[]

/** Hindsight is exact for one worker, and as good as roll-outs with batches. */
export function defaultTrainer({ workers }: TrainingNode): TrainerName {
  return workers === 1 ? 'hindsight' : 'roll-outs'
}

/**
 * @returns a generator that yields after every round and returns the network; see `runTraining`
 * @throws ConfigError for hindsight with several workers
 */
export function createTraining(
  name: TrainerName,
  node: TrainingNode,
  random: Random,
  options: TrainingOptions = {},
): Training {
  return TRAINERS[name](node, random, options)
}
