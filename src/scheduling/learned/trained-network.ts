/** A policy's parameters in training, one step at a time. */
import { UnavailableError } from '../../errors.ts'
import { adamRates } from '../../learning/nn/adam.ts'
import { createOnnxEngine } from '../../learning/nn/onnx-engine.ts'
import { namesOf, sizeOf } from '../../learning/nn/parameter-layout.ts'
import type { Loss, Training } from '../../learning/nn/training.ts'

/** Fill the feeds, then step. */
export class TrainedNetwork<Name extends string> {
  /** The loss's inputs of the next step, to be written anew before each. */
  readonly feeds: Readonly<Record<Name, Float32Array>>
  private readonly training: Training<Name>
  private steps = 0

  /**
   * @param gradientNorm longest gradient; a longer one is shortened to it
   * @param parameters initial ones; copied [parameters]
   * @throws UnavailableError where ONNX Runtime cannot be loaded
   */
  constructor(loss: Loss<Name>, gradientNorm: number, parameters: Float32Array) {
    const engine = createOnnxEngine()
    if (engine === undefined) {
      throw new UnavailableError('training needs ONNX Runtime: install onnxruntime-node')
    }
    this.training = engine.training(loss, { gradientNorm, averageDecay: 0 }, parameters)
    this.feeds = feedsOf(loss)
  }

  /** Valid until the next step. [parameters] */
  get parameters(): Float32Array {
    return this.training.vectors.parameters
  }

  /** Learns from what the feeds hold. @returns the loss's report */
  step(learningRate: number): number {
    this.steps += 1
    const rates = Float32Array.from(adamRates(this.steps, learningRate, 0))
    return this.training.run(rates, this.feeds)[0]
  }
}

/** Room for the inputs of one update, all 0. */
export function feedsOf<Name extends string>({ inputs }: Loss<Name>): Record<Name, Float32Array> {
  const feeds = namesOf(inputs).map((name) => [name, new Float32Array(sizeOf(inputs[name]))])
  return Object.fromEntries(feeds)
}
