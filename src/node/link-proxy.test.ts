import { createHash } from 'node:crypto'
import { once } from 'node:events'
import { type AddressInfo, connect, createServer, type Server, type Socket } from 'node:net'
import { afterEach, describe, expect, it, vi } from 'vitest'
import { Random } from '../random.ts'
import { type LinkConditions, type LinkProxy, startLinkProxy } from './link-proxy.ts'

const cleanUps: (() => unknown)[] = []
afterEach(async () => {
  for (const cleanUp of cleanUps.splice(0).reverse()) await cleanUp()
})

/** A server behind a link. */
async function behind(conditions: LinkConditions, serve: (socket: Socket) => void) {
  const sockets = new Set<Socket>()
  const server: Server = createServer({ allowHalfOpen: true, noDelay: true }, (socket) => {
    sockets.add(socket)
    socket.on('error', () => {})
    serve(socket)
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  const { port } = server.address() as AddressInfo
  const proxy = await startLinkProxy({ host: '127.0.0.1', port, ...conditions })
  cleanUps.push(() => {
    for (const socket of sockets) socket.destroy()
    server.close()
    return proxy.close()
  })
  return proxy
}

async function through({ port }: LinkProxy): Promise<Socket> {
  const socket = connect({ port, host: '127.0.0.1', allowHalfOpen: true, noDelay: true })
  cleanUps.push(() => socket.destroy())
  await once(socket, 'connect')
  return socket
}

/** Resolves also when an error closes the socket. */
function closed(socket: Socket): Promise<void> {
  socket.on('error', () => {})
  return new Promise((resolve) => {
    socket.once('close', () => resolve())
  })
}

async function everything(socket: Socket): Promise<Buffer> {
  const chunks: Buffer[] = []
  for await (const chunk of socket) chunks.push(chunk)
  return Buffer.concat(chunks)
}

const sha = (bytes: Buffer) => createHash('sha256').update(bytes).digest('hex')
const echo = (socket: Socket) => socket.pipe(socket)

describe.each([
  ['no delay', { upDelayMs: 0, downDelayMs: 0 }],
  ['a delay up', { upDelayMs: 15.4, downDelayMs: 0 }],
  ['delays both ways and a rate', { upDelayMs: 5, downDelayMs: 1.2, rateMbps: 400 }],
])('%s', (_what, conditions) => {
  it('keeps every byte, in order, and the half-close', async () => {
    const socket = await through(await behind(conditions, echo))
    const random = new Random(1)
    const pieces = Array.from({ length: 200 }, () =>
      Buffer.from(Array.from({ length: 1 + random.integer(9000) }, () => random.integer(256))),
    )
    const answer = everything(socket)
    for (const [index, piece] of pieces.entries()) {
      socket.write(piece)
      if (index % 40 === 0) await new Promise((resolve) => setTimeout(resolve, 2))
    }
    socket.end()
    expect(sha(await answer)).toBe(sha(Buffer.concat(pieces)))
  })

  it('passes a reset on, both ways', async () => {
    let far: Socket | undefined
    const proxy = await behind(conditions, (socket) => {
      far = socket
      socket.resume()
    })
    const near = await through(proxy)
    const nearClosed = closed(near)
    await vi.waitFor(() => expect(far).toBeDefined())
    far?.resetAndDestroy()
    await nearClosed
    const second = await through(proxy)
    second.on('error', () => {})
    far = undefined
    await vi.waitFor(() => expect(far).toBeDefined())
    const ended = new Promise((resolve) => far?.once('close', resolve))
    second.resetAndDestroy()
    await ended
  })
})

/** Round trip of one byte in ms. */
async function roundTripMs(socket: Socket): Promise<number> {
  const startMs = performance.now()
  socket.write('x')
  await once(socket, 'data')
  return performance.now() - startMs
}

it.each([
  [{ upDelayMs: 30, downDelayMs: 0 }, 30],
  [{ upDelayMs: 0, downDelayMs: 20.5 }, 20.5],
  [{ upDelayMs: 10, downDelayMs: 15 }, 25],
])('holds each byte back as long as it should: %o', async (conditions, atLeastMs) => {
  const socket = await through(await behind(conditions, echo))
  for (let count = 0; count < 5; count++) {
    expect(await roundTripMs(socket)).toBeGreaterThan(atLeastMs - 0.5)
  }
})

it('lets bytes through at the rate: 250 kB at 20 Mbit/s are 100 ms', async () => {
  const conditions = { upDelayMs: 10, downDelayMs: 0, rateMbps: 20 }
  const proxy = await behind(conditions, (socket) => {
    socket.resume().on('end', () => socket.end())
  })
  const socket = await through(proxy)
  const startMs = performance.now()
  socket.end(Buffer.alloc(250_000))
  await everything(socket)
  expect(performance.now() - startMs).toBeGreaterThan(109)
})

it('holds the sender back rather than store without bound', async () => {
  let far: Socket | undefined
  const proxy = await behind({ upDelayMs: 1, downDelayMs: 0 }, (socket) => {
    far = socket.pause()
  })
  const socket = await through(proxy)
  const sentBytes = 64 * 1024 * 1024
  socket.end(Buffer.alloc(sentBytes))
  await new Promise((resolve) => setTimeout(resolve, 500))
  expect(socket.writableLength).toBeGreaterThan(0)
  let received = 0
  far?.on('data', (bytes) => {
    received += bytes.length
  })
  far?.resume()
  await vi.waitFor(() => expect(received).toBe(sentBytes), { timeout: 10_000 })
})

it('resets the connection when the target refuses, and works once it listens', async () => {
  const free = createServer()
  await new Promise<void>((resolve) => free.listen(0, '127.0.0.1', resolve))
  const { port } = free.address() as AddressInfo
  await new Promise((resolve) => free.close(resolve))
  const proxy = await startLinkProxy({ host: '127.0.0.1', port, upDelayMs: 1, downDelayMs: 1 })
  cleanUps.push(() => proxy.close())
  const socket = await through(proxy)
  await closed(socket)
  const server = createServer(echo)
  await new Promise<void>((resolve) => server.listen(port, '127.0.0.1', resolve))
  cleanUps.push(() => server.close())
  const again = await through(proxy)
  expect(await roundTripMs(again)).toBeGreaterThan(1)
})

it('ends its connections when it closes', async () => {
  const proxy = await behind({ upDelayMs: 50, downDelayMs: 50 }, echo)
  const socket = await through(proxy)
  const ended = closed(socket)
  socket.write('x')
  await proxy.close()
  await ended
  await expect(through(proxy)).rejects.toThrow('ECONNREFUSED')
})

it.each([
  [{ upDelayMs: -1, downDelayMs: 0 }, '-1 ms'],
  [{ upDelayMs: 0, downDelayMs: Number.NaN }, 'NaN ms'],
  [{ upDelayMs: 0, downDelayMs: 0, rateMbps: 0 }, '0 Mbit/s'],
])('refuses impossible conditions: %o', async (conditions, named) => {
  await expect(startLinkProxy({ host: '127.0.0.1', port: 1, ...conditions })).rejects.toThrow(named)
})
