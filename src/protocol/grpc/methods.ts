/** The methods of the protocol's service, in the order of its proto. */

import { decodeInferResponse, encodeInferRequest } from '../codec.ts'
import { modelConfig, refuseChange, repositoryIndex } from '../extensions.ts'
import { admit, inferCall } from '../infer-call.ts'
import type { InferenceHandler } from '../inference-handler.ts'
import type { InferRequest, InferResponse, WireBody } from '../messages.ts'
import { readInferRequest, writeInferResponse } from './codec.ts'
import type { ModelInferRequest, ModelInferResponse, ModelRequest } from './messages.ts'

/** What a method knows of its call beside the message. */
interface CallContext {
  /** In lower case. */
  readonly headers: Readonly<Record<string, string>>
  /** Aborted when the client cancels, goes away, or its deadline passes. */
  readonly signal: AbortSignal
  /** What the client waits from now on; infinite where it has no deadline. */
  readonly leftMs: number
  /** Why the handler took no request when the headers came; undefined: it did. */
  readonly refusal: string | undefined
  /** Before the answer. */
  sendHeaders(headers: Readonly<Record<string, string>>): void
}

/** @throws TierwiseError with what the client is to be told */
export type Method<Message> = (
  handler: InferenceHandler,
  message: Message,
  call: CallContext,
) => object | Promise<object>

/** Microseconds, as the parameter `timeout` has them. */
const US_PER_MS = 1000

/** Of the service, by name; each is given the message of its own type. */
export const METHODS = {
  ServerLive: (handler: InferenceHandler) => ({ live: handler.live() }),
  ServerReady: (handler: InferenceHandler) => ({ ready: handler.ready() }),
  ModelReady: (handler: InferenceHandler, { name, version }: ModelRequest) => ({
    ready: handler.modelReady(name, version || undefined),
  }),
  ServerMetadata: (handler: InferenceHandler) => handler.serverMetadata(),
  ModelMetadata: (handler: InferenceHandler, { name, version }: ModelRequest) =>
    handler.modelMetadata(name, version || undefined),
  ModelInfer: modelInfer,
  ModelConfig: (handler: InferenceHandler, { name, version }: ModelRequest) => ({
    config: modelConfig(handler, name, version || undefined),
  }),
  ModelStatistics: (handler: InferenceHandler, { name, version }: ModelRequest) => ({
    model_stats: handler.modelStatistics(name || undefined, version || undefined),
  }),
  RepositoryIndex: (handler: InferenceHandler, { ready }: { readonly ready: boolean }) => ({
    models: repositoryIndex(handler, ready),
  }),
  RepositoryModelLoad: (handler: InferenceHandler, { model_name }: ModelNamed) =>
    refuseChange(handler, model_name, 'load'),
  RepositoryModelUnload: (handler: InferenceHandler, { model_name }: ModelNamed) =>
    refuseChange(handler, model_name, 'unload'),
}

interface ModelNamed {
  readonly model_name: string
}

async function modelInfer(
  handler: InferenceHandler,
  message: ModelInferRequest,
  { headers, leftMs, refusal, sendHeaders, signal }: CallContext,
): Promise<ModelInferResponse> {
  const { model_name: model, model_version } = message
  const version = model_version || undefined
  admit(handler, { model, ...(version !== undefined && { version }), headers }, refusal)
  let asked: InferRequest | undefined
  const read = () => {
    asked ??= withTimeout(readInferRequest(message), leftMs)
    return asked
  }
  const call = inferCall(handler, {
    model,
    ...(version !== undefined && { version }),
    ...{ headers, signal },
    read,
    wire: () => encodeInferRequest(read(), { binary: true }),
  })
  const { content, headers: told = {} } = await handler.infer(call)
  sendHeaders(told)
  const response = isPassedOn(content) ? decodeInferResponse(content) : content
  return writeInferResponse(response, await call.decode(), message)
}

/** The call's deadline is the request's, unless the request has one of its own. */
function withTimeout(request: InferRequest, leftMs: number): InferRequest {
  const { parameters = {} } = request
  if (leftMs === Infinity || 'timeout' in parameters || 'deadline_ms' in parameters) return request
  const timeout = Math.max(1, Math.floor(leftMs * US_PER_MS))
  return { ...request, parameters: { ...parameters, timeout } }
}

function isPassedOn(content: InferResponse | WireBody): content is WireBody {
  return 'body' in content
}
