/** Every trainer of scheduling policies, by name. */
import { ConfigError } from '../errors.ts'
import type { Random } from '../random.ts'
import type { LearnedNetwork } from '../scheduling/network/learned-network.ts'
import type { NetworkDesign } from './advantage-learner.ts'
import { trainByHindsight, trainByRollOuts } from './advantage-training.ts'
import { trainByPolicyOptimisation } from './policy-optimisation.ts'
import type { TrainingNode, TrainingProgress } from './training-node.ts'

export interface TrainingOptions extends Partial<NetworkDesign> {
  /** What a violation costs beyond its lost accuracy, in answers of the most accurate variant. Default: 0. */
  readonly violationPrice?: number
}

const TRAINERS: Readonly<
  Record<
    string,
    (
      node: TrainingNode,
      random: Random,
      options: TrainingOptions,
    ) => Generator<TrainingProgress, LearnedNetwork>
  >
> = {
  hindsight: trainByHindsight,
  'roll-outs': trainByRollOuts,
  'policy-optimisation': trainByPolicyOptimisation,
}

export const TRAINER_NAMES: readonly string[] = Object.keys(TRAINERS)

/** Hindsight is exact for one worker; with batches it expects too much of knowing who comes next. */
export function defaultTrainer({ workers, ladder }: TrainingNode): string {
  return workers === 1 && ladder.batchSizes.length === 1 ? 'hindsight' : 'roll-outs'
}

/**
 * @returns a generator that yields after every round and returns the network; see `runTraining`
 * @throws ConfigError for a name that is not known, and for hindsight with several workers
 */
export function createTraining(
  name: string,
  node: TrainingNode,
  random: Random,
  options: TrainingOptions = {},
): Generator<TrainingProgress, LearnedNetwork> {
  const train = TRAINERS[name]
  if (train) return train(node, random, options)
  throw new ConfigError(`no trainer is named "${name}": choose one of ${TRAINER_NAMES.join(', ')}`)
}
