import { InferenceClient, type ModelVersion } from '../../../protocol/client.ts'
import type { InferRequest, InferResponse, ModelMetadata } from '../../../protocol/messages.ts'
import type { ModelServer, ServerLimits, ServerSecrets } from './model-server.ts'

/** As servers name the extension in their own metadata. */
const BINARY_EXTENSION = 'binary_tensor_data'
/** Beside inferences: readiness is asked for while all of them are busy. */
const SPARE_CONNECTIONS = 1

/** A server that speaks the protocol's REST form. Tensors travel as binary data where it says that it knows them, else as JSON. */
export class RestModelServer implements ModelServer {
  readonly url: string
  private readonly client: InferenceClient
  private isBinary: boolean | undefined

  constructor(
    url: string,
    { concurrency, ...limits }: ServerLimits,
    { ca, token }: ServerSecrets = {},
  ) {
    this.url = url
    const connections = concurrency + SPARE_CONNECTIONS
    this.client = new InferenceClient(url, {
      ...{ ...limits, connections, token },
      ...(ca !== undefined && { tls: { ca } }),
    })
  }

  modelReady(model: ModelVersion, signal?: AbortSignal): Promise<void> {
    return this.client.modelReady(model, signal)
  }

  async modelMetadata(model: ModelVersion, signal?: AbortSignal): Promise<ModelMetadata> {
    // The server may be another one than before.
    const extensions = await this.client.extensions(signal)
    this.isBinary = extensions.includes(BINARY_EXTENSION)
    return this.client.modelMetadata(model, signal)
  }

  infer(
    model: ModelVersion,
    request: InferRequest,
    signal?: AbortSignal,
    headers?: Readonly<Record<string, string>>,
  ): Promise<InferResponse> {
    const binary = this.isBinary ?? false
    const options = { ...(signal && { signal }), ...(headers && { headers }) }
    return this.client.infer(model, request, { binary, ...options })
  }

  close(): Promise<void> {
    return this.client.close()
  }
}
