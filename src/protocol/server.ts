import type { IncomingMessage, Server } from 'node:http'
import type { TlsOptions } from 'node:tls'
import Fastify, {
  type FastifyInstance,
  type FastifyReply,
  type FastifyRequest,
  type FastifyServerOptions,
} from 'fastify'
import { InvalidInputError, NotFoundError, TierwiseError } from '../errors.ts'
import { ERROR_CODE_HEADER, RETRY_AFTER_MS_HEADER } from './client-errors.ts'
import { answerConnectionError, answeredAs } from './connection-errors.ts'
import { discardRest, isWhole } from './discard.ts'
import type { InferenceHandler } from './inference-handler.ts'
import { listenError } from './listen-error.ts'
import { aboutOf, type OtherRoute } from './openapi.ts'
import { REQUEST_ID_HEADER, requestIdOf } from './request-id.ts'
import { addInferenceRoutes } from './routes.ts'
import { BytesInFlight, SERVER_BOUNDS, type ServerBounds } from './server-bounds.ts'
import { boundUnreadAnswers } from './unread-answers.ts'

/** Where it listens, and what it bears. */
export interface InferenceServerOptions {
  /** Largest request body, compressed or not. */
  readonly bodyLimitBytes: number
  /** Default 127.0.0.1: this machine only. */
  readonly host?: string
  /** 0 takes a free port. */
  readonly port: number
  /** Present: HTTPS. */
  readonly tls?: TlsOptions
  /** Where they are not to be `SERVER_BOUNDS`. */
  readonly bounds?: Partial<ServerBounds>
  /** Counted together with what other servers of the node hold. */
  readonly inFlight?: BytesInFlight
}

/** A server, listening or not yet. */
export interface InferenceServer {
  /** The HTTP server below, for further routes; their bodies are parsed as Fastify does by default. */
  readonly app: FastifyInstance
  /** Base URL; with port 0 the real port is known once listening. */
  readonly url: string
  /** @throws ConfigError when the port is in use or not allowed */
  listen(): Promise<void>
  /** Refuses new requests and resolves when those in flight are answered. */
  close(): Promise<void>
}

// Model names may be long paths; Fastify's default of 100 characters would answer them with 404.
const MAX_NAME_CHARACTERS = 1024
/** Whole seconds are all that HTTP has, and at once would be too soon. */
const LEAST_RETRY_SECONDS = 1
/** Of a body of another route, where that says nothing else: so many connections may each hold one. */
const OTHER_BODY_LIMIT_BYTES = 64 * 1024
/** How late time-outs of connections may be. */
const CHECK_INTERVAL_MS = 1000

/** An Open Inference Protocol v2 REST server in front of `handler`. Every error is answered as `{"error": "…"}`. */
export function createInferenceServer(
  handler: InferenceHandler,
  {
    bodyLimitBytes,
    host = '127.0.0.1',
    port,
    tls,
    bounds: set,
    inFlight: shared,
  }: InferenceServerOptions,
): InferenceServer {
  const bounds = { ...SERVER_BOUNDS, ...set }
  const inFlight = shared ?? new BytesInFlight(bounds.inFlightLimitBytes)
  const options: FastifyServerOptions = {
    bodyLimit: OTHER_BODY_LIMIT_BYTES,
    routerOptions: { maxParamLength: MAX_NAME_CHARACTERS },
    genReqId: requestIdOf,
    clientErrorHandler: answerConnectionError,
    frameworkErrors: (error, { id }, reply) =>
      sendError(reply.header(REQUEST_ID_HEADER, id), error),
  }
  // A request without a Host is refused below, as all others are: Node.js answers without a word.
  const checks = { connectionsCheckingInterval: CHECK_INTERVAL_MS, requireHostHeader: false }
  // An HTTPS server does all that an HTTP server does; only its type says otherwise.
  const app: FastifyInstance = Fastify({
    ...options,
    ...(tls ? { https: { ...tls, ...checks } } : { http: checks }),
  })
  boundConnections(app.server, bounds)
  const others: OtherRoute[] = []
  app.addHook('onRoute', ({ method, url: path, config }) => {
    const about = aboutOf(config)
    if (about !== undefined && method !== 'HEAD')
      others.push({ method: String(method), path, about })
  })
  nameAndRefuse(app)
  boundUnreadAnswers(app, bounds.bodyTimeoutMs)
  // Before its body is kept, which nobody reads.
  app.addHook('preParsing', (request, _reply, _body, done) => {
    done(request.is404 ? notFound(request) : null)
  })
  app.setErrorHandler(async (error, request, reply) => {
    await discardRest(request.raw)
    // What still comes would be taken for the next request.
    if (!isWhole(request.raw)) reply.header('connection', 'close')
    sendError(reply, error)
    return reply
  })
  app.setNotFoundHandler((request) => {
    throw notFound(request)
  })
  app.register((scope, _options, done) => {
    addInferenceRoutes(scope, handler, { bodyLimitBytes, bounds, inFlight, others })
    done()
  })
  let closing = false
  app.addHook('onResponse', (_request, _reply, done) => {
    // A connection kept alive after its last answer would hold close() until it times out.
    if (closing) setImmediate(() => app.server.closeIdleConnections())
    done()
  })
  return {
    app,
    get url() {
      const address = app.server.address()
      return baseUrl(
        tls ? 'https' : 'http',
        host,
        typeof address === 'object' && address ? address.port : port,
      )
    },
    async listen() {
      try {
        await app.listen({ host, port })
      } catch (cause) {
        throw listenError(cause, host, port)
      }
    },
    close() {
      closing = true
      return app.close()
    },
  }
}

/** Of every request: its id, before anything else, and what HTTP itself has against it. */
function nameAndRefuse(app: FastifyInstance): void {
  app.addHook('onRequest', ({ id, raw }, reply, done) => {
    reply.header(REQUEST_ID_HEADER, id)
    done(refusalOf(raw))
  })
  // Otherwise Node.js refuses what it does not know, in an answer without a word.
  app.server.on('checkExpectation', (request, response) => {
    app.server.emit('request', request, response)
  })
}

/** Of every route; those of inference look at their bodies' time more closely. */
function boundConnections(server: Server, bounds: ServerBounds): void {
  server.maxConnections = bounds.maxConnections
  server.headersTimeout = bounds.headersTimeoutMs
  server.requestTimeout = bounds.headersTimeoutMs + bounds.bodyTimeoutMs
}

/** The address to reach the server at from this machine. */
function baseUrl(scheme: string, host: string, port: number): string {
  const reachable = host === '0.0.0.0' || host === '::' ? '127.0.0.1' : host
  return `${scheme}://${reachable.includes(':') ? `[${reachable}]` : reachable}:${port}`
}

/** What HTTP itself has against a request. */
function refusalOf({ headers, httpVersion }: IncomingMessage): TierwiseError | undefined {
  const { host, expect } = headers
  if (host === undefined && httpVersion === '1.1')
    return new InvalidInputError('the header Host is missing')
  if (expect === undefined || expect.toLowerCase() === '100-continue') return undefined
  return new TierwiseError(
    `"Expect: ${expect}" is not understood: leave it out`,
    'expectation-failed',
    417,
  )
}

function notFound({ method, url }: FastifyRequest): NotFoundError {
  return new NotFoundError(`there is no ${method} ${url} here: see GET /v2/openapi.json`)
}

function sendError(reply: FastifyReply, thrown: unknown): void {
  const { status, code, message, retryAfterMs } = answeredAs(thrown)
  if (status === 503) reply.headers(retryHeaders(retryAfterMs))
  reply.header(ERROR_CODE_HEADER, code).code(status).send({ error: message })
}

/** In seconds as HTTP has it, and in milliseconds where the time is known. */
function retryHeaders(afterMs: number | undefined): Readonly<Record<string, number>> {
  const seconds = Math.max(LEAST_RETRY_SECONDS, Math.ceil((afterMs ?? 0) / 1000))
  return {
    'retry-after': seconds,
    ...(afterMs !== undefined && { [RETRY_AFTER_MS_HEADER]: Math.ceil(afterMs) }),
  }
}
