import { connect, type Socket } from 'node:net'
import { afterEach, expect, it } from 'vitest'
import { DoublingHandler } from './doubling-handler.fixture.ts'
import { createInferenceServer, type InferenceServer } from './server.ts'

let server: InferenceServer
afterEach(() => server.close())

/** A client of a server that waits for its readers so long, and when its connection ended. */
async function client(bodyTimeoutMs: number): Promise<{ socket: Socket; ended: Promise<void> }> {
  const options = { bodyLimitBytes: 1024, port: 0, bounds: { bodyTimeoutMs } }
  server = createInferenceServer(new DoublingHandler(), options)
  await server.listen()
  const socket = connect(Number(new URL(server.url).port), '127.0.0.1')
  const ended = new Promise<void>((resolve) => {
    server.app.server.once('connection', (taken) => taken.once('close', () => resolve()))
  })
  socket.on('error', () => {})
  return { socket, ended }
}
const get = (path: string) => `GET ${path} HTTP/1.1\r\nHost: 127.0.0.1\r\n\r\n`

it('ends a connection whose answers nobody reads', async () => {
  const { socket, ended } = await client(200)
  // More than the buffers of both sides hold, and never many at once.
  const timer = setInterval(() => socket.write(get('/v2/openapi.json').repeat(40)), 2)
  await ended
  clearInterval(timer)
  socket.destroy()
})

it('ends one that sends far more than it waits for', async () => {
  const { socket, ended } = await client(60_000)
  socket.write(get('/v2').repeat(1000))
  socket.pause()
  await ended
  socket.destroy()
})

it('answers requests that are sent together, in their order', async () => {
  const { socket } = await client(200)
  let text = ''
  socket.on('data', (chunk) => {
    text += chunk.toString()
  })
  for (let round = 0; round < 3; round++) {
    socket.write(get('/v2/health/live').repeat(20))
    await expect.poll(() => text.split('"live":true').length - 1).toBe(20 * (round + 1))
  }
  await new Promise((resolve) => setTimeout(resolve, 300))
  socket.write(get('/v2'))
  await expect.poll(() => text).toContain('"extensions"')
  socket.destroy()
})
