/** Adam with decoupled weight decay, as the three numbers per update that both engines apply. */
import type { TrainingOptions } from './engine.ts'
import { type NetworkShape, parameterCount, parameterViews } from './network.ts'

/**
 * The rates of update t (counted from 1), in the form θ ← θ − stepSize · m / (√v + epsilon) − decay · mask · θ,
 * which equals Adam with bias-corrected moments (Kingma and Ba 2015, end of section 2).
 * @returns [stepSize, epsilon, decay]
 */
export function adamRates(options: TrainingOptions, t: number): [number, number, number] {
  const rate = options.learningRate / (1 + (t - 1) / options.learningRateHalfLife)
  const correction = Math.sqrt(1 - options.beta2 ** t)
  const stepSize = (rate * correction) / (1 - options.beta1 ** t)
  const weightDecay = options.weightDecay / (1 + (t - 1) / options.weightDecayHalfLife)
  return [stepSize, options.epsilon * correction, rate * weightDecay]
}

/** 1 where weight decay applies: the weights of the deep path, not the biases nor the linear path. [parameters] */
export function decayMask(shape: NetworkShape): Float32Array {
  const mask = new Float32Array(parameterCount(shape))
  const views = parameterViews(shape, mask)
  views.hiddenWeights.fill(1)
  views.outputWeights.fill(1)
  return mask
}
