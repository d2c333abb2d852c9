import { createServer, type Socket, type Server as TcpServer } from 'node:net'
import { createServer as createTlsServer, type TlsOptions } from 'node:tls'
import {
  type handleUnaryCall,
  Metadata,
  Server,
  ServerCredentials,
  type ServerUnaryCall,
  type ServiceDefinition,
} from '@grpc/grpc-js'
import { loadSync } from '@grpc/proto-loader'
import { ReflectionService } from '@grpc/reflection'
import { protoPath as healthProtoPath } from 'grpc-health-check'
import { InvalidInputError, messageOf } from '../../errors.ts'
import type { InferenceHandler } from '../inference-handler.ts'
import { listenError } from '../listen-error.ts'
import { REQUEST_ID_HEADER, requestIdOf } from '../request-id.ts'
import { BytesInFlight, SERVER_BOUNDS, type ServerBounds } from '../server-bounds.ts'
import { boundCalls, type Caller } from './call-bounds.ts'
import { addHealth } from './health.ts'
import { checkMessage } from './message-bounds.ts'
import { METHODS, type Method } from './methods.ts'
import { loadProto, serviceOf } from './proto.ts'
import { statusOf } from './status.ts'

/** Where it listens, and what it bears. */
export interface GrpcServerOptions {
  /** Largest message, compressed or not. */
  readonly bodyLimitBytes: number
  /** Default 127.0.0.1: this machine only. */
  readonly host?: string
  /** 0 takes a free port. */
  readonly port: number
  /** Present: encrypted. */
  readonly tls?: TlsOptions
  /** Where they are not to be `SERVER_BOUNDS`. */
  readonly bounds?: Partial<ServerBounds>
  /** Counted together with what other servers of the node hold. */
  readonly inFlight?: BytesInFlight
  /** Looks at every call before its message is read. @throws TierwiseError for one that is refused */
  admit?(caller: Caller, socket: Socket | undefined): void
  /** Told of every call that fails. */
  onError?(error: unknown, call: { readonly requestId: string; readonly request: string }): void
}

/** A server, listening or not yet. */
export interface GrpcServer {
  /** `host:port`; with port 0 the real port is known once listening. */
  readonly address: string
  /** @throws ConfigError when the port is in use or not allowed */
  listen(): Promise<void>
  /** Refuses new calls and resolves when those in flight are answered, or cut off after `graceMs`. */
  close(graceMs?: number): Promise<void>
}

/** Calls at the same time on one connection. */
const MAX_STREAMS = 256
/** After so long without a sign of life the client is asked for one, and given as long again. */
const KEEPALIVE_MS = 30_000
const IDLE_MS = 10 * 60_000

/** An Open Inference Protocol v2 gRPC server in front of `handler`, with reflection and `grpc.health.v1`. */
export function createGrpcServer(
  handler: InferenceHandler,
  options: GrpcServerOptions,
): GrpcServer {
  const { bodyLimitBytes, host = '127.0.0.1', port, tls, admit, onError } = options
  const { bodyTimeoutMs, inFlightLimitBytes, maxConnections } = {
    ...SERVER_BOUNDS,
    ...options.bounds,
  }
  const peers = new Map<string, Socket>()
  const refusals: Refusals = new WeakMap()
  const interceptor = boundCalls({
    inFlight: options.inFlight ?? new BytesInFlight(inFlightLimitBytes),
    maxCalls: maxConnections,
    bodyTimeoutMs,
    admit(caller, metadata) {
      admit?.(caller, peers.get(caller.peer))
      refusals.set(metadata, handler.refusal())
    },
  })
  const server = new Server({
    interceptors: [interceptor],
    'grpc.max_receive_message_length': bodyLimitBytes,
    'grpc.max_send_message_length': -1,
    'grpc.max_concurrent_streams': MAX_STREAMS,
    'grpc.keepalive_time_ms': KEEPALIVE_MS,
    'grpc.keepalive_timeout_ms': KEEPALIVE_MS,
    'grpc.max_connection_idle_ms': IDLE_MS,
  })
  const stopHealth = addServices(server, { handler, refusals, onError })
  // The sockets are ours: their number is bounded, and their certificates can be asked for.
  const injector = server.createConnectionInjector(ServerCredentials.createInsecure())
  const take = (socket: Socket) => {
    const peer = `${socket.remoteAddress}:${socket.remotePort}`
    peers.set(peer, socket)
    socket.once('close', () => peers.delete(peer))
    injector.injectConnection(socket)
  }
  const listener: TcpServer = tls
    ? createTlsServer({ ...tls, ALPNProtocols: ['h2'] }, take)
    : createServer(take)
  listener.maxConnections = maxConnections
  return {
    get address() {
      const bound = listener.address()
      const open = typeof bound === 'object' && bound ? bound.port : port
      return `${host.includes(':') ? `[${host}]` : host}:${open}`
    },
    listen: () => listen(listener, host, port),
    async close(graceMs = 0) {
      stopHealth()
      listener.close()
      const cutOff = setTimeout(() => server.forceShutdown(), graceMs)
      await new Promise<void>((resolve) => server.tryShutdown(() => resolve()))
      clearTimeout(cutOff)
      for (const socket of peers.values()) socket.destroy()
    },
  }
}

function listen(listener: TcpServer, host: string, port: number): Promise<void> {
  return new Promise((resolve, reject) => {
    listener.once('error', (error) => reject(listenError(error, host, port)))
    listener.listen(port, host, () => resolve())
  })
}

/** By a call's own metadata: the handler's refusal when they came. A message that is on its way when the node ends is served. */
type Refusals = WeakMap<Metadata, string | undefined>

interface Answering {
  readonly handler: InferenceHandler
  readonly refusals: Refusals
  readonly onError: GrpcServerOptions['onError']
}

/** @returns a function that stops watching the handler's health */
function addServices(server: Server, answering: Answering): () => void {
  const proto = loadProto()
  const methods: Readonly<Record<string, Method<never>>> = METHODS
  server.addService(
    bounded(serviceOf(proto)),
    Object.fromEntries(
      Object.entries(methods).map(([name, method]) => [name, unary(method, answering)]),
    ),
  )
  new ReflectionService({ ...proto, ...loadSync(healthProtoPath) }).addToServer(server)
  return addHealth(server, answering.handler)
}

/** The same, whose requests are parsed within bounds; one beyond them is its error, which is thrown where it is answered. */
function bounded(service: ServiceDefinition): ServiceDefinition {
  return Object.fromEntries(
    Object.entries(service).map(([name, method]) => {
      const requestDeserialize = (bytes: Buffer): unknown => {
        try {
          checkMessage(bytes, name)
          return method.requestDeserialize(bytes)
        } catch (error) {
          if (error instanceof InvalidInputError) return error
          return new InvalidInputError(`the message is none of the protocol: ${messageOf(error)}`)
        }
      }
      return [name, { ...method, requestDeserialize }]
    }),
  )
}

function unary(method: Method<never>, answering: Answering): handleUnaryCall<object, object> {
  return (call, callback) => {
    const headers = headersOf(call)
    const requestId = requestIdOf({ headers })
    const named = { ...headers, [REQUEST_ID_HEADER]: requestId }
    answer(method, answering, call, named).then(
      (message) => callback(null, message),
      (error: unknown) => {
        answering.onError?.(error, { requestId, request: call.getPath() })
        const status = statusOf(error)
        status.metadata.set(REQUEST_ID_HEADER, requestId)
        callback(status)
      },
    )
  }
}

function headersOf({ metadata }: ServerUnaryCall<object, object>): Record<string, string> {
  return Object.fromEntries(
    Object.entries(metadata.getMap()).map(([name, value]) => [name, value.toString()]),
  )
}

async function answer(
  method: Method<never>,
  { handler, refusals }: Answering,
  call: ServerUnaryCall<object, object>,
  headers: Readonly<Record<string, string>>,
): Promise<object> {
  if (call.request instanceof Error) throw call.request
  const cancelled = new AbortController()
  call.on('cancelled', () => cancelled.abort())
  const deadline = call.getDeadline()
  // Parsed by the proto as the method's own type.
  return method(handler, call.request as never, {
    headers,
    signal: cancelled.signal,
    leftMs: Number(deadline) - Date.now(),
    refusal: refusals.get(call.metadata),
    sendHeaders(told) {
      const metadata = new Metadata()
      metadata.set(REQUEST_ID_HEADER, headers[REQUEST_ID_HEADER] ?? '')
      for (const [name, value] of Object.entries(told)) metadata.set(name, value)
      call.sendMetadata(metadata)
    },
  })
}
