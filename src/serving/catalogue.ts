/** The model catalogue: which variants exist, where their files are and how accurate each is. */
import type { Datatype } from '../protocol/messages.ts'

export interface Variant {
  /** `d0` … `d7` in the default catalogue. */
  readonly name: string
  /** Absolute path of the ONNX file. */
  readonly file: string
  readonly precision: 'FP32' | 'INT8'
  readonly accuracyPercent: number
  /** Where the figure is from: a paper's table, or a measurement. */
  readonly accuracySource: string
}

export interface Catalogue {
  /** Name applications call; the decision turns it into a variant. */
  readonly model: string
  readonly variants: readonly Variant[]
  readonly input: {
    readonly name: string
    readonly datatype: Datatype
    /** Batch first: [1, 3, height, width]. */
    readonly shape: readonly number[]
    /** A pixel p in 0–255 enters the model as (p - mean) / scale. */
    readonly mean: number
    readonly scale: number
  }
  readonly output: { readonly name: string; readonly shape: readonly number[] }
  /** Class names by index; empty when there are none. */
  readonly labels: readonly string[]
}
