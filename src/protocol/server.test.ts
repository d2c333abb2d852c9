import { connect } from 'node:net'
import { request } from 'undici'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { ConfigError, OverloadedError } from '../errors.ts'
import { bytesOf } from './datatypes.ts'
import { DoublingHandler } from './doubling-handler.fixture.ts'
import { createGrpcServer } from './grpc/server.ts'
import { describeInferenceProtocol } from './inference-protocol.conformance.ts'
import { createInferenceServer, type InferenceServer } from './server.ts'

const bodyLimitBytes = 100_000
const x = Float32Array.of(1, -2.5, 3e-8, 0, 5, 1e30)

describeInferenceProtocol('a handler without a model', async () => {
  const handler = new DoublingHandler()
  const server = createInferenceServer(handler, { bodyLimitBytes, port: 0 })
  const grpc = createGrpcServer(handler, { bodyLimitBytes, port: 0 })
  await server.listen()
  await grpc.listen()
  return {
    url: server.url,
    grpcAddress: grpc.address,
    model: 'double',
    input: { name: 'x', datatype: 'FP32', shape: [2, 3], data: bytesOf(x) },
    outputs: ['doubled', 'sum'],
    bodyLimitBytes,
    close: async () => {
      await grpc.close()
      await server.close()
    },
  }
})

const handler = new DoublingHandler()
let server: InferenceServer
beforeAll(async () => {
  server = createInferenceServer(handler, { bodyLimitBytes, port: 0 })
  server.app.post('/own', async ({ body }) => ({ received: body }))
  await server.listen()
})
afterAll(() => server.close())

const post = (path: string, body: string | Buffer, headers: Record<string, string> = {}) =>
  request(server.url + path, { method: 'POST', body, headers })
const inferJson = (model: string, inputs: unknown, more = {}) =>
  post(`/v2/models/${model}/infer`, JSON.stringify({ inputs, ...more }))
const double = (more = {}) =>
  inferJson('double', [{ name: 'x', datatype: 'FP32', shape: [1, 3], data: [1, 2, 3] }], more)

/** Two elements of every datatype that JSON can hold. */
const pairs = {
  BOOL: [true, false],
  UINT8: [0, 255],
  UINT16: [0, 65535],
  UINT32: [0, 4294967295],
  UINT64: [7, 2 ** 53 - 1],
  INT8: [-128, 127],
  INT16: [-32768, 32767],
  INT32: [-2147483648, 2147483647],
  INT64: [-1, 2 ** 53 - 1],
  FP32: [0.5, -1.5],
  FP64: [0.1, 1e300],
  FP16: [-0.333251953125, 65504],
  BF16: [-0.333984375, 2 ** 127],
  BYTES: ['é\u{1f600}', ''],
}

describe('answers', () => {
  it('answers what the handler computed, its headers and parameters, and no model_version', async () => {
    const answer = await double({ id: '7' })
    expect(answer.headers['x-tierwise-decision']).toBe('end/d0')
    expect(await answer.body.json()).toEqual({
      model_name: 'double',
      id: '7',
      parameters: { seconds: 1 },
      outputs: [
        { name: 'doubled', datatype: 'FP32', shape: [1, 3], data: [2, 4, 6] },
        { name: 'sum', datatype: 'FP32', shape: [1], data: [6] },
      ],
    })
  })

  it('5 answers versions that exist', async () => {
    const path = '/v2/models/double/versions/v10'
    expect((await request(`${server.url}${path}/ready`)).statusCode).toBe(200)
    expect((await request(server.url + path)).statusCode).toBe(200)
  })

  it('13, 15, 16 echoes every datatype exactly, as JSON and as binary', async () => {
    const inputs = Object.entries(pairs).map(([name, data]) => {
      return { name, datatype: name, shape: [2], data }
    })
    const asJson = await post('/v2/models/echo/infer', JSON.stringify({ inputs }))
    const answered: { outputs: unknown } = (await asJson.body.json()) as never
    expect(answered.outputs).toEqual(inputs)
    const parameters = { binary_data_output: true }
    const asBinary = await post('/v2/models/echo/infer', JSON.stringify({ inputs, parameters }))
    const bytes = new Uint8Array(await asBinary.body.arrayBuffer())
    const frame = {
      'inference-header-content-length': String(
        asBinary.headers['inference-header-content-length'],
      ),
    }
    const back = Buffer.from(bytes).toString('latin1').replace('"outputs"', '"inputs" ')
    const again = await post('/v2/models/echo/infer', Buffer.from(back, 'latin1'), frame)
    expect(await again.body.json()).toEqual(answered)
  })

  it('18, 25 decodes slashes and spaces in names; a raw BYTES body is one element', async () => {
    const raw = { 'inference-header-content-length': '0' }
    const answer = await post('/v2/models/a%2Fb%20c/infer', 'any text', raw)
    const text = await answer.body.text()
    expect(text).toContain('"model_name":"a/b c"')
    expect(text.slice(-12)).toBe('\u0008\0\0\0any text')
  })

  it('25 refuses a raw request to a model of several inputs', async () => {
    const answer = await post('/v2/models/echo/infer', 'x', {
      'inference-header-content-length': '0',
    })
    expect(answer.statusCode).toBe(400)
    expect(await answer.body.text()).toContain('a model with one input')
  })
})

describe('failures', () => {
  it('2 answers 503 with Retry-After while not ready', async () => {
    handler.isReady = false
    const ready = await request(`${server.url}/v2/health/ready`)
    expect(ready.statusCode).toBe(503)
    expect(await ready.body.json()).toEqual({ live: true, ready: false })
    const answer = await double()
    handler.isReady = true
    expect(answer.statusCode).toBe(503)
    expect(answer.headers['retry-after']).toBe('1')
    expect(await answer.body.json()).toEqual({ error: expect.stringContaining('not ready') })
  })

  it('17 answers the handler’s error with its status, and anything unforeseen with 500', async () => {
    handler.before = () => Promise.reject(new OverloadedError('the queue is full'))
    const overloaded = await double()
    handler.before = () => Promise.reject(new Error('unforeseen'))
    const failed = await double()
    handler.before = async () => {}
    expect([overloaded.statusCode, overloaded.headers['retry-after']]).toEqual([503, '1'])
    expect(await overloaded.body.json()).toEqual({ error: 'the queue is full' })
    expect(failed.statusCode).toBe(500)
    expect(await failed.body.json()).toEqual({ error: 'unforeseen' })
  })

  it('answers 415 for pictures where no model takes them, and for what is no message', async () => {
    const bodies = ['ffd8ffe000104a464946', '89504e470d0a1a0a', '474946383961', '0000001c66747970']
    for (const hex of bodies) {
      for (const type of ['application/octet-stream', 'image/jpeg']) {
        const body = Buffer.from(hex, 'hex')
        const answer = await post('/v2/models/double/infer', body, { 'content-type': type })
        expect(answer.statusCode).toBe(415)
        expect(await answer.body.json()).toEqual({ error: expect.stringMatching(/picture/) })
      }
    }
  })

  it('answers 400 for a number of classes that is none', async () => {
    for (const classification of [0, 1.5, '3']) {
      const outputs = [{ name: 'sum', parameters: { classification } }]
      const answer = await double({ outputs })
      expect(answer.statusCode).toBe(400)
      expect(await answer.body.text()).toContain('classification')
    }
  })

  it('aborts the call when its client goes away', async () => {
    const aborted = new Promise<void>((resolve) => {
      handler.before = ({ signal }) =>
        new Promise((done) => {
          client.destroy()
          signal.addEventListener('abort', () => {
            resolve()
            done()
          })
        })
    })
    const client = connect(Number(new URL(server.url).port), '127.0.0.1')
    client.write('POST /v2/models/double/infer HTTP/1.1\r\nHost: x\r\nContent-Length: 2\r\n\r\n{}')
    await aborted
    handler.before = async () => {}
    expect((await double()).statusCode).toBe(200)
  })

  it('outlives a client that leaves in the middle of its body', async () => {
    const client = connect(Number(new URL(server.url).port), '127.0.0.1')
    client.write('POST /v2/models/double/infer HTTP/1.1\r\nHost: x\r\nContent-Length: 99\r\n\r\n{')
    await new Promise((resolve) => setTimeout(resolve, 20))
    client.destroy()
    expect((await double()).statusCode).toBe(200)
  })
})

it.each([
  [0, '1', '0'],
  [999.2, '1', '1000'],
  [1000.2, '2', '1001'],
  [61_500, '62', '61500'],
])(
  'tells with 503 that there is room in %d ms, as it was predicted',
  async (retryAfterMs, seconds, ms) => {
    handler.before = () => Promise.reject(new OverloadedError('full', { retryAfterMs }))
    const { headers } = await double()
    handler.before = async () => {}
    expect([headers['retry-after'], headers['retry-after-ms']]).toEqual([seconds, ms])
  },
)

describe('listening and closing', () => {
  it('leaves further routes their own body parsing', async () => {
    const answer = await post('/own', '{"a":1}', { 'content-type': 'application/json' })
    expect(await answer.body.json()).toEqual({ received: { a: 1 } })
  })

  it('names the port in use and the remedy', async () => {
    const port = Number(new URL(server.url).port)
    const second = createInferenceServer(handler, { bodyLimitBytes, port })
    const error = await second.listen().catch((caught: unknown) => caught)
    expect(error).toBeInstanceOf(ConfigError)
    expect(String(error)).toContain(`port ${port} of 127.0.0.1: it is in use`)
    await second.close()
  })

  it('answers what is in flight before it closes', async () => {
    const closing = createInferenceServer(handler, { bodyLimitBytes, port: 0 })
    await closing.listen()
    const inputs = [{ name: 'x', datatype: 'FP32', shape: [1, 3], data: [1, 2, 3] }]
    let closed: Promise<void> | undefined
    handler.before = async () => {
      closed = closing.close()
      await new Promise((resolve) => setTimeout(resolve, 30))
    }
    const url = `${closing.url}/v2/models/double/infer`
    const answer = await request(url, { method: 'POST', body: JSON.stringify({ inputs }) })
    handler.before = async () => {}
    expect(answer.statusCode).toBe(200)
    await answer.body.dump()
    await closed
    await expect(request(url)).rejects.toThrow('ECONNREFUSED')
  })
})
