import { Pool } from 'undici'
import type { ClientTls } from '../client-tls.ts'
import {
  BadGatewayError,
  messageOf,
  OverloadedError,
  TierwiseError,
  TimeoutError,
  UnavailableError,
} from '../errors.ts'
import { answeredError, requestError } from './client-errors.ts'
import { decodeInferResponse, encodeInferRequest } from './codec.ts'
import type {
  InferRequest,
  InferResponse,
  ModelMetadata,
  ServerMetadata,
  WireBody,
} from './messages.ts'
import { JSON_LENGTH_HEADER, parseJsonLength } from './request-body.ts'
import { modelMetadata, parseMessage, serverMetadata } from './schemas.ts'
import { TimeLimit } from './time-limit.ts'

/** Bounds of one client. */
export interface InferenceClientOptions {
  /** From sending a request to the last byte of its answer. */
  readonly timeoutMs: number
  /** Most connections kept open to the server. */
  readonly connections: number
  /** For `https://`: whom to trust, and what to show; absent: the authorities that Node.js trusts. */
  readonly tls?: ClientTls | Pick<ClientTls, 'ca'> | undefined
  /** Sent with every request, as `Authorization: Bearer`. */
  readonly token?: string | undefined
  /** Of one answer; a longer one is a BadGatewayError. Absent: any length, for servers that are trusted. */
  readonly answerLimitBytes?: number
}

/** A model, and which of its versions; absent: the one that the server prefers. */
export interface ModelVersion {
  readonly model: string
  readonly version?: string | undefined
}

/** An answer passed on as it came. */
export interface ForwardedAnswer {
  readonly wire: WireBody
  /** Response headers in lower case. */
  readonly headers: Readonly<Record<string, string>>
  readonly status: number
}

// Requests waiting for a connection; beyond it the answer would only come later than its timeout.
const MAX_WAITING_PER_CONNECTION = 64

/**
 * A client of one Open Inference Protocol v2 server, over kept-alive connections.
 * Its methods throw TimeoutError, UnavailableError, OverloadedError, BadGatewayError for an answer that is not of the protocol,
 * or the error the server answered with.
 */
export class InferenceClient {
  readonly baseUrl: string
  private readonly pool: Pool
  private readonly path: string
  private readonly timeoutMs: number
  private readonly maxPending: number
  private readonly authorization: Readonly<Record<string, string>>
  private pending = 0

  constructor(baseUrl: string, options: InferenceClientOptions) {
    const { timeoutMs, connections, tls, token, answerLimitBytes: maxResponseSize } = options
    const { origin, pathname } = new URL(baseUrl)
    this.baseUrl = baseUrl
    this.path = pathname.replace(/\/$/, '')
    this.timeoutMs = timeoutMs
    this.maxPending = connections * MAX_WAITING_PER_CONNECTION
    // Every request carries its own deadline, which covers connecting, headers and body.
    const bounds = { connections, headersTimeout: 0, bodyTimeout: 0 }
    this.pool = new Pool(origin, {
      ...bounds,
      ...(tls && { connect: tls }),
      ...(maxResponseSize !== undefined && { maxResponseSize }),
    })
    this.authorization = token === undefined ? {} : { authorization: `Bearer ${token}` }
  }

  /** False also when the server cannot be reached. */
  live(): Promise<boolean> {
    return this.succeeds('/v2/health/live')
  }

  /** False also when the server cannot be reached. */
  ready(): Promise<boolean> {
    return this.succeeds('/v2/health/ready')
  }

  /** @throws what the server answers where the model is not ready, mostly an error of status 503 or 4xx */
  async modelReady(model: ModelVersion, signal?: AbortSignal): Promise<void> {
    await this.send('GET', `${modelPath(model)}/ready`, { signal })
  }

  async serverMetadata(signal?: AbortSignal): Promise<ServerMetadata> {
    const { wire } = await this.send('GET', '/v2', { signal })
    return this.understand(() => parseMessage(serverMetadata, wire.body))
  }

  /** What the server knows beyond the protocol; nothing where it does not describe itself (4xx). */
  async extensions(signal?: AbortSignal): Promise<readonly string[]> {
    try {
      return (await this.serverMetadata(signal)).extensions
    } catch (error) {
      if (error instanceof TierwiseError && error.status < 500) return []
      throw error
    }
  }

  async modelMetadata(model: string | ModelVersion, signal?: AbortSignal): Promise<ModelMetadata> {
    const { wire } = await this.send('GET', modelPath(model), { signal })
    return this.understand(() => parseMessage(modelMetadata, wire.body))
  }

  /** @param options.binary send and receive tensors as binary data (exact, and far faster than JSON) */
  async infer(
    model: string | ModelVersion,
    request: InferRequest,
    {
      binary,
      signal,
      headers = {},
    }: { binary: boolean; signal?: AbortSignal; headers?: Readonly<Record<string, string>> },
  ): Promise<InferResponse> {
    const wire = encodeInferRequest(request, { binary })
    return this.decoded(await this.forward(model, wire, headers, signal))
  }

  /** What a forwarded request was answered. */
  decoded({ wire }: ForwardedAnswer): InferResponse {
    return this.understand(() => decodeInferResponse(wire))
  }

  /**
   * Passes a body on untouched: nothing is decoded on the way there or back.
   * @param until the caller goes away; or a limit of the caller's, in place of the client's own time-out
   */
  forward(
    model: string | ModelVersion,
    wire: WireBody,
    headers: Readonly<Record<string, string>>,
    until?: AbortSignal | TimeLimit,
  ): Promise<ForwardedAnswer> {
    const query = wire.picture?.query ? `?${wire.picture.query}` : ''
    const bound = until instanceof TimeLimit ? { limit: until } : { signal: until }
    return this.send('POST', `${modelPath(model)}/infer${query}`, { wire, headers, ...bound })
  }

  /** Ends requests in flight with UnavailableError. */
  close(): Promise<void> {
    return this.pool.destroy()
  }

  /** Reads an answer; one that is not of the protocol is the server's fault, not the caller's. */
  private understand<Answer>(read: () => Answer): Answer {
    try {
      return read()
    } catch (cause) {
      throw new BadGatewayError(
        `the answer of ${this.baseUrl} is not of the protocol: ${messageOf(cause)}`,
        { cause },
      )
    }
  }

  private async succeeds(path: string): Promise<boolean> {
    return this.send('GET', path).then(
      () => true,
      () => false,
    )
  }

  private async send(method: 'GET' | 'POST', path: string, message: Message = {}) {
    const url = `${this.baseUrl} ${method} ${path}`
    if (this.pending >= this.maxPending) {
      throw new OverloadedError(`${this.pending} requests to ${this.baseUrl} are waiting already`)
    }
    const limit = message.limit ?? new TimeLimit(message.signal, this.timeoutMs)
    this.pending++
    try {
      return await this.exchange(method, path, message, limit.signal)
    } catch (cause) {
      if (limit.isOver) throw new TimeoutError(`${url} gave no answer within ${limit.ms} ms`)
      if (limit.signal.aborted) throw new UnavailableError(`${url} was cancelled by its caller`)
      throw requestError(url, cause)
    } finally {
      this.pending--
      if (limit !== message.limit) limit.end()
    }
  }

  private async exchange(
    method: 'GET' | 'POST',
    path: string,
    { wire, headers }: Message,
    signal: AbortSignal,
  ): Promise<ForwardedAnswer> {
    const response = await this.pool.request({
      method,
      path: this.path + path,
      headers: { ...headers, ...(wire && wireHeaders(wire)), ...this.authorization },
      body: wire?.body ?? null,
      signal,
    })
    const body = new Uint8Array(await response.body.arrayBuffer())
    const status = response.statusCode
    if (status >= 300) {
      throw answeredError(this.baseUrl, status, body, response.headers)
    }
    const jsonLength = parseJsonLength(response.headers[JSON_LENGTH_HEADER])
    return {
      wire: jsonLength === undefined ? { body } : { body, jsonLength },
      headers: Object.fromEntries(
        Object.entries(response.headers).map(([name, value]) => [name, String(value)]),
      ),
      status,
    }
  }
}

interface Message {
  readonly wire?: WireBody
  readonly headers?: Readonly<Record<string, string>>
  readonly signal?: AbortSignal | undefined
  /** The sender's own; absent: the client's time-out counts. */
  readonly limit?: TimeLimit
}

function modelPath(named: string | ModelVersion): string {
  const { model, version } = typeof named === 'string' ? { model: named } : named
  const path = `/v2/models/${encodeURIComponent(model)}`
  return version === undefined ? path : `${path}/versions/${encodeURIComponent(version)}`
}

function wireHeaders({ jsonLength, picture }: WireBody): Record<string, string> {
  if (picture) return { 'content-type': picture.mediaType }
  return jsonLength === undefined
    ? { 'content-type': 'application/json' }
    : { 'content-type': 'application/octet-stream', [JSON_LENGTH_HEADER]: String(jsonLength) }
}
