/** One model variant that can answer: an ONNX Runtime session in a worker, or a remote server behind the same protocol. */
import type { UnavailableError } from '../../errors.ts'
import type { InferCall } from '../../protocol/inference-handler.ts'
import type { InferRequest, ModelMetadata, Tensor } from '../../protocol/messages.ts'
import type { OperatorsByProvider } from './operators.ts'

/** What one inference gave and how long it ran. */
export interface Inference {
  readonly outputs: readonly Tensor[]
  /** In the worker, dilation included. */
  readonly computeMs: number
}

/** A request to run. Whoever queues it hands it on as it is. */
export interface RunRequest extends InferRequest {
  /** That it came by, for a server that is to be told of its trace. */
  readonly call?: Pick<InferCall, 'trace' | 'headers'>
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
  infer(request: RunRequest, signal?: AbortSignal): Promise<Inference>
  unload(): Promise<void>
}

/** What runs the variants of a node: workers here, or other servers. It knows whether one more request can start. */
export interface InferencePool {
  /** Called when there is something free again after nothing was. */
  onStarted: () => void
  /** Called when nothing is left that could run anything. */
  onNoneLeft: (reason: UnavailableError) => void
  /** @throws ConfigError for models that cannot be served */
  start(): Promise<void>
  readonly ready: boolean
  /** The next inference would start at once. */
  readonly hasFreeWorker: boolean
  /** Inferences under way. */
  readonly busyWorkers: number
  /** Variant → time of one inference, as measured at the start; empty before. */
  readonly serviceTimesMs: Readonly<Record<string, number>>
  /** Variant → what of ONNX Runtime runs it; undefined where no execution providers were named, or another server runs it. */
  readonly operators: Readonly<Record<string, OperatorsByProvider>> | undefined
  /** Mean |actual / target - 1| of the last inferences, percent; undefined when speed is not emulated. */
  readonly dilationErrorPercent: number | undefined
  close(): Promise<void>
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
