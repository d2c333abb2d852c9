/** What computes: ONNX Runtime, or plain TypeScript as its oracle and its fallback. */
import type { NetworkShape, ParameterViews } from './network.ts'
import type { Loss, Optimiser, Training } from './training.ts'

/** Knows no network: it trains any loss by its graph, and scores by the parts of a vector. */
export interface Engine {
  readonly name: string
  /** Starts training. @param parameters initial ones; copied [parameters] */
  training<Name extends string>(
    loss: Loss<Name>,
    optimiser: Optimiser,
    parameters: Float32Array,
  ): Training<Name>
  /** Prepares to score the joint decisions of networks of this shape, which must have one output. */
  scoring(shape: NetworkShape): ScoreAll
}

/**
 * Fills `scores` with the output for every joint decision in one state, in mixed radix, device 0 most significant.
 * @param features [stateSize]
 * @param scores [choices^devices]
 */
export type ScoreAll = (views: ParameterViews, features: Float32Array, scores: Float32Array) => void
