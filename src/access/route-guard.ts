/** In front of every route of a node: whose page asks, in what form, who it is, and whether the table lets them. */
import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify'
import type { Logger } from 'pino'
import { refusalLog } from '../control/refusal-log.ts'
import { ForbiddenError, messageOf, TierwiseError } from '../errors.ts'
import { type Gate, refusal } from './gate.ts'
import type { HostCheck } from './hosts.ts'
import { type Identity, mayRequest, routeRow } from './rights.ts'

/** What a node's server is guarded by. */
export interface RouteGuard {
  readonly checkHost: HostCheck
  /** Absent where the fleet has no authority: then everybody may everything. */
  readonly gate?: Gate
  /** Open to other machines without credentials, as it was asked to be: the page says so. */
  readonly insecure?: boolean
  /** Told who was refused, now and then. */
  readonly logger?: Logger
}

const PAGE_DIRECTIVES = {
  'default-src': ["'self'"],
  // Firefox and Safari do not count a WebSocket of the page's own host as 'self'.
  'connect-src': ["'self'", 'ws:', 'wss:'],
  'img-src': ["'self'", 'data:'],
  'object-src': ["'none'"],
  'base-uri': ["'none'"],
  'form-action': ["'self'"],
  'frame-ancestors': ["'none'"],
}
/** Content-Security-Policy: under it the page works, and nothing runs in it that did not come with it. */
export const PAGE_POLICY = Object.entries(PAGE_DIRECTIVES)
  .map(([name, values]) => `${name} ${values.join(' ')}`)
  .join(';')

/**
 * Of every answer: what a browser may do with it, and an older one too (the defaults of helmet 8). `strict-transport-security` is not
 * here: a browser would remember it for every server of the machine's name, other ports included.
 */
const PAGE_HEADERS = {
  'content-security-policy': PAGE_POLICY,
  'cross-origin-opener-policy': 'same-origin',
  'cross-origin-resource-policy': 'same-origin',
  'origin-agent-cluster': '?1',
  'referrer-policy': 'no-referrer',
  'x-content-type-options': 'nosniff',
  'x-dns-prefetch-control': 'off',
  'x-download-options': 'noopen',
  'x-frame-options': 'SAMEORIGIN',
  'x-permitted-cross-domain-policies': 'none',
  'x-xss-protection': '0',
}

/** For the OpenAPI document. */
const ABOUT_ACCESS: object = { about: 'Who is asking, as this node knows them.' }

/** Of a reason, which may have an address in it. */
const MAX_LOGGED_CHARACTERS = 200

/** What a page of another site can send without asking first. */
const TEXT = /^\s*text\/plain\b/i

/**
 * Guards all routes of a server, those that it already has included. Call it before the server listens.
 * @throws Error, when a route is added that the table of rights does not have
 */
export function guardRoutes(app: FastifyInstance, guard: RouteGuard): void {
  app.addHook('onRoute', ({ url }) => {
    if (routeRow(url)) return
    throw new Error(`${url} has no row in the table of rights: add it to src/access/rights.ts`)
  })
  const log = guard.logger && refusalLog(guard.logger)
  app.addHook('onRequest', (request, reply, done) => {
    reply.headers(PAGE_HEADERS)
    try {
      admit(guard, request, reply)
    } catch (error) {
      log?.(request.ip, `refused a request: ${messageOf(error).slice(0, MAX_LOGGED_CHARACTERS)}`)
      throw error
    }
    done()
  })
  app.get('/v2/tierwise/access', { config: ABOUT_ACCESS }, (request) => {
    const identity = guard.gate && identify(guard.gate, request)
    return {
      authority: guard.gate !== undefined,
      insecure: guard.insecure === true,
      ...(identity && { name: identity.name, role: identity.role }),
    }
  })
}

/** @throws UnauthorizedError, ForbiddenError, or TierwiseError for the form of the body */
function admit(
  { checkHost, gate }: RouteGuard,
  request: FastifyRequest,
  reply: FastifyReply,
): void {
  const refusal = checkHost(request.headers)
  if (refusal !== undefined) throw new ForbiddenError(refusal)
  refuseText(request)
  if (gate === undefined || isForAnyone(request)) return
  // Taken back where it turns out who it is.
  reply.header('www-authenticate', 'Bearer realm="tierwise"')
  authorize(identify(gate, request), request)
  reply.removeHeader('www-authenticate')
}

function isForAnyone({ method, routeOptions }: FastifyRequest): boolean {
  return routeOptions.url !== undefined && mayRequest(undefined, method, routeOptions.url)
}

function identify(gate: Gate, { headers, raw }: FastifyRequest): Identity | undefined {
  return gate.identify(headers.authorization, raw.socket)
}

function authorize(identity: Identity | undefined, request: FastifyRequest): void {
  const { url: path } = request.routeOptions
  // What is not there is told only to who is known.
  if (path === undefined && identity !== undefined) return
  const parameters = request.params as Readonly<Record<string, string>>
  const may = path !== undefined && mayRequest(identity, request.method, path, parameters)
  if (!may) throw refusal(identity, `${request.method} ${request.url}`)
}

function refuseText({ headers }: FastifyRequest): void {
  const type = headers['content-type']
  if (type === undefined || !TEXT.test(type)) return
  throw new TierwiseError(
    `a body of type "${type}" is refused: write application/json, application/octet-stream, or for a picture image/jpeg, image/png or image/webp`,
    'unsupported-media',
    415,
  )
}
