import type { Random } from '../../random.ts'
import type { ConstraintHyperparameters } from '../agents/hyperparameters.ts'
import type { Regime } from '../agents/regime.ts'
import type { Problem } from '../environment/environment.ts'
import type { Constraint } from './constraint.ts'
import { ExactConstraint } from './exact.ts'
import { LearnedConstraint } from './learned.ts'
import { SmoothCliff } from './smooth-cliff.ts'

/**
 * @param random of this constraint alone
 * @throws ConfigError when there are too many joint decisions
 */
export function createConstraint(
  problem: Problem,
  regime: Regime,
  hyperparameters: ConstraintHyperparameters,
  random: Random,
): Constraint {
  if (regime === 'exact') return new ExactConstraint(problem)
  if (!hyperparameters.head) return new SmoothCliff(problem)
  return new LearnedConstraint(problem, hyperparameters, random)
}
