/** Adds the protocol's REST routes to a server. */
import type { IncomingMessage } from 'node:http'
import type { FastifyInstance, FastifyRequest } from 'fastify'
import { TierwiseError } from '../errors.ts'
import { compressAnswer } from './answer-encoding.ts'
import type { InferenceHandler } from './inference-handler.ts'
import { about, type OtherRoute, openApiDocument } from './openapi.ts'
import { OPERATIONS } from './operations.ts'
import { readBody } from './request-body.ts'
import { RequestReader } from './request-reader.ts'
import type { BytesInFlight, ServerBounds } from './server-bounds.ts'

/** Where the OpenAPI document of the routes is. */
const OPENAPI_PATH = '/v2/openapi.json'
const METHODS = ['GET', 'POST', 'PUT', 'PATCH', 'DELETE', 'OPTIONS']

/** What bodies the routes take. */
export interface RouteOptions {
  /** Of one body, compressed or not. */
  readonly bodyLimitBytes: number
  readonly bounds: ServerBounds
  readonly inFlight: BytesInFlight
  /** What else the server answers, when asked for the document. */
  readonly others: readonly OtherRoute[]
}

/** Adds the routes to a Fastify scope whose bodies are read raw, within bounds. */
export function addInferenceRoutes(
  scope: FastifyInstance,
  handler: InferenceHandler,
  { bodyLimitBytes, bounds, inFlight, others }: RouteOptions,
): void {
  scope.removeAllContentTypeParsers()
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
  const reader = new RequestReader(bounds.jsonLimitBytes)
  scope.addHook('onClose', () => reader.close())
  scope.addHook('onSend', compressAnswer)
  // Written once, when all routes are there: it takes longer than any other answer, and whoever asks again must not hold others up.
  let document: string | undefined
  scope.get(OPENAPI_PATH, about('This document.'), (_request, reply) => {
    document ??= JSON.stringify(openApiDocument(OPERATIONS, others))
    return reply.type('application/json; charset=utf-8').send(document)
  })
  for (const { method, paths, answer, admit } of OPERATIONS) {
    for (const url of paths) {
      scope.route<{ Params: { model?: string; version?: string } }>({
        method,
        url,
        // Before the body is read: what began to come in time is served.
        onRequest: (request, _reply, done) => {
          const { model = '', version } = request.params
          admit?.(handler, { model, ...(version !== undefined && { version }), request })
          done()
        },
        handler: (request, reply) => {
          const { model = '', version } = request.params
          return answer(handler, {
            model,
            ...(version !== undefined && { version }),
            request,
            reply,
            reader,
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
