import { connect } from 'node:net'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { DoublingHandler } from './doubling-handler.fixture.ts'
import { createInferenceServer, type InferenceServer } from './server.ts'

let server: InferenceServer
beforeAll(async () => {
  server = createInferenceServer(new DoublingHandler(), { bodyLimitBytes: 2 ** 20, port: 0 })
  await server.listen()
})
afterAll(() => server.close())

/** What comes back until the server ends the connection. */
function exchange(bytes: string | Buffer): Promise<string> {
  return new Promise((resolve, reject) => {
    const socket = connect(Number(new URL(server.url).port), '127.0.0.1')
    let text = ''
    socket.on('data', (chunk) => {
      text += chunk.toString('latin1')
    })
    socket.on('error', reject)
    socket.on('close', () => resolve(text))
    socket.write(bytes)
  })
}

const get = (path: string, ...headers: readonly string[]) =>
  [`GET ${path} HTTP/1.1`, 'Connection: close', ...headers, '', ''].join('\r\n')
const HOST = 'Host: 127.0.0.1'

describe('what is no request is answered as all errors are', () => {
  it.each<[string, string | Buffer, number, string, RegExp]>([
    ['words', 'HELLO\r\n\r\n', 400, 'invalid-input', /this is no HTTP\/1\.1 request/],
    ['a TLS handshake', Buffer.from([0x16, 3, 1, 2, 0, 1]), 400, 'invalid-input', /without TLS/],
    ['HTTP/2', 'PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n', 400, 'invalid-input', /port of gRPC/],
    [
      'two lengths',
      get('/v2', HOST, 'Content-Length: 1', 'Content-Length: 2'),
      400,
      'invalid-input',
      /Content-Length/,
    ],
    [
      'long headers',
      get('/v2', HOST, `X-Long: ${'x'.repeat(20_000)}`),
      431,
      'headers-too-large',
      /over the limit of 16384 bytes/,
    ],
    ['no Host', get('/v2'), 400, 'invalid-input', /the header Host is missing/],
    [
      'an unknown expectation',
      get('/v2', HOST, 'Expect: banana'),
      417,
      'expectation-failed',
      /Expect: banana.*leave it out/,
    ],
    [
      'a long name',
      get(`/v2/models/${'x'.repeat(2000)}`, HOST),
      414,
      'address-too-long',
      /a name in the address is too long/,
    ],
    ['a broken address', get('/v2/models/%zz', HOST), 400, 'invalid-input', /%zz/],
  ])('%s', async (_, bytes, status, code, why) => {
    const answer = await exchange(bytes)
    const [head = '', body = ''] = answer.split('\r\n\r\n')
    expect(head).toMatch(new RegExp(`^HTTP/1\\.1 ${status} `))
    expect(head.toLowerCase()).toContain(`x-tierwise-error: ${code}`)
    expect(head.toLowerCase()).toMatch(/x-request-id: \S+/)
    expect(JSON.parse(body)).toEqual({ error: expect.stringMatching(why) })
  })
})

it('takes HTTP/1.0 without a Host, and an expectation that everybody knows', async () => {
  expect(await exchange('GET /v2 HTTP/1.0\r\n\r\n')).toContain('200 OK')
  expect(await exchange(get('/v2', HOST, 'Expect: 100-Continue'))).toContain('200 OK')
})
