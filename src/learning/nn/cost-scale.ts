/** Costs as the networks see them: fleets differ by orders of magnitude in response time, the networks' settings do not. */
import type { TrainingOptions } from './network-loss.ts'

/** Hyperparameters of the scale; both in scaled units. */
export interface CostScaling {
  readonly scaledMean: number
  readonly scaledLimit: number
}

/** ms per unit of scaled cost, such that `costs` have the mean `scaledMean`. */
export function scaleOf(costs: readonly number[], { scaledMean }: CostScaling): number {
  const mean = costs.reduce((sum, cost) => sum + cost, 0) / costs.length
  return mean > 0 ? mean / scaledMean : 1
}

/** A cost as it is learned, at most the limit. @param scaleMs ms per unit */
export function scaledCost(costMs: number, scaleMs: number, { scaledLimit }: CostScaling): number {
  return Math.min(costMs / scaleMs, scaledLimit)
}

/** How a cost network is trained, by its hyperparameters. */
export function costTrainingOptions(
  training: Omit<TrainingOptions, 'loss' | 'averageDecay'>,
  averageDecay: number,
): TrainingOptions {
  return { ...training, loss: 'huber', averageDecay }
}
