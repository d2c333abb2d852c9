/** From a request of any surface to what the handler is asked. */
import { UnavailableError } from '../errors.ts'
import type { TraceContext } from '../tracing.ts'
import { checkRequest } from './check-request.ts'
import type { InferCall, InferenceHandler } from './inference-handler.ts'
import type { InferRequest, ModelMetadata, WireBody } from './messages.ts'
import { IMAGE_EXTENSION } from './picture-body.ts'

/** A request as a surface has it. */
export interface Incoming
  extends Pick<InferCall, 'model' | 'version' | 'headers' | 'receivingMs' | 'signal'> {
  /** As it travels on to other nodes; asked for once at most. */
  wire(): WireBody
  /** Asked for once at most. @throws InvalidInputError for anything malformed */
  read(metadata: () => ModelMetadata): InferRequest | Promise<InferRequest>
}

/**
 * By name, version and headers alone, before anything is read. `refusal`: the handler's when the headers came.
 * @throws NotFoundError; UnavailableError where no request is taken; DeadlineError, OverloadedError where this one cannot be
 */
export function admit(
  handler: InferenceHandler,
  { model, version, headers }: Pick<InferCall, 'model' | 'version' | 'headers'>,
  refusal: string | undefined,
): void {
  handler.modelReady(model, version)
  if (refusal !== undefined) throw new UnavailableError(`model "${model}" ${refusal}`)
  handler.admit?.(model, headers)
}

/** Whether encoded pictures may stand in for inputs. */
export function takesPictures(handler: InferenceHandler): boolean {
  return handler.serverMetadata().extensions.includes(IMAGE_EXTENSION)
}

/** Reads and checks the request, and encodes it for others, only where somebody needs that. */
export function inferCall(handler: InferenceHandler, incoming: Incoming): InferCall {
  const { model, version, headers, receivingMs, signal } = incoming
  const metadata = () => handler.modelMetadata(model, version)
  let wire: WireBody | undefined
  const check = (request: InferRequest) => {
    checkRequest(request, metadata(), { takesPictures: takesPictures(handler) })
    return request
  }
  let decoded: InferRequest | Promise<InferRequest> | undefined
  return {
    model,
    ...(version !== undefined && { version }),
    headers,
    ...(receivingMs !== undefined && { receivingMs }),
    signal,
    get wire() {
      wire ??= incoming.wire()
      return wire
    },
    decode() {
      if (decoded !== undefined) return decoded
      const request = incoming.read(metadata)
      decoded = request instanceof Promise ? request.then(check) : check(request)
      return decoded
    },
  }
}

/** The same request, read and encoded once at most as before, whose spans are children of another. */
export function within(call: InferCall, trace: TraceContext): InferCall {
  const { model, version, headers, receivingMs, signal } = call
  return {
    model,
    ...(version !== undefined && { version }),
    ...(receivingMs !== undefined && { receivingMs }),
    ...{ headers, signal, trace },
    get wire() {
      return call.wire
    },
    decode: () => call.decode(),
  }
}
