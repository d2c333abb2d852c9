/** Another server that serves models by the Open Inference Protocol: Triton, OpenVINO Model Server, KServe, MLServer, or a Tierwise node. */
import type { ModelVersion } from '../../../protocol/client.ts'
import type { InferRequest, InferResponse, ModelMetadata } from '../../../protocol/messages.ts'

/** Where another server has a model, in place of a file. */
export interface ModelOnServer extends ModelVersion {
  /** `http://`, `https://`, `grpc://` or `grpcs://`. */
  readonly url: string
  /** Environment variable that holds the token of the server; it is sent as `Authorization: Bearer`. */
  readonly tokenFrom?: string
  /** PEM file of the authorities to trust, for `https://` and `grpcs://`; absent: those that Node.js trusts. */
  readonly ca?: string
}

/** Bounds of what one server is asked and answers. */
export interface ServerLimits {
  /** From sending a request to the last byte of its answer. */
  readonly timeoutMs: number
  /** Requests at the same time. */
  readonly concurrency: number
  /** Of one answer. */
  readonly answerLimitBytes: number
}

/** What lets this node in, and whom it trusts. */
export interface ServerSecrets {
  /** PEM text of the authorities to trust; absent: those that Node.js trusts. */
  readonly ca?: string | undefined
  readonly token?: string | undefined
}

/**
 * Four verbs, whatever the transport. They throw a TierwiseError: UnavailableError and TimeoutError where there is no answer,
 * BadGatewayError for an answer that cannot be understood, and else the status that the server answered with.
 */
export interface ModelServer {
  readonly url: string
  /** Resolves when the model can be asked. */
  modelReady(model: ModelVersion, signal?: AbortSignal): Promise<void>
  modelMetadata(model: ModelVersion, signal?: AbortSignal): Promise<ModelMetadata>
  /** @param headers or metadata, of the request's trace */
  infer(
    model: ModelVersion,
    request: InferRequest,
    signal?: AbortSignal,
    headers?: Readonly<Record<string, string>>,
  ): Promise<InferResponse>
  /** Ends requests in flight with UnavailableError. */
  close(): Promise<void>
}
