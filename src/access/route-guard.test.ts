import { request as httpRequest } from 'node:http'
import { pino } from 'pino'
import { afterEach, expect, test } from 'vitest'
import WebSocket from 'ws'
import { startBroker } from '../control/broker.ts'
import { DoublingHandler } from '../protocol/doubling-handler.fixture.ts'
import { createInferenceServer, type InferenceServer } from '../protocol/server.ts'
import { hostCheck } from './hosts.ts'
import { guardRoutes, PAGE_POLICY } from './route-guard.ts'

const servers: InferenceServer[] = []
afterEach(async () => {
  await Promise.all(servers.splice(0).map((server) => server.close()))
})

async function guarded(insecure = false): Promise<InferenceServer> {
  const server = createInferenceServer(new DoublingHandler(), { bodyLimitBytes: 1e6, port: 0 })
  servers.push(server)
  guardRoutes(server.app, { checkHost: hostCheck(['fleet.example']), insecure })
  await server.listen()
  return server
}

/** Headers as they are given, `Host` too. */
function ask(url: string, method: string, headers: Record<string, string>, body = '') {
  return new Promise<{ status: number | undefined; text: string }>((resolve, reject) => {
    const sent = httpRequest(url, { method, headers }, (answer) => {
      let text = ''
      answer.on('data', (chunk) => {
        text += chunk
      })
      answer.on('end', () => resolve({ status: answer.statusCode, text }))
    })
    sent.on('error', reject).end(body)
  })
}

test.each([
  [{}, 200],
  [{ host: 'fleet.example' }, 200],
  [{ host: 'evil.example' }, 403],
  [{ host: 'evil.example', origin: 'http://evil.example' }, 403],
  [{ host: 'fleet.example', origin: 'http://fleet.example' }, 200],
  [{ host: 'fleet.example', origin: 'http://evil.example' }, 403],
  [{ origin: 'null' }, 403],
] as const)('headers %j: %i, by HTTP and by WebSocket', async (headers, status) => {
  const { app, url } = await guarded()
  expect((await ask(`${url}/v2/health/live`, 'GET', headers)).status).toBe(status)
  const broker = await startBroker({
    port: 0,
    host: '127.0.0.1',
    logger: pino({ level: 'silent' }),
  })
  broker.attachWebSocket(app.server, '/mqtt', hostCheck(['fleet.example']))
  const socket = new WebSocket(`${url.replace('http', 'ws')}/mqtt`, 'mqtt', { headers })
  const opened = await new Promise((resolve) => {
    socket.once('open', () => resolve(200))
    socket.once('error', ({ message }) => resolve(message.includes('403') ? 403 : message))
  })
  socket.terminate()
  await broker.close()
  expect(opened).toBe(status)
})

test.each(['text/plain', 'Text/Plain;charset=UTF-8', ' text/plain ; x=y'])(
  'a body of type "%s" is refused, and what to write is said',
  async (type) => {
    const { url } = await guarded()
    const path = `${url}/v2/models/double/infer`
    const { status, text } = await ask(path, 'POST', { 'content-type': type }, '{"inputs": []}')
    expect(status).toBe(415)
    expect(text).toContain('write application/json')
    expect(text).toContain('for a picture image/jpeg, image/png or image/webp')
  },
)

test('a page gets the headers that keep others out of it', async () => {
  const { url } = await guarded()
  const { status, headers: refused } = await fetch(`${url}/v2/nowhere`)
  expect(status).toBe(404)
  expect(refused.get('content-security-policy')).toBe(PAGE_POLICY)
  const { headers } = await fetch(`${url}/v2`)
  expect(headers.get('content-security-policy')).toBe(PAGE_POLICY)
  expect(headers.get('x-content-type-options')).toBe('nosniff')
  expect(headers.get('x-frame-options')).toBe('SAMEORIGIN')
  expect(headers.get('strict-transport-security')).toBeNull()
})

test.each([true, false])('a page is told whether everybody is let in: %s', async (insecure) => {
  const { url } = await guarded(insecure)
  const answer = await fetch(`${url}/v2/tierwise/access`)
  expect(await answer.json()).toEqual({ authority: false, insecure })
})
