/** The operations of the protocol over REST, in the order of the specification: one row for each. */
import type { FastifyReply, FastifyRequest } from 'fastify'
import type { z } from 'zod'
import { UnsupportedMediaError } from '../errors.ts'
import {
  inferAnswer,
  liveAnswer,
  modelConfigAnswer,
  modelMetadataAnswer,
  modelReadyAnswer,
  readyAnswer,
  repositoryIndexAnswer,
  serverMetadataAnswer,
  statisticsAnswer,
} from './answer-schemas.ts'
import { encodeInferResponse } from './codec.ts'
import { modelConfig, refuseChange, repositoryIndex } from './extensions.ts'
import { admit, inferCall, takesPictures } from './infer-call.ts'
import type { InferCall, InferenceHandler } from './inference-handler.ts'
import { checkJson } from './json-bounds.ts'
import type { WireBody } from './messages.ts'
import { framePicture } from './picture-body.ts'
import { JSON_LENGTH_HEADER } from './request-body.ts'
import { REQUEST_ID_HEADER } from './request-id.ts'
import type { RequestReader } from './request-reader.ts'
import { inferRequest, parseMessage, repositoryIndexRequest } from './schemas.ts'

/** Of what asks for the index: it has one key. */
const INDEX_LIMIT_BYTES = 2 ** 16

/** One request, as an operation sees it. */
interface Call {
  readonly model: string
  readonly version?: string
  readonly request: FastifyRequest
  readonly reply: FastifyReply
  readonly reader: Pick<RequestReader, 'read'>
}

/** What can be asked at some paths, and how it is answered. */
export interface Operation {
  readonly name: string
  readonly about: string
  readonly method: 'GET' | 'POST'
  readonly paths: readonly string[]
  /** JSON that it takes. */
  readonly takes?: z.ZodType
  /** JSON that it gives; absent: it is always refused. */
  readonly gives?: z.ZodType
  /** Whether bodies may carry binary tensors beside JSON, and pictures in place of it. */
  readonly isBinary?: true
  /** Whether "no" is 503, with what it gives. */
  readonly isProbe?: true
  answer(handler: InferenceHandler, call: Call): unknown
  /** By the headers alone. @throws TierwiseError for a request that is not taken */
  admit?(handler: InferenceHandler, call: Omit<Call, 'reply' | 'reader'>): void
}

const modelPaths = (end: string) => [
  `/v2/models/:model${end}`,
  `/v2/models/:model/versions/:version${end}`,
]

/** All of them. */
export const OPERATIONS: readonly Operation[] = [
  {
    ...{ name: 'serverLive', about: 'Whether the server runs.', gives: liveAnswer, isProbe: true },
    ...{ method: 'GET', paths: ['/v2/health/live'], answer: live },
  },
  {
    ...{ name: 'serverReady', about: 'Whether all models are warm.', gives: readyAnswer },
    ...{ method: 'GET', paths: ['/v2/health/ready'], answer: ready, isProbe: true },
  },
  {
    ...{ name: 'modelReady', about: 'Whether a model is warm.', gives: modelReadyAnswer },
    ...{ method: 'GET', paths: modelPaths('/ready'), answer: modelReady, isProbe: true },
  },
  {
    ...{ name: 'serverMetadata', about: 'What the server is, and the extensions it knows.' },
    ...{ method: 'GET', paths: ['/v2', '/v2/'], gives: serverMetadataAnswer },
    answer: (handler) => handler.serverMetadata(),
  },
  {
    ...{ name: 'modelMetadata', about: 'What a model takes and gives.' },
    ...{ method: 'GET', paths: modelPaths(''), gives: modelMetadataAnswer },
    answer: (handler, { model, version }) => handler.modelMetadata(model, version),
  },
  {
    ...{ name: 'infer', about: 'One inference.', takes: inferRequest, gives: inferAnswer },
    ...{ method: 'POST', paths: modelPaths('/infer'), isBinary: true, answer: infer },
    admit: admitHeaders,
  },
  {
    ...{ name: 'modelConfig', about: 'What a model takes and gives, as Triton has it.' },
    ...{ method: 'GET', paths: modelPaths('/config'), gives: modelConfigAnswer },
    answer: (handler, { model, version }) => modelConfig(handler, model, version),
  },
  {
    ...{ name: 'modelStatistics', about: 'What a model has done since the start.' },
    ...{ method: 'GET', paths: modelPaths('/stats'), gives: statisticsAnswer },
    answer: (handler, { model, version }) => ({
      model_stats: handler.modelStatistics(model, version),
    }),
  },
  {
    ...{ name: 'statistics', about: 'What every variant has done since the start.' },
    ...{ method: 'GET', paths: ['/v2/models/stats'], gives: statisticsAnswer },
    answer: (handler) => ({ model_stats: handler.modelStatistics() }),
  },
  {
    ...{ name: 'repositoryIndex', about: 'The models of this node.', answer: index },
    ...{ takes: repositoryIndexRequest, gives: repositoryIndexAnswer },
    ...{ method: 'POST', paths: ['/v2/repository/index'] },
  },
  {
    ...{ name: 'repositoryModelLoad', about: 'Refused: the catalogue says what a node holds.' },
    ...{ method: 'POST', paths: ['/v2/repository/models/:model/load'] },
    answer: (handler, { model }) => refuseChange(handler, model, 'load'),
  },
  {
    ...{ name: 'repositoryModelUnload', about: 'Refused: the catalogue says what a node holds.' },
    ...{ method: 'POST', paths: ['/v2/repository/models/:model/unload'] },
    answer: (handler, { model }) => refuseChange(handler, model, 'unload'),
  },
]

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
  checkJson(body, INDEX_LIMIT_BYTES)
  const { ready = false } = body.byteLength > 0 ? parseMessage(repositoryIndexRequest, body) : {}
  return repositoryIndex(handler, ready)
}

function admitHeaders(
  handler: InferenceHandler,
  { model, version, request }: Omit<Call, 'reply' | 'reader'>,
): void {
  const headers = singleHeaders(request.headers)
  admit(handler, { model, ...(version !== undefined && { version }), headers }, handler.refusal())
}

async function infer(handler: InferenceHandler, call: Call): Promise<Buffer> {
  const { model, version, request, reply, reader } = call
  const wire = framePicture(bodyOf(request), request.headers['content-type'], request.url)
  if (wire.picture && !takesPictures(handler)) {
    throw new UnsupportedMediaError(`model "${model}" takes no pictures: send its tensors`)
  }
  const signal = abortedOnDisconnect(reply)
  const incoming = inferCall(handler, {
    model,
    ...(version !== undefined && { version }),
    receivingMs: reply.elapsedTime,
    headers: { ...singleHeaders(request.headers), [REQUEST_ID_HEADER]: request.id },
    signal,
    wire: () => wire,
    read: (metadata) => reader.read(wire, metadata, signal),
  })
  const { content, headers } = await handler.infer(incoming)
  if (headers) reply.headers(headers)
  return sendWire(
    reply,
    isWireBody(content) ? content : encodeInferResponse(content, await incoming.decode()),
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
  const single: Record<string, string | undefined> = {}
  for (const [name, value] of Object.entries(headers)) {
    single[name] = Array.isArray(value) ? value.join(', ') : value
  }
  return single
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
