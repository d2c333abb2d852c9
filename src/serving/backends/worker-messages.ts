/** What the main thread and an inference worker say to each other. A worker does one inference at a time. */
import type { Tensor, TensorMetadata } from '../../protocol/messages.ts'
import type { Dilation } from './backend.ts'
import type { OperatorsByProvider } from './operators.ts'
import type { DilationTargets } from './speed-dilation.ts'

/** A variant and the path of its ONNX file. */
export interface ModelFile {
  readonly variant: string
  readonly file: string
}

/** `workerData` of an inference worker. */
export interface WorkerSetup {
  readonly models: readonly ModelFile[]
  /** Runs of each model before the worker reports ready. */
  readonly warmUpRuns: number
  /** Stands in for sizes that a model leaves open when it is warmed up. */
  readonly warmUpShape: readonly number[]
  /** Of ONNX Runtime, the preferred one first; absent: the processor. */
  readonly executionProviders?: readonly string[]
  /** Measure the variants to emulate this speed … */
  readonly dilation?: Dilation
  /** … or use what another worker of this node has measured. */
  readonly targetsMs?: DilationTargets
  /** As another worker of this node has measured them; absent: measure. */
  readonly serviceTimesMs?: ServiceTimesMs
}

/** Variant → time of one inference in a worker, dilation included. */
export type ServiceTimesMs = Readonly<Record<string, number>>

/** An input tensor, laid in the memory handed over with it. */
export interface PlacedTensor {
  readonly name: string
  readonly shape: readonly number[]
  /** Bytes from the start of the memory. */
  readonly offset: number
}

/** A typed array begins at a multiple of its element size: tensors are placed at multiples of the largest, 8 bytes. */
export function alignedOffset(bytes: number): number {
  return Math.ceil(bytes / 8) * 8
}

/** To a worker: run one inference, or end. */
export type ToWorker =
  | {
      readonly kind: 'infer'
      readonly variant: string
      /** Transferred, and transferred back with the answer: copied once, allocated once. */
      readonly memory: ArrayBuffer
      readonly inputs: readonly PlacedTensor[]
      readonly outputs: readonly string[]
    }
  | { readonly kind: 'stop' }

/** Inputs and outputs of a model, in its order. */
export interface ModelSignature {
  readonly inputs: readonly TensorMetadata[]
  readonly outputs: readonly TensorMetadata[]
}

/** From a worker: about its start, or the answer to one inference. */
export type FromWorker =
  | {
      readonly kind: 'ready'
      readonly signatures: Readonly<Record<string, ModelSignature>>
      readonly targetsMs?: DilationTargets
      readonly serviceTimesMs: ServiceTimesMs
      /** Variant → what ran it, as the first worker found; absent where no execution providers were named. */
      readonly operators?: Readonly<Record<string, OperatorsByProvider>>
    }
  /** The worker cannot serve at all: a file is missing or corrupt, or the emulated speed is out of reach. */
  | { readonly kind: 'unusable'; readonly message: string }
  | {
      readonly kind: 'inferred'
      readonly memory: ArrayBuffer
      readonly outputs: readonly Tensor[]
      readonly computeMs: number
      /** |actual / target - 1| of this inference, percent; absent without emulated speed. */
      readonly dilationErrorPercent?: number
    }
  | { readonly kind: 'failed'; readonly message: string }
