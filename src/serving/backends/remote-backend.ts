import { UnavailableError } from '../../errors.ts'
import { checkRequest } from '../../protocol/check-request.ts'
import type { InferenceClient } from '../../protocol/client.ts'
import type { InferRequest, ModelMetadata } from '../../protocol/messages.ts'
import type { Backend, Inference } from './backend.ts'

/** One model served by another Open Inference Protocol server: a Tierwise node, Triton, KServe, OpenVINO Model Server. */
export class RemoteBackend implements Backend {
  private readonly client: InferenceClient
  private readonly model: string
  private served: ModelMetadata | undefined

  /**
   * @param client outlives its back ends: one may serve many models
   * @param model the server's name for it
   */
  constructor(client: InferenceClient, model: string) {
    this.client = client
    this.model = model
  }

  /** @throws NotFoundError when the server has no such model; UnavailableError | TimeoutError when it does not answer */
  async load(): Promise<void> {
    this.served = await this.client.modelMetadata(this.model)
  }

  /** The server has answered for the model; whether it still does, only the next request can tell. */
  get ready(): boolean {
    return this.served !== undefined
  }

  /** @throws UnavailableError before the model is loaded: only the server knows its inputs and outputs */
  get metadata(): ModelMetadata {
    if (this.served !== undefined) return this.served
    throw new UnavailableError(
      `model "${this.model}" of ${this.client.baseUrl} is not loaded; load it first`,
    )
  }

  check(request: InferRequest): void {
    checkRequest(request, this.metadata)
  }

  /** The server keeps its queue to itself: the whole exchange counts as compute. */
  async infer(request: InferRequest, signal?: AbortSignal): Promise<Inference> {
    this.check(request)
    const startMs = performance.now()
    const options = { binary: true, ...(signal && { signal }) }
    const { outputs } = await this.client.infer(this.model, request, options)
    return { outputs, computeMs: performance.now() - startMs }
  }

  async unload(): Promise<void> {
    this.served = undefined
  }
}
