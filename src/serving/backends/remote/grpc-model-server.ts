import {
  type ChannelCredentials,
  Client,
  credentials,
  Metadata,
  type MethodDefinition,
  type ServiceDefinition,
  type ServiceError,
  status,
} from '@grpc/grpc-js'
import { z } from 'zod'
import {
  BadGatewayError,
  ForbiddenError,
  InvalidInputError,
  messageOf,
  NotFoundError,
  OverloadedError,
  type TierwiseError,
  TimeoutError,
  UnauthorizedError,
  UnavailableError,
} from '../../../errors.ts'
import type { ModelVersion } from '../../../protocol/client.ts'
import { readInferResponse, writeInferRequest } from '../../../protocol/grpc/codec.ts'
import type { ModelInferResponse } from '../../../protocol/grpc/messages.ts'
import { loadProto, serviceOf } from '../../../protocol/grpc/proto.ts'
import type { InferRequest, InferResponse, ModelMetadata } from '../../../protocol/messages.ts'
import { modelMetadata } from '../../../protocol/schemas.ts'
import type { ModelServer, ServerLimits, ServerSecrets } from './model-server.ts'

/** A server that is back is found soon: the probes of `GuardedServer` look for it. */
const RECONNECT = {
  'grpc.initial_reconnect_backoff_ms': 200,
  'grpc.max_reconnect_backoff_ms': 2000,
}
/** A connection that died unheard is noticed. */
const KEEPALIVE = { 'grpc.keepalive_time_ms': 30_000, 'grpc.keepalive_timeout_ms': 5000 }

const ERRORS: Readonly<Partial<Record<status, new (message: string) => TierwiseError>>> = {
  [status.INVALID_ARGUMENT]: InvalidInputError,
  [status.OUT_OF_RANGE]: InvalidInputError,
  [status.FAILED_PRECONDITION]: InvalidInputError,
  [status.NOT_FOUND]: NotFoundError,
  // Another service than the protocol's listens there.
  [status.UNIMPLEMENTED]: NotFoundError,
  [status.UNAUTHENTICATED]: UnauthorizedError,
  [status.PERMISSION_DENIED]: ForbiddenError,
  [status.RESOURCE_EXHAUSTED]: OverloadedError,
  [status.DEADLINE_EXCEEDED]: TimeoutError,
  [status.UNAVAILABLE]: UnavailableError,
  [status.CANCELLED]: UnavailableError,
}
/** What grpc-js says of an answer over the limit, by the status of a full queue. */
const TOO_LONG = /^Received message larger than max/

/** 64-bit sizes come as digits. */
const shape = z.array(z.coerce.number())
const sized = z.looseObject({ shape })
const toldMetadata = z
  .looseObject({ inputs: z.array(sized), outputs: z.array(sized) })
  .transform((told) => modelMetadata.parse(told))
const toldReady = z.object({ ready: z.boolean() })

/** A server that speaks the protocol's gRPC form, over one connection. Tensors travel as raw contents. */
export class GrpcModelServer implements ModelServer {
  readonly url: string
  private readonly client: Client
  private readonly service: ServiceDefinition
  private readonly timeoutMs: number
  private readonly metadata = new Metadata()

  constructor(
    url: string,
    { timeoutMs, answerLimitBytes }: ServerLimits,
    { ca, token }: ServerSecrets = {},
  ) {
    this.url = url
    this.timeoutMs = timeoutMs
    this.service = serviceOf(loadProto())
    if (token !== undefined) this.metadata.set('authorization', `Bearer ${token}`)
    const { host, protocol } = new URL(url)
    this.client = new Client(host, channelOf(protocol, ca), {
      ...RECONNECT,
      ...KEEPALIVE,
      'grpc.max_receive_message_length': answerLimitBytes,
      'grpc.max_send_message_length': -1,
    })
  }

  async modelReady({ model: name, version = '' }: ModelVersion, signal?: AbortSignal) {
    const answer = await this.call('ModelReady', { name, version }, signal)
    if (this.understand(() => toldReady.parse(answer)).ready) return
    throw new UnavailableError(`${this.url} says that model "${name}" is not ready`)
  }

  async modelMetadata(
    { model: name, version = '' }: ModelVersion,
    signal?: AbortSignal,
  ): Promise<ModelMetadata> {
    const answer = await this.call('ModelMetadata', { name, version }, signal)
    return this.understand(() => toldMetadata.parse(answer))
  }

  async infer(
    { model: name, version = '' }: ModelVersion,
    request: InferRequest,
    signal?: AbortSignal,
    headers: Readonly<Record<string, string>> = {},
  ): Promise<InferResponse> {
    const message = writeInferRequest(request, { name, version })
    const answer = await this.call('ModelInfer', message, signal, headers)
    // The proto has given it its form.
    return this.understand(() => readInferResponse(answer as ModelInferResponse))
  }

  async close(): Promise<void> {
    this.client.close()
  }

  private call(
    method: string,
    message: object,
    signal?: AbortSignal,
    headers: Readonly<Record<string, string>> = {},
  ): Promise<unknown> {
    const metadata = this.metadata.clone()
    for (const [name, value] of Object.entries(headers)) metadata.set(name, value)
    return new Promise((resolve, reject) => {
      signal?.throwIfAborted()
      const definition = this.service[method]
      if (definition === undefined) throw new Error(`the proto has no ${method}`)
      const { path, requestSerialize, responseDeserialize }: MethodDefinition<object, unknown> =
        definition
      const cancel = () => call.cancel()
      const call = this.client.makeUnaryRequest(
        path,
        requestSerialize,
        responseDeserialize,
        message,
        metadata,
        { deadline: Date.now() + this.timeoutMs },
        (error, answer) => {
          signal?.removeEventListener('abort', cancel)
          if (error) reject(this.errorOf(method, error))
          else resolve(answer)
        },
      )
      signal?.addEventListener('abort', cancel)
    })
  }

  private errorOf(method: string, { code, details }: ServiceError): TierwiseError {
    const message = `${this.url} ${method} answered ${status[code]}: ${details.slice(0, 500)}`
    if (code === status.DEADLINE_EXCEEDED) {
      return new TimeoutError(`${message} (within ${this.timeoutMs} ms)`)
    }
    if (TOO_LONG.test(details)) return new BadGatewayError(message)
    const KnownError = ERRORS[code]
    return KnownError ? new KnownError(message) : new BadGatewayError(message)
  }

  private understand<Answer>(read: () => Answer): Answer {
    try {
      return read()
    } catch (cause) {
      throw new BadGatewayError(
        `the answer of ${this.url} is not of the protocol: ${messageOf(cause)}`,
        { cause },
      )
    }
  }
}

function channelOf(protocol: string, ca: string | undefined): ChannelCredentials {
  if (protocol !== 'grpcs:') return credentials.createInsecure()
  return credentials.createSsl(ca === undefined ? null : Buffer.from(ca))
}
