/** How parameters are trained, whatever computes it: a loss, what is done with its gradient, and the vectors that change. */
import type { Graph } from '../../onnx/graph-builder.ts'

/** What training carries from update to update, each [parameters]; `average` is the moving average of the parameters. */
export const VECTORS = ['parameters', 'firstMoment', 'secondMoment', 'average'] as const

/** One for each of `VECTORS`. */
export type Vectors<Vector = Float32Array> = Record<(typeof VECTORS)[number], Vector>

/** One of each. */
export function mapVectors<Vector>(create: (name: keyof Vectors) => Vector): Vectors<Vector> {
  const [parameters, firstMoment, secondMoment, average] = VECTORS
  return {
    parameters: create(parameters),
    firstMoment: create(firstMoment),
    secondMoment: create(secondMoment),
    average: create(average),
  }
}

/** Before the first update. Copies. @param parameters [parameters] */
export function newVectors(parameters: Float32Array): Vectors {
  const isMoment = (name: string) => name.endsWith('Moment')
  return mapVectors((name) =>
    isMoment(name) ? new Float32Array(parameters.length) : parameters.slice(),
  )
}

/** What is minimised. */
export interface Loss<Name extends string = string> {
  /** Dimensions of the inputs of one update, by name. */
  readonly inputs: Readonly<Record<Name, readonly number[]>>
  /** Dimensions of what is reported of one update. */
  readonly report: readonly number[]
  /**
   * Adds forward and backward pass to a graph that has the inputs.
   * @param parameters the name of the flat vector [parameters]
   * @returns names of the gradient [parameters] and of the report
   */
  build(graph: Graph, parameters: string): { readonly gradient: string; readonly report: string }
}

/** What is done with gradients beside Adam. */
export interface Optimiser {
  /** Longest gradient; a longer one is shortened to it. Any length if it is not given. */
  readonly gradientNorm?: number
  /** 1 where weight decay applies, else 0; nowhere if it is not given. [parameters] */
  readonly decayMask?: Float32Array
  /** Share of the old value in the moving average of the parameters, per update. */
  readonly averageDecay: number
}

/** Minibatches of several consecutive updates, by the names of the loss's inputs. Each [updates, …dimensions]. */
export type Feeds<Name extends string = string> = Readonly<Record<Name, Float32Array>>

/** Parameters in training. */
export interface Training<Name extends string = string> {
  /** As they are now; valid until the next `run`. May be written to. */
  readonly vectors: Vectors
  /**
   * One update per minibatch, in order.
   * @param rates of `adamRates` [updates, 3]
   * @returns the loss's reports, each of before its update [updates, …report]
   */
  run(rates: Float32Array, feeds: Feeds<Name>): Float32Array
}
