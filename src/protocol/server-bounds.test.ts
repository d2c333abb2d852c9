/** What clients may do to a server: it refuses what is too much, says so, and is there for the others meanwhile. */
import { once } from 'node:events'
import { Agent, request as nodeRequest } from 'node:http'
import { connect, type Socket } from 'node:net'
import { gzipSync } from 'node:zlib'
import { request } from 'undici'
import { afterEach, describe, expect, it } from 'vitest'
import { OverloadedError, UnavailableError } from '../errors.ts'
import { DoublingHandler } from './doubling-handler.fixture.ts'
import { createInferenceServer, type InferenceServer } from './server.ts'
import { BytesInFlight, type ServerBounds } from './server-bounds.ts'

const MIB = 2 ** 20
const servers: InferenceServer[] = []
const sockets: Socket[] = []
afterEach(async () => {
  for (const socket of sockets.splice(0)) socket.destroy()
  await Promise.all(servers.splice(0).map((server) => server.close()))
})

async function start(bounds: Partial<ServerBounds> = {}, handler = new DoublingHandler()) {
  const server = createInferenceServer(handler, { bodyLimitBytes: 16 * MIB, port: 0, bounds })
  servers.push(server)
  await server.listen()
  return server
}

/** A connection that sends this, and all that it hears. */
function talk(server: InferenceServer, text: string) {
  const socket = connect(Number(new URL(server.url).port), '127.0.0.1')
  sockets.push(socket)
  let heard = ''
  socket.on('data', (bytes) => {
    heard += bytes
  })
  socket.on('error', () => {})
  socket.write(text)
  const ended = new Promise<string>((resolve) => socket.once('close', () => resolve(heard)))
  return { socket, ended }
}

const postOf = (length: number) =>
  `POST /v2/models/double/infer HTTP/1.1\r\nHost: x\r\nContent-Length: ${length}\r\n\r\n`
const good = JSON.stringify({
  inputs: [{ name: 'x', datatype: 'FP32', shape: [1, 3], data: [1, 2, 3] }],
})
const infer = (server: InferenceServer, body: string | Buffer, headers = {}) =>
  request(`${server.url}/v2/models/double/infer`, { method: 'POST', body, headers })

describe('JSON that would hold the event loop', () => {
  const depth = `{"inputs":[],"z":${'['.repeat(7_900_000)}${']'.repeat(7_900_000)}}`
  const keys = Array.from({ length: 900_000 }, (_, key) => `"k${key}":1`).join()
  it.each([
    ['nesting, compressed', gzipSync(depth), { 'content-encoding': 'gzip' }, 413, /JSON part/],
    ['nesting of 4 MB', `{"z":${'['.repeat(4_000_000)}`, {}, 400, /32 levels/],
    ['keys', `{"inputs":[],"parameters":{${keys}}}`, {}, 413, /JSON part has \d+ bytes/],
    ['inputs', `{"inputs":[${'1,'.repeat(400_000)}1]}`, {}, 400, /inputs: .* 256 at most/],
  ])(
    'is refused, and others are answered meanwhile: %s',
    async (_what, body, headers, status, says) => {
      const server = await start()
      const answers = Array.from({ length: 4 }, () => infer(server, body, headers))
      const live = await request(`${server.url}/v2/health/live`)
      expect(live.statusCode).toBe(200)
      for (const answer of await Promise.all(answers)) {
        expect(answer.statusCode).toBe(status)
        expect(await answer.body.text()).toMatch(says)
      }
    },
  )
})

describe('a body over the limit', () => {
  it('is answered 413 to clients that write all before they read', async () => {
    const server = await start()
    const body = Buffer.alloc(17 * MIB, ' ')
    for (let time = 0; time < 5; time++) {
      const status = await new Promise((resolve, reject) => {
        const sent = nodeRequest(
          `${server.url}/v2/models/double/infer`,
          { method: 'POST', agent: new Agent(), headers: { 'content-length': body.length } },
          (answer) => resolve(answer.resume().statusCode),
        )
        sent.on('error', reject)
        sent.end(body)
      })
      expect(status).toBe(413)
    }
  })

  it('is answered also where the rest of it never comes, and the connection ended', async () => {
    const server = await start()
    const { ended } = talk(server, `${postOf(17 * MIB)}{"inputs"`)
    const heard = await ended
    expect(heard).toContain('413 Payload Too Large')
    expect(heard).toMatch(/connection: close/i)
  })
})

describe('uploads that stall', () => {
  it('end by the time-out of bodies, and say so', async () => {
    const server = await start({ bodyTimeoutMs: 50 })
    const stalled = Array.from({ length: 50 }, () => talk(server, `${postOf(1000)}0123456789`))
    for (const { ended } of stalled) {
      expect(await ended).toMatch(/408 Request Timeout[\s\S]*did not come within 50 ms/)
    }
    expect((await infer(server, good)).statusCode).toBe(200)
  })

  it('hold no more bytes than the bound of all requests together', async () => {
    const server = await start({ inFlightLimitBytes: 4 * MIB })
    const half = 'x'.repeat(MIB)
    const stalled = Array.from({ length: 8 }, () => talk(server, postOf(2 * MIB) + half))
    const refused = await Promise.race(stalled.map(({ ended }) => ended))
    expect(refused).toMatch(/503 Service Unavailable[\s\S]*all requests together hold/)
    expect(refused).toMatch(/retry-after: \d/i)
    for (const { socket } of stalled) socket.destroy()
    await expect
      .poll(async () => (await infer(server, good)).statusCode, { timeout: 5000 })
      .toBe(200)
  })

  it('are answered before their bodies where there is nothing', async () => {
    const server = await start()
    const json = 'Content-Type: application/json\r\nContent-Length: 900000'
    const head = `POST /nowhere HTTP/1.1\r\nHost: x\r\n${json}\r\n\r\n`
    const { ended } = talk(server, `${head}[1,`)
    expect(await ended).toMatch(/404 Not Found[\s\S]*there is no POST \/nowhere here/)
  })

  it('are short where another route says nothing else', async () => {
    const options = { bodyLimitBytes: 16 * MIB, port: 0 }
    const server = createInferenceServer(new DoublingHandler(), options)
    servers.push(server)
    server.app.post('/own', async ({ body }) => ({ length: JSON.stringify(body).length }))
    await server.listen()
    const post = async (length: number) => {
      const body = JSON.stringify('x'.repeat(length))
      const headers = { 'content-type': 'application/json' }
      return (await request(`${server.url}/own`, { method: 'POST', body, headers })).statusCode
    }
    expect([await post(60_000), await post(70_000)]).toEqual([200, 413])
  })

  it('are told when there is room, by how long requests are held', async () => {
    const bytes = new BytesInFlight(100)
    const [first, second, third] = [{}, {}, {}]
    for (const request of [first, second, third]) bytes.open(request)
    bytes.take(first, 50)
    await new Promise((resolve) => setTimeout(resolve, 30))
    bytes.release(first)
    bytes.take(second, 80)
    const refusal = (() => {
      try {
        bytes.take(third, 60)
      } catch (error) {
        return error
      }
    })()
    // 40 of 80 bytes have to go, which takes half of those 30 ms.
    expect(refusal).toBeInstanceOf(OverloadedError)
    expect(Math.abs((refusal as OverloadedError).retryAfterMs ?? 0 - 15)).toBeLessThan(30)
  })

  it('cost a connection whose headers never end', async () => {
    const server = await start({ headersTimeoutMs: 50 })
    const { ended } = talk(server, 'POST /v2 HTTP/1.1\r\nHost: x\r\n')
    expect(await ended).toContain('408')
  })
})

it('takes no more connections than its bound', async () => {
  const server = await start({ maxConnections: 2 })
  const kept = [talk(server, ''), talk(server, '')]
  for (let count = 0; count < 2; count++) await once(server.app.server, 'connection')
  expect(await talk(server, 'GET /v2/health/live HTTP/1.1\r\nHost: x\r\n\r\n').ended).toBe('')
  for (const { socket } of kept) socket.destroy()
})

it('decides on a request by its headers: what began to come is served', async () => {
  const handler = new DoublingHandler()
  const server = await start({}, handler)
  const { socket, ended } = talk(
    server,
    postOf(good.length).replace('\r\n\r\n', '\r\nConnection: close\r\n\r\n') + good.slice(0, 9),
  )
  await once(server.app.server, 'request')
  await new Promise((resolve) => setImmediate(resolve))
  handler.isReady = false
  expect((await infer(server, good)).statusCode).toBe(503)
  socket.write(good.slice(9))
  expect(await ended).toContain('200 OK')
})

it('counts bytes by request', () => {
  const bytes = new BytesInFlight(100)
  const [one, other] = [{}, {}]
  bytes.open(one)
  bytes.open(other)
  bytes.take(one, 60)
  bytes.take(other, 40)
  expect(() => bytes.take(other, 1)).toThrow(OverloadedError)
  bytes.release(one)
  bytes.release(one)
  expect(() => bytes.take(one, 1)).toThrow(UnavailableError)
  expect(bytes.bytes).toBe(40)
  bytes.take(other, 60)
  bytes.release(other)
  expect(bytes.bytes).toBe(0)
})
