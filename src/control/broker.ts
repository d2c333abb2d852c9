/** The embedded MQTT broker (aedes), inside the cloud node. Outgrown, any broker takes its place by its URL. */
import { once } from 'node:events'
import type { Server as HttpServer, IncomingHttpHeaders, IncomingMessage } from 'node:http'
import { createServer, type Server } from 'node:net'
import type { Duplex } from 'node:stream'
import { createServer as createTlsServer, type TlsOptions } from 'node:tls'
import { Aedes } from 'aedes'
import type { Logger } from 'pino'
import { createWebSocketStream, WebSocketServer } from 'ws'
import { ConfigError, messageOf } from '../errors.ts'
import { silentLogger } from '../silent-logger.ts'
import { type BrokerDoor, guardBroker } from './broker-door.ts'
import { BROKER_LIMITS, type BrokerLimits, limitBroker } from './broker-limits.ts'
import { PacketLimit } from './packet-limit.ts'

/** Messages of one client at QoS 2 that it has not released. */
const MAX_HALF_SENT = 16

/** Where it listens, and what it bears. */
export interface BrokerOptions {
  /** 0 takes any free port. */
  readonly port: number
  /** Default 127.0.0.1. */
  readonly host?: string
  readonly logger?: Logger
  /** TCP and WebSocket together. */
  readonly maxConnections?: number
  readonly maxPacketBytes?: number
  /** Present: TCP connections are encrypted, and those who connect may show a certificate. */
  readonly tls?: TlsOptions
  /** Who may connect, and what they may do; absent: everybody everything. */
  readonly door?: BrokerDoor
  /** Where they are not to be `BROKER_LIMITS`. */
  readonly limits?: Partial<BrokerLimits> | undefined
}

/** Says why an upgrade to WebSocket is refused, or nothing. */
export type UpgradeCheck = (headers: IncomingHttpHeaders) => string | undefined

/** A broker that runs in this process. */
export interface Broker {
  /** `mqtt://host:port`, or `mqtts://host:port` */
  readonly url: string
  readonly port: number
  readonly connections: number
  /** Also serves MQTT over WebSocket at this path of an HTTP server, which stays the caller's. */
  attachWebSocket(httpServer: HttpServer, path: string, check?: UpgradeCheck): void
  close(): Promise<void>
}

/** @throws ConfigError when the port is in use or the address cannot be listened on */
export async function startBroker(options: BrokerOptions): Promise<Broker> {
  const { port, host = '127.0.0.1', logger = silentLogger, tls, door } = options
  const { maxConnections = 1000, maxPacketBytes = 128 * 1024 } = options
  const aedes = await Aedes.createBroker({
    connectTimeout: 5000,
    drainTimeout: 10_000,
    maxInflightInbound: MAX_HALF_SENT,
  })
  const streams = new Set<Duplex>()
  const detachers: (() => void)[] = []

  const accept = (stream: Duplex, request?: IncomingMessage) => {
    stream.on('error', (error) => logger.debug({ err: error }, 'control connection failed'))
    if (streams.size >= maxConnections) {
      logger.warn(`refused a control connection: there are ${maxConnections} already`)
      stream.destroy()
      return
    }
    streams.add(stream)
    stream.on('close', () => streams.delete(stream))
    const limit = new PacketLimit(maxPacketBytes)
    // aedes reads on 'readable', so this listener sees every chunk that it reads and consumes none.
    stream.on('data', (chunk: Buffer) => {
      if (!limit.accept(chunk)) stream.destroy(new Error(`packet over ${maxPacketBytes} bytes`))
    })
    aedes.handle(stream, request)
  }

  const stopGuarding = door && guardBroker(aedes, door, logger)
  limitBroker(aedes, { ...BROKER_LIMITS, ...options.limits }, logger)
  const server = tls
    ? createTlsServer({ ...tls, noDelay: true }, (socket) => accept(socket))
    : createServer({ noDelay: true }, (socket) => accept(socket))
  // Also those who do not get as far as a handshake.
  server.maxConnections = maxConnections
  server.on('tlsClientError', (error) => logger.debug({ err: error }, 'control connection failed'))
  const boundPort = await listen(server, port, host).catch((error: unknown) => {
    aedes.close()
    throw error
  })

  return {
    url: `${tls ? 'mqtts' : 'mqtt'}://${host.includes(':') ? `[${host}]` : host}:${boundPort}`,
    port: boundPort,
    get connections() {
      return streams.size
    },
    attachWebSocket(httpServer, path, check = () => undefined) {
      detachers.push(upgradeAt(httpServer, path, { maxPacketBytes, check, accept }))
    },
    async close() {
      stopGuarding?.()
      for (const detach of detachers) detach()
      const closed = new Promise((resolve) => server.close(resolve))
      await new Promise<void>((resolve) => aedes.close(resolve))
      for (const stream of streams) stream.destroy()
      await closed
    },
  }
}

async function listen(server: Server, port: number, host: string): Promise<number> {
  try {
    await once(server.listen(port, host), 'listening')
  } catch (error) {
    const remedy = 'choose another port or stop what listens there'
    throw new ConfigError(`no broker on ${host}:${port} (${messageOf(error)}): ${remedy}`, {
      cause: error,
    })
  }
  const address = server.address()
  return typeof address === 'object' && address !== null ? address.port : port
}

/** @returns a function that stops accepting */
function upgradeAt(
  httpServer: HttpServer,
  path: string,
  {
    maxPacketBytes,
    check,
    accept,
  }: {
    readonly maxPacketBytes: number
    readonly check: UpgradeCheck
    readonly accept: (stream: Duplex, request: IncomingMessage) => void
  },
): () => void {
  const sockets = new WebSocketServer({ noServer: true, maxPayload: maxPacketBytes })
  const upgrade = (request: IncomingMessage, socket: Duplex, head: Buffer) => {
    if ((request.url ?? '/').split('?', 1)[0] !== path) {
      socket.end('HTTP/1.1 404 Not Found\r\nConnection: close\r\n\r\n')
      return
    }
    if (isForeign(request) || check(request.headers) !== undefined) {
      socket.end('HTTP/1.1 403 Forbidden\r\nConnection: close\r\n\r\n')
      return
    }
    sockets.handleUpgrade(request, socket, head, (webSocket) =>
      accept(createWebSocketStream(webSocket), request),
    )
  }
  httpServer.on('upgrade', upgrade)
  return () => httpServer.off('upgrade', upgrade)
}

/** A web page of another site must not reach a broker through its visitor's browser. Programs send no Origin. */
function isForeign({ headers: { origin, host } }: IncomingMessage): boolean {
  if (origin === undefined) return false
  return !URL.canParse(origin) || new URL(origin).host !== host
}
