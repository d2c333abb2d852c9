/** One model variant that can answer: an ONNX Runtime session in a worker, or a remote server behind the same protocol. */
import type { InferRequest, ModelMetadata, Tensor } from '../../protocol/messages.ts'

/** What one inference gave and how long it ran. */
export interface Inference {
  readonly outputs: readonly Tensor[]
  /** In the worker, dilation included. */
  readonly computeMs: number
}

/** Five verbs for one variant. It runs what it is given at once: who waits, waits before it. */
export interface Backend {
  load(): Promise<void>
  /** Loaded and warm. */
  readonly ready: boolean
  readonly metadata: ModelMetadata
  /** @throws InvalidInputError naming what the model does not take; UnavailableError before it is loaded */
  check(request: InferRequest): void
  /** @throws what `check` throws; UnavailableError when nothing can run it now */
  infer(request: InferRequest, signal?: AbortSignal): Promise<Inference>
  unload(): Promise<void>
}

/**
 * Emulated speed: a worker runs the real model and stays busy until d / share has passed, d being the variant's processor
 * time as measured at warm-up, and the share of a core the one at which `variant` takes `targetMs`.
 */
export interface EmulatedSpeed {
  readonly variant: string
  readonly targetMs: number
}

/** Services take so many times as long as the profile says: a node whose profile is wrong. Above 1. */
interface EmulatedSlowdown {
  readonly slowdown: number
}

/** How a node's speed is emulated. */
export type Dilation = EmulatedSpeed | EmulatedSlowdown
