/** Where the variants of a node run: in its own workers, or on other servers. */
import type { Logger } from 'pino'
import { ConfigError } from '../errors.ts'
import type { Backend, Dilation, InferencePool } from './backends/backend.ts'
import { OnnxBackend } from './backends/onnx-backend.ts'
import type { ServerLimits } from './backends/remote/model-server.ts'
import { type PlacedVariant, RemotePool } from './backends/remote/remote-pool.ts'
import type { ModelFile } from './backends/worker-messages.ts'
import { WorkerPool } from './backends/worker-pool.ts'
import type { Catalogue } from './models/catalogue.ts'

/** Of a node. */
export interface RuntimeOptions {
  /** Of what the node holds, which may be nothing. */
  readonly catalogue: Catalogue
  /** Cores of the node, real or emulated: each is a worker thread that runs one inference at a time. */
  readonly workers: number
  readonly dilation?: Dilation
  /** Of ONNX Runtime, the preferred one first, whatever the catalogue says; absent: those of the catalogue. */
  readonly executionProviders?: readonly string[]
  /** Of other servers, where they have the models; default `SERVER_LIMITS`. */
  readonly serverLimits?: Partial<ServerLimits>
  /** Told what became of servers that went away. */
  readonly logger?: Pick<Logger, 'info' | 'warn'>
}

/** A pool, and each variant in it. */
export interface Runtime {
  readonly pool: InferencePool
  readonly backends: ReadonlyMap<string, Backend>
  /** Inferences at the same time. */
  readonly capacity: number
  /** Serves from other files; absent where there are no files. */
  readonly replace?: (catalogue: Catalogue) => Promise<void>
}

/** Of a server behind a node: enough at once that it is busy while answers travel, few enough that the queue is here, where it is ordered. */
export const SERVER_LIMITS: ServerLimits = {
  timeoutMs: 2000,
  concurrency: 4,
  answerLimitBytes: 64 * 2 ** 20,
}

/** @throws ConfigError where some variants are files and others are on servers, or a server's token or certificate cannot be had */
export function createRuntime(options: RuntimeOptions): Runtime {
  const { catalogue, dilation, logger } = options
  const placed = catalogue.variants.flatMap(({ name, file }): PlacedVariant[] =>
    typeof file === 'string' ? [] : [{ variant: name, place: file }],
  )
  if (placed.length === 0) return ownWorkers(options)
  if (placed.length < catalogue.variants.length) throw mixed(catalogue)
  if (dilation) throw new ConfigError('dilation: the speed of another server cannot be emulated')
  const { input, output } = catalogue
  const limits = { ...SERVER_LIMITS, ...options.serverLimits }
  const pool = new RemotePool({ models: placed, expected: { input, output }, limits, logger })
  return { pool, backends: pool.backends, capacity: limits.concurrency }
}

function ownWorkers({ catalogue, workers, dilation, ...options }: RuntimeOptions): Runtime {
  const { executionProviders = catalogue.executionProviders } = options
  const pool = new WorkerPool({
    models: modelFiles(catalogue),
    workers,
    warmUpShape: catalogue.input.shape,
    ...(executionProviders && { executionProviders }),
    ...(dilation && { dilation }),
  })
  return {
    pool,
    backends: new Map(
      catalogue.variants.map(({ name }) => [name, new OnnxBackend(pool, name)] as const),
    ),
    capacity: workers,
    replace: (replacement) => pool.replace(modelFiles(replacement)),
  }
}

function modelFiles({ variants }: Catalogue): ModelFile[] {
  return variants.flatMap(({ name, file }) =>
    typeof file === 'string' ? [{ variant: name, file }] : [],
  )
}

function mixed({ variants }: Catalogue): ConfigError {
  const named = (isFile: boolean) =>
    variants
      .filter(({ file }) => (typeof file === 'string') === isFile)
      .map(({ name }) => name)
      .join(', ')
  return new ConfigError(
    `variants: this node would run ${named(true)} from files, and another server has ${named(false)}: a node does one or the other; give --variants, or --serve-from for all`,
  )
}
