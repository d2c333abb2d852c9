/**
 * An emulated link: a TCP proxy on loopback that holds every byte back by a delay, and lets bytes through at a rate.
 * User-space, so it needs no privileges and no kernel support; real machines do without it.
 */
import { type AddressInfo, connect, createServer, type Socket } from 'node:net'
import { TierwiseError } from '../errors.ts'

/** What the link does to the bytes of each direction. Up: from whoever connects, to the target. */
export interface LinkConditions {
  readonly upDelayMs: number
  readonly downDelayMs: number
  /** Of each direction; absent means unlimited. */
  readonly rateMbps?: number
}

/** Where the link leads. */
export interface LinkTarget extends LinkConditions {
  readonly host: string
  readonly port: number
}

/** A link at work. */
export interface LinkProxy {
  /** Connect to this port of 127.0.0.1 instead of to the target. */
  readonly port: number
  /** Ends every connection through the link. */
  close(): Promise<void>
}

/** Bytes on their way in one direction of one connection; beyond it the sender is held back. */
const inFlightLimitBytes = 8 * 1024 * 1024

/**
 * A timer counts whole milliseconds and fires up to one early; the rest is waited for turn by turn of the event loop,
 * except for this much, the time a turn and a hop over loopback take.
 */
const toleranceMs = 0.1

/**
 * Starts the proxy. Order, half-close and resets are kept; a target that refuses resets the connection.
 * @throws TierwiseError `invalid-link` for a negative delay or a rate that is not positive
 */
export async function startLinkProxy(target: LinkTarget): Promise<LinkProxy> {
  checkConditions(target)
  const sockets = new Set<Socket>()
  const server = createServer({ allowHalfOpen: true, noDelay: true }, (near) => {
    const far = connect({
      host: target.host,
      port: target.port,
      allowHalfOpen: true,
      noDelay: true,
    })
    for (const socket of [near, far]) {
      sockets.add(socket)
      socket.once('close', () => sockets.delete(socket))
    }
    carry(near, far, target.upDelayMs, target.rateMbps)
    carry(far, near, target.downDelayMs, target.rateMbps)
  })
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject)
    server.listen(0, '127.0.0.1', resolve)
  })
  return {
    port: (server.address() as AddressInfo).port,
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve())
        for (const socket of sockets) socket.destroy()
      }),
  }
}

function checkConditions({ upDelayMs, downDelayMs, rateMbps }: LinkConditions): void {
  for (const delayMs of [upDelayMs, downDelayMs]) {
    if (delayMs >= 0 && Number.isFinite(delayMs)) continue
    throw new TierwiseError(
      `a link delay of ${delayMs} ms is impossible: use 0 or more`,
      'invalid-link',
      400,
    )
  }
  if (rateMbps === undefined || rateMbps > 0) return
  throw new TierwiseError(
    `a link rate of ${rateMbps} Mbit/s is impossible: use more than 0`,
    'invalid-link',
    400,
  )
}

/** One direction of one connection. */
function carry(source: Socket, sink: Socket, delayMs: number, rateMbps?: number): void {
  source.once('error', () => sink.resetAndDestroy())
  source.once('close', () => {
    if (!source.readableEnded) sink.destroy()
  })
  if (delayMs === 0 && rateMbps === undefined) source.pipe(sink)
  else new DelayLine(source, sink, delayMs, rateMbps)
}

interface Piece {
  readonly dueMs: number
  /** Absent at the end of the stream. */
  readonly bytes?: Buffer
}

/** Bytes enter from a source and leave, in order, when their time has come. */
class DelayLine {
  private readonly source: Socket
  private readonly sink: Socket
  private readonly delayMs: number
  private readonly bytesPerMs: number
  private readonly pieces: Piece[] = []
  private inFlightBytes = 0
  /** When the last byte accepted so far has been put on the link. */
  private linkFreeAtMs = 0
  private timer: NodeJS.Timeout | NodeJS.Immediate | undefined
  private sinkFull = false

  constructor(source: Socket, sink: Socket, delayMs: number, rateMbps = Infinity) {
    this.source = source
    this.sink = sink
    this.delayMs = delayMs
    this.bytesPerMs = (rateMbps * 1e6) / 8 / 1e3
    source.on('data', (bytes: Buffer) => this.accept(bytes))
    source.once('end', () => this.accept())
    sink.on('drain', () => {
      this.sinkFull = false
      this.release()
    })
    sink.once('close', () => this.drop())
  }

  private accept(bytes?: Buffer): void {
    const length = bytes?.length ?? 0
    const startMs = Math.max(performance.now(), this.linkFreeAtMs)
    this.linkFreeAtMs = startMs + length / this.bytesPerMs
    const dueMs = this.linkFreeAtMs + this.delayMs
    this.pieces.push(bytes === undefined ? { dueMs } : { dueMs, bytes })
    this.inFlightBytes += length
    if (this.inFlightBytes > inFlightLimitBytes) this.source.pause()
    if (this.timer === undefined) this.waitForFirst()
  }

  private waitForFirst(): void {
    const first = this.pieces[0]
    if (first === undefined || this.sinkFull) return
    const waitMs = first.dueMs - performance.now() - toleranceMs
    const release = () => this.release()
    this.timer = waitMs >= 1 ? setTimeout(release, waitMs) : setImmediate(release)
  }

  private release(): void {
    this.timer = undefined
    const nowMs = performance.now() + toleranceMs
    for (let first = this.pieces[0]; first && first.dueMs <= nowMs; first = this.pieces[0]) {
      if (this.sinkFull || this.sink.destroyed) return
      this.pieces.shift()
      if (first.bytes === undefined) this.sink.end()
      else {
        this.inFlightBytes -= first.bytes.length
        this.sinkFull = !this.sink.write(first.bytes)
      }
    }
    if (this.inFlightBytes <= inFlightLimitBytes / 2) this.source.resume()
    this.waitForFirst()
  }

  private drop(): void {
    clearTimeout(this.timer as NodeJS.Timeout)
    clearImmediate(this.timer as NodeJS.Immediate)
    this.pieces.length = 0
    this.sinkFull = true
  }
}
