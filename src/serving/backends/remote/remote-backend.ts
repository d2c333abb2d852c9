import {
  BadGatewayError,
  ConfigError,
  OverloadedError,
  TierwiseError,
  UnavailableError,
} from '../../../errors.ts'
import { checkRequest } from '../../../protocol/check-request.ts'
import type { ModelVersion } from '../../../protocol/client.ts'
import type { InferRequest, ModelMetadata } from '../../../protocol/messages.ts'
import { carriedTrace, inSpan } from '../../../tracing.ts'
import type { Backend, Inference, RunRequest } from '../backend.ts'
import { checkedOutputs } from './checked-answer.ts'
import type { ModelServer } from './model-server.ts'
import { agreedMetadata, type ExpectedSignature } from './told-signature.ts'

/** Which variant, and the server's names for it. */
export interface RemoteVariant extends ModelVersion {
  readonly variant: string
  readonly expected: ExpectedSignature
}

/** They say as much to whoever asked: not now, not in time. */
const PASSED_ON = [502, 503, 504]
const TOO_MANY_REQUESTS = 429

/** One variant that another server serves. */
export class RemoteBackend implements Backend {
  private readonly server: ModelServer
  private readonly options: RemoteVariant
  private served: ModelMetadata | undefined

  /** @param server outlives its back ends: one may serve many variants */
  constructor(server: ModelServer, options: RemoteVariant) {
    this.server = server
    this.options = options
  }

  /** Asks the server for the model, unless it has told already. @throws what `reload` throws */
  async load(): Promise<void> {
    if (this.served === undefined) await this.reload()
  }

  /**
   * Asks for the model anew: it may have been replaced.
   * @throws ConfigError when the server has no such model, does not let this node in, or has other inputs or outputs than the
   *   catalogue says; UnavailableError | TimeoutError when it does not answer, or not yet
   */
  async reload(signal?: AbortSignal): Promise<void> {
    const { variant, expected } = this.options
    const told = await this.told(signal)
    this.served = agreedMetadata(variant, told, expected, `variant ${variant}: ${this.where}`)
  }

  /** It has told; whether it still answers, its pool knows. */
  get ready(): boolean {
    return this.served !== undefined
  }

  /** @throws UnavailableError before it is loaded: only the server knows its inputs and outputs */
  get metadata(): ModelMetadata {
    if (this.served !== undefined) return this.served
    throw new UnavailableError(`${this.where} is not loaded; load it first`)
  }

  check(request: InferRequest): void {
    checkRequest(request, this.metadata)
  }

  /**
   * The server keeps its queue to itself: the whole exchange counts as compute.
   * @throws also BadGatewayError when the server refuses the request, or gives an answer that cannot be used
   */
  async infer({ call, ...request }: RunRequest, signal?: AbortSignal): Promise<Inference> {
    this.check(request)
    const startMs = performance.now()
    const { inputs, outputs } = request
    const asked = { inputs, ...(outputs && { outputs: outputs.map(({ name }) => ({ name })) }) }
    const { model, variant } = this.options
    const { url } = this.server
    const answer = await inSpan(
      'network',
      call?.trace,
      (within) =>
        this.server.infer(this.options, asked, signal, carriedTrace(within, call?.headers ?? {})),
      {
        kind: 'client',
        attributes: { 'server.address': url, 'server.model': model, 'tierwise.variant': variant },
      },
    ).catch((error: unknown) => {
      throw this.serversFault(error)
    })
    const checked = checkedOutputs(answer, asked, this.metadata, this.where)
    return { outputs: checked, computeMs: performance.now() - startMs }
  }

  async unload(): Promise<void> {
    this.served = undefined
  }

  private get where(): string {
    const { model, version } = this.options
    return `model "${model}"${version === undefined ? '' : ` version ${version}`} of ${this.server.url}`
  }

  private async told(signal?: AbortSignal): Promise<ModelMetadata> {
    const { server, options, where } = this
    const told = await server.modelMetadata(options, signal).catch((error: unknown) => {
      throw isRefusal(error)
        ? new ConfigError(
            `variant ${options.variant}: ${where} cannot be served: ${error.message}`,
            { cause: error },
          )
        : error
    })
    // Some servers say 400 of a model that is still loading.
    await server.modelReady(options, signal).catch((error: unknown) => {
      throw isRefusal(error)
        ? new UnavailableError(`${where} is not ready: ${error.message}`, { cause: error })
        : error
    })
    return told
  }

  /** What has passed `check` is no client's fault any more. */
  private serversFault(error: unknown): unknown {
    if (!(error instanceof TierwiseError) || PASSED_ON.includes(error.status)) return error
    if (error.status === TOO_MANY_REQUESTS) return new OverloadedError(error.message)
    return new BadGatewayError(`${this.where} did not serve: ${error.message}`, { cause: error })
  }
}

/** It was heard, and the answer was no. */
function isRefusal(error: unknown): error is TierwiseError {
  return error instanceof TierwiseError && error.status < 500
}
