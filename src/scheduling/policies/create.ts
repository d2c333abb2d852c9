/** Every policy that needs no training, by name. */
import { ConfigError } from '../../errors.ts'
import { Random } from '../../random.ts'
import { type LoadLimitOptions, loadLimitsPerS } from '../load-limit.ts'
import type { SchedulingPolicy } from '../scheduling-policy.ts'
import { adaptiveSmdp, solveSmdp } from './adaptive-smdp.ts'
import { anticipatingFit } from './anticipating-fit.ts'
import { Jellyfish } from './jellyfish.ts'
import {
  edfLargestFeasible,
  edfQuickestFirst,
  largest,
  modelSwitching,
  slackFit,
  smallest,
} from './rules.ts'
import { uniformFit, uniformFitDrop } from './uniform-fit.ts'

const PROFILE_SEED = 1

const CREATORS: Readonly<Record<string, (node: LoadLimitOptions) => SchedulingPolicy>> = {
  largest,
  smallest,
  'model-switching': (node) => modelSwitching(loadLimitsPerS(node, new Random(PROFILE_SEED))),
  jellyfish: (node) => new Jellyfish(node),
  'slack-fit': slackFit,
  'edf-largest-feasible': edfLargestFeasible,
  'edf-quickest-first': edfQuickestFirst,
  'uniform-fit': uniformFit,
  'uniform-fit-drop': uniformFitDrop,
  'anticipating-fit': anticipatingFit,
  'adaptive-smdp': (node) => adaptiveSmdp({ table: solveSmdp(node), guard: true }),
}

/** As a user writes them. */
export const POLICY_NAMES: readonly string[] = Object.keys(CREATORS)
/** Without any other, and when a learned one fails. */
export const DEFAULT_POLICY = 'anticipating-fit'

/**
 * @param node service times as profiled, workers, and the deadline of most requests; only some policies need them.
 *   Model-Switching profiles its limits for some tenths of a second, adaptive-smdp solves its table for some seconds
 * @throws ConfigError for a name that is not known, and for adaptive-smdp on a ladder with batches
 */
export function createPolicy(name: string, node: LoadLimitOptions): SchedulingPolicy {
  const create = CREATORS[name]
  if (create) return create(node)
  throw new ConfigError(
    `no scheduling policy is named "${name}": choose one of ${POLICY_NAMES.join(', ')}`,
  )
}
