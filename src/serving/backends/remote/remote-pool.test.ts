import type { RequestListener, ServerResponse } from 'node:http'
import { afterEach, expect, test, vi } from 'vitest'
import { ConfigError, type UnavailableError } from '../../../errors.ts'
import { affineInput, floats } from '../backend.conformance.ts'
import { expectedAffine, Listeners } from './foreign.fixture.ts'
import type { ModelOnServer } from './model-server.ts'
import { RemotePool, type RemotePoolOptions } from './remote-pool.ts'

const listeners = new Listeners()
afterEach(async () => {
  vi.unstubAllEnvs()
  await listeners.close()
})

/** A server of y = 0 for every model, whose answers can be told otherwise. */
class ZeroServer {
  asked: string[] = []
  datatype = 'FP32'
  isReady = true
  /** Of inferences; absent: at once. */
  onInfer: ((response: ServerResponse, answer: string) => void) | undefined
  authorization: string | undefined

  readonly listener: RequestListener = (request, response) => {
    const { url = '', headers } = request
    request.resume()
    this.authorization = headers.authorization
    if (url === '/v2') return void response.end('{"name":"zero","version":"1"}')
    if (url.endsWith('/ready')) return void response.writeHead(this.isReady ? 200 : 503).end()
    if (!url.endsWith('/infer')) return void response.end(this.metadata())
    this.asked.push(url)
    const y = { name: 'y', datatype: 'FP32', shape: [1, 2], data: [0, 0] }
    const answer = JSON.stringify({ model_name: 'zero', outputs: [y] })
    if (this.onInfer) this.onInfer(response, answer)
    else response.end(answer)
  }

  private metadata(): string {
    const { datatype } = this
    return JSON.stringify({
      name: 'zero',
      inputs: [{ name: 'x', datatype, shape: [-1, 3] }],
      outputs: [{ name: 'y', datatype: 'FP32', shape: [-1, 2] }],
    })
  }
}

function poolOf(places: Record<string, ModelOnServer>, limits = {}) {
  const said: string[] = []
  const note = (text: string) => said.push(text)
  const pool = new RemotePool({
    models: Object.entries(places).map(([variant, place]) => ({ variant, place })),
    expected: expectedAffine,
    limits: { timeoutMs: 2000, concurrency: 2, answerLimitBytes: 10_000, ...limits },
    logger: { info: note, warn: note } as unknown as NonNullable<RemotePoolOptions['logger']>,
  })
  listeners.onClose(() => pool.close())
  return { pool, said, infer: (variant: string) => pool.backends.get(variant)?.infer(request) }
}

const request = { inputs: [affineInput(1, 2, 3)] }

test('measures every variant through its server before it is ready', async () => {
  const zero = new ZeroServer()
  const url = await listeners.listen(zero.listener)
  const { pool, infer } = poolOf({
    large: { url, model: 'big', version: '3' },
    small: { url, model: 'tiny' },
  })
  expect(pool.ready).toBe(false)
  await pool.start()
  expect(pool.ready).toBe(true)
  expect(Object.keys(pool.serviceTimesMs)).toEqual(['large', 'small'])
  expect(Math.min(...Object.values(pool.serviceTimesMs))).toBeGreaterThan(0)
  expect(new Set(zero.asked)).toEqual(
    new Set(['/v2/models/big/versions/3/infer', '/v2/models/tiny/infer']),
  )
  expect(floats((await infer('small'))?.outputs[0])).toEqual([0, 0])
})

test('is asked for no more at once than its concurrency', async () => {
  const zero = new ZeroServer()
  const { pool, infer } = poolOf({
    d0: { url: await listeners.listen(zero.listener), model: 'd0' },
  })
  await pool.start()
  const held: (() => void)[] = []
  zero.onInfer = (response, answer) => held.push(() => response.end(answer))
  const first = infer('d0')
  expect([pool.busyWorkers, pool.hasFreeWorker]).toEqual([1, true])
  const second = infer('d0')
  expect([pool.busyWorkers, pool.hasFreeWorker]).toEqual([2, false])
  await vi.waitFor(() => expect(held).toHaveLength(2))
  for (const answer of held) answer()
  await Promise.all([first, second])
  expect([pool.busyWorkers, pool.hasFreeWorker]).toEqual([0, true])
})

test('waits for a server that is away, and says what it waits for', async () => {
  const url = await listeners.unusedUrl()
  const { pool, said } = poolOf({ d0: { url, model: 'd0' } })
  const starting = pool.start()
  await vi.waitFor(() => expect(said.join()).toMatch(/not ready yet: .*ECONNREFUSED.*trying again/))
  expect(pool.ready).toBe(false)
  await listeners.listen(new ZeroServer().listener, Number(new URL(url).port))
  await starting
  expect(pool.ready).toBe(true)
})

test('ends its waiting when it is closed', async () => {
  const { pool } = poolOf({ d0: { url: await listeners.unusedUrl(), model: 'd0' } })
  const starting = pool.start().catch((error: unknown) => error)
  await pool.close()
  expect(await starting).toBeInstanceOf(Error)
})

test('does not wait for a server whose model is not the catalogue’s', async () => {
  const zero = new ZeroServer()
  zero.datatype = 'FP16'
  const { pool } = poolOf({ d0: { url: await listeners.listen(zero.listener), model: 'd0' } })
  await expect(pool.start()).rejects.toThrow(ConfigError)
})

test('asks nothing more of a server that fails, and goes on once it is ready again', async () => {
  const zero = new ZeroServer()
  const { pool, said, infer } = poolOf({
    d0: { url: await listeners.listen(zero.listener), model: 'd0' },
  })
  const lost: UnavailableError[] = []
  const started = vi.fn()
  pool.onNoneLeft = (reason) => lost.push(reason)
  await pool.start()
  pool.onStarted = started
  zero.isReady = false
  zero.onInfer = (response) => response.writeHead(500).end('no memory')
  while (pool.ready) await infer('d0')?.catch(() => {})
  expect(lost[0]?.message).toContain('is down')
  const asked = zero.asked.length
  await expect(infer('d0')).rejects.toThrow(/is down: .*no memory/)
  expect(zero.asked).toHaveLength(asked)
  zero.isReady = true
  zero.onInfer = undefined
  await vi.waitFor(() => expect(pool.ready).toBe(true), 5000)
  expect(started).toHaveBeenCalled()
  expect(said.at(-1)).toContain('serves again')
  await infer('d0')
})

test('stays away from a server that comes back with another model', async () => {
  const zero = new ZeroServer()
  const { pool } = poolOf({ d0: { url: await listeners.listen(zero.listener), model: 'd0' } })
  await pool.start()
  zero.isReady = false
  await vi.waitFor(() => expect(pool.ready).toBe(false), 5000)
  zero.datatype = 'UINT8'
  zero.isReady = true
  await new Promise((resolve) => setTimeout(resolve, 1500))
  expect(pool.ready).toBe(false)
})

test('shows the token that the environment holds, and nobody else', async () => {
  vi.stubEnv('TEST_SERVER_TOKEN', 'very-secret')
  const zero = new ZeroServer()
  const url = await listeners.listen(zero.listener)
  const { pool, said } = poolOf({ d0: { url, model: 'd0', tokenFrom: 'TEST_SERVER_TOKEN' } })
  await pool.start()
  expect(zero.authorization).toBe('Bearer very-secret')
  zero.isReady = false
  await vi.waitFor(() => expect(pool.ready).toBe(false), 5000)
  expect(said.join()).not.toContain('very-secret')
})

test('names the variable that holds no token, and the certificate that is not there', () => {
  const url = 'https://127.0.0.1:1'
  expect(() => poolOf({ d0: { url, model: 'd0', tokenFrom: 'NO_SUCH_TOKEN' } })).toThrow(
    /NO_SUCH_TOKEN is not set/,
  )
  expect(() => poolOf({ d0: { url, model: 'd0', ca: '/no/such.pem' } })).toThrow(/no\/such\.pem/)
})
