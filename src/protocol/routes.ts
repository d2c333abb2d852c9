/** The protocol's REST routes, in the order of the specification. */
import type { IncomingMessage } from 'node:http'
import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify'
import { TierwiseError, UnsupportedMediaError } from '../errors.ts'
import { compressAnswer } from './answer-encoding.ts'
import { decodeInferRequest, encodeInferResponse } from './codec.ts'
import { modelConfig, refuseChange, repositoryIndex } from './extensions.ts'
import { admit, inferCall, takesPictures } from './infer-call.ts'
import type { InferCall, InferenceHandler } from './inference-handler.ts'
import type { WireBody } from './messages.ts'
import { framePicture } from './picture-body.ts'
import { JSON_LENGTH_HEADER, readBody } from './request-body.ts'
import { REQUEST_ID_HEADER } from './request-id.ts'
import { parseMessage, repositoryIndexRequest } from './schemas.ts'
import { BytesInFlight, type ServerBounds } from './server-bounds.ts'

interface Call {
  readonly model: string
  readonly version?: string
  readonly request: FastifyRequest
  readonly reply: FastifyReply
  readonly jsonLimitBytes: number
}

interface Route {
  readonly method: 'GET' | 'POST'
  readonly paths: readonly string[]
  answer(handler: InferenceHandler, call: Call): unknown
  /** By the headers alone. @throws TierwiseError for a request that is not taken */
  admit?(handler: InferenceHandler, call: Omit<Call, 'reply' | 'jsonLimitBytes'>): void
}

const modelPaths = (end: string) => [
  `/v2/models/:model${end}`,
  `/v2/models/:model/versions/:version${end}`,
]

const ROUTES: readonly Route[] = [
  { method: 'GET', paths: ['/v2/health/live'], answer: live },
  { method: 'GET', paths: ['/v2/health/ready'], answer: ready },
  { method: 'GET', paths: modelPaths('/ready'), answer: modelReady },
  { method: 'GET', paths: ['/v2', '/v2/'], answer: (handler) => handler.serverMetadata() },
  {
    method: 'GET',
    paths: modelPaths(''),
    answer: (handler, { model, version }) => handler.modelMetadata(model, version),
  },
  { method: 'POST', paths: modelPaths('/infer'), answer: infer, admit: admitHeaders },
  {
    method: 'GET',
    paths: modelPaths('/config'),
    answer: (handler, { model, version }) => modelConfig(handler, model, version),
  },
  {
    method: 'GET',
    paths: modelPaths('/stats'),
    answer: (handler, { model, version }) => ({
      model_stats: handler.modelStatistics(model, version),
    }),
  },
  {
    method: 'GET',
    paths: ['/v2/models/stats'],
    answer: (handler) => ({ model_stats: handler.modelStatistics() }),
  },
  { method: 'POST', paths: ['/v2/repository/index'], answer: index },
  {
    method: 'POST',
    paths: ['/v2/repository/models/:model/load'],
    answer: (handler, { model }) => refuseChange(handler, model, 'load'),
  },
  {
    method: 'POST',
    paths: ['/v2/repository/models/:model/unload'],
    answer: (handler, { model }) => refuseChange(handler, model, 'unload'),
  },
]

const METHODS = ['GET', 'POST', 'PUT', 'PATCH', 'DELETE', 'OPTIONS']

/** What bodies the routes take. */
export interface RouteOptions {
  /** Of one body, compressed or not. */
  readonly bodyLimitBytes: number
  readonly bounds: ServerBounds
}

/** Adds the routes to a Fastify scope whose bodies are read raw, within bounds. */
export function addInferenceRoutes(
  scope: FastifyInstance,
  handler: InferenceHandler,
  { bodyLimitBytes, bounds }: RouteOptions,
): void {
  scope.removeAllContentTypeParsers()
  const inFlight = new BytesInFlight(bounds.inFlightLimitBytes)
  scope.addContentTypeParser('*', (request: FastifyRequest, payload: IncomingMessage) =>
    readBody(payload, {
      limitBytes: bodyLimitBytes,
      timeoutMs: bounds.bodyTimeoutMs,
      take: (bytes) => inFlight.take(request, bytes),
    }),
  )
  scope.addHook('onRequest', (request, reply, done) => {
    inFlight.open(request)
    reply.raw.once('close', () => inFlight.release(request))
    done()
  })
  scope.addHook('onSend', compressAnswer)
  for (const { method, paths, answer, admit } of ROUTES) {
    for (const url of paths) {
      scope.route<{ Params: { model?: string; version?: string } }>({
        method,
        url,
        // Before the body is read: what began to come in time is served.
        onRequest: async (request) => {
          const { model = '', version } = request.params
          admit?.(handler, { model, ...(version !== undefined && { version }), request })
        },
        handler: async (request, reply) => {
          const { model = '', version } = request.params
          return answer(handler, {
            model,
            ...(version !== undefined && { version }),
            request,
            reply,
            jsonLimitBytes: bounds.jsonLimitBytes,
          })
        },
      })
      scope.route({
        method: METHODS.filter((other) => other !== method),
        url,
        handler: async (request, reply) => {
          reply.header('allow', method)
          throw new TierwiseError(
            `${request.method} is not allowed on ${request.url}: use ${method}`,
            'method-not-allowed',
            405,
          )
        },
      })
    }
  }
}

function live(handler: InferenceHandler, { reply }: Call) {
  const live = handler.live()
  reply.code(live ? 200 : 503)
  return { live }
}

/** Both keys: the specification's text says `live`, its implementations say `ready`. */
function ready(handler: InferenceHandler, { reply }: Call) {
  const ready = handler.ready()
  reply.code(ready ? 200 : 503)
  return { live: handler.live(), ready }
}

function modelReady(handler: InferenceHandler, { model, version, reply }: Call) {
  const ready = handler.modelReady(model, version)
  reply.code(ready ? 200 : 503)
  return { name: model, ready }
}

function index(handler: InferenceHandler, { request }: Call) {
  const { body } = bodyOf(request)
  const { ready = false } = body.byteLength > 0 ? parseMessage(repositoryIndexRequest, body) : {}
  return repositoryIndex(handler, ready)
}

function admitHeaders(
  handler: InferenceHandler,
  { model, version, request }: Omit<Call, 'reply' | 'jsonLimitBytes'>,
): void {
  const headers = singleHeaders(request.headers)
  admit(handler, { model, ...(version !== undefined && { version }), headers })
}

async function infer(handler: InferenceHandler, call: Call): Promise<Buffer> {
  const { model, version, request, reply, jsonLimitBytes } = call
  const wire = framePicture(bodyOf(request), request.headers['content-type'], request.url)
  if (wire.picture && !takesPictures(handler)) {
    throw new UnsupportedMediaError(`model "${model}" takes no pictures: send its tensors`)
  }
  const incoming = inferCall(handler, {
    model,
    ...(version !== undefined && { version }),
    headers: { ...singleHeaders(request.headers), [REQUEST_ID_HEADER]: request.id },
    signal: abortedOnDisconnect(reply),
    wire: () => wire,
    read: (metadata) => decodeInferRequest(wire, metadata, jsonLimitBytes),
  })
  const { content, headers } = await handler.infer(incoming)
  if (headers) reply.headers(headers)
  return sendWire(
    reply,
    isWireBody(content) ? content : encodeInferResponse(content, incoming.decode()),
  )
}

function sendWire(reply: FastifyReply, { body, jsonLength }: WireBody): Buffer {
  if (jsonLength === undefined) reply.type('application/json')
  else reply.type('application/octet-stream').header(JSON_LENGTH_HEADER, jsonLength)
  return Buffer.from(body.buffer, body.byteOffset, body.byteLength)
}

function abortedOnDisconnect({ raw }: FastifyReply): AbortSignal {
  const controller = new AbortController()
  raw.once('close', () => {
    if (!raw.writableFinished) controller.abort()
  })
  return controller.signal
}

function singleHeaders(headers: FastifyRequest['headers']): InferCall['headers'] {
  return Object.fromEntries(
    Object.entries(headers).map(([name, value]) => [
      name,
      Array.isArray(value) ? value.join(', ') : value,
    ]),
  )
}

function bodyOf({ body }: FastifyRequest): WireBody {
  return isWireBody(body) ? body : { body: new Uint8Array() }
}

function isWireBody(value: unknown): value is WireBody {
  return (
    typeof value === 'object' &&
    value !== null &&
    'body' in value &&
    value.body instanceof Uint8Array
  )
}
