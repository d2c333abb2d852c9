import { once } from 'node:events'
import { createServer, type Server } from 'node:http'
import { connect, type Socket } from 'node:net'
import { afterEach, expect, it } from 'vitest'
import { Drain } from './drain.ts'

let server: Server
afterEach(() => server.closeAllConnections())

/** Answers after `answerAfterMs`; upgrades are accepted and kept open. */
async function listen(answerAfterMs: number, bytes = 0) {
  server = createServer((_request, response) => {
    setTimeout(() => response.end(`answered${'.'.repeat(bytes)}`), answerAfterMs)
  })
  server.on('upgrade', (_request, socket: Socket) => socket.write('HTTP/1.1 101 Upgraded\r\n\r\n'))
  const drain = new Drain(server)
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  const address = server.address()
  if (address === null || typeof address === 'string') throw new Error('not listening')
  return { drain, port: address.port }
}

/** What one raw request gets until the connection ends. */
function exchange(port: number, headers = ''): Promise<string> {
  return new Promise((resolve) => {
    let text = ''
    const socket = connect(port, '127.0.0.1', () => {
      socket.write(`GET / HTTP/1.1\r\nHost: x\r\n${headers}\r\n`)
    })
    socket.on('data', (bytes) => {
      text += bytes
    })
    socket.on('error', () => {})
    socket.on('close', () => resolve(text))
  })
}

const arrived = () => Promise.race([once(server, 'request'), once(server, 'upgrade')])

it('waits for the answers in flight', async () => {
  const { drain, port } = await listen(200)
  const answer = exchange(port)
  await arrived()
  await drain.answered(5000)
  drain.end()
  expect(await answer).toContain('answered')
})

it('cuts off what takes longer than it may', async () => {
  const { drain, port } = await listen(60_000)
  const answer = exchange(port)
  await arrived()
  await drain.answered(50)
  drain.end()
  expect(await answer).toBe('')
})

it('cuts off a client that does not read its answer', async () => {
  const { drain, port } = await listen(0, 64 * 1024 * 1024)
  const socket = connect(port, '127.0.0.1', () => socket.write('GET / HTTP/1.1\r\nHost: x\r\n\r\n'))
  socket.on('error', () => {})
  await arrived()
  const ended = new Promise((resolve) => server.close(resolve))
  await drain.answered(50)
  drain.end()
  await ended
  socket.destroy()
})

it('ends upgraded connections, which the server does not', async () => {
  const { drain, port } = await listen(0)
  const answer = exchange(port, 'Connection: Upgrade\r\nUpgrade: websocket\r\n')
  await arrived()
  await drain.answered(5000)
  drain.end()
  expect(await answer).toContain('101')
})
