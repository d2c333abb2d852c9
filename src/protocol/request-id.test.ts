import { Metadata } from '@grpc/grpc-js'
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import { OverloadedError } from '../errors.ts'
import { DoublingHandler } from './doubling-handler.fixture.ts'
import { type GrpcClient, grpcClient } from './grpc/client.fixture.ts'
import { createGrpcServer, type GrpcServer } from './grpc/server.ts'
import { requestIdOf } from './request-id.ts'
import { createInferenceServer, type InferenceServer } from './server.ts'

const UUID = /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/
const infer = { inputs: [{ name: 'x', datatype: 'FP32', shape: [1, 3], data: [1, 2, 3] }] }
let handler: DoublingHandler
let seen: (string | undefined)[]

beforeEach(() => {
  seen = []
})

/** One that notes the id of each request. */
function noting(): DoublingHandler {
  handler = new DoublingHandler()
  handler.before = async (call) => {
    seen.push(call.headers['x-request-id'])
  }
  return handler
}

it('is the caller’s where it can stand in a line of a log, else a new one', () => {
  expect(requestIdOf({ headers: { 'x-request-id': 'mine-7' } })).toBe('mine-7')
  for (const chosen of [undefined, '', 'two words', 'a\nb', 'x'.repeat(129), ['one', 'two']])
    expect(requestIdOf({ headers: { 'x-request-id': chosen } })).toMatch(UUID)
})

describe('over REST', () => {
  let server: InferenceServer
  beforeAll(async () => {
    server = createInferenceServer(noting(), { bodyLimitBytes: 2 ** 20, port: 0 })
    await server.listen()
  })
  afterAll(() => server.close())

  const post = async (path: string, headers: Readonly<Record<string, string>> = {}) => {
    const body = JSON.stringify(infer)
    const answer = await fetch(server.url + path, { method: 'POST', body, headers })
    return [answer.status, answer.headers.get('x-request-id')]
  }

  it('is in answers and in errors, and what the handler is told', async () => {
    const mine = { 'x-request-id': 'mine-7' }
    expect(await post('/v2/models/double/infer', mine)).toEqual([200, 'mine-7'])
    expect(await post('/v2/models/none/infer', mine)).toEqual([404, 'mine-7'])
    expect(await post('/nowhere', mine)).toEqual([404, 'mine-7'])
    expect(await post('/v2/models/%/infer', mine)).toEqual([400, 'mine-7'])
    expect(await post('/v2/models/double/infer')).toEqual([200, expect.stringMatching(UUID)])
    expect(seen).toEqual(['mine-7', expect.stringMatching(UUID)])
  })
})

describe('over gRPC', () => {
  const failed: object[] = []
  let server: GrpcServer
  let client: GrpcClient
  beforeAll(async () => {
    server = createGrpcServer(noting(), {
      ...{ bodyLimitBytes: 2 ** 20, port: 0 },
      onError: (error, call) => failed.push({ error, ...call }),
    })
    await server.listen()
    client = grpcClient(server.address)
  })
  afterAll(async () => {
    client.close()
    await server.close()
  })

  it('is what the handler is told, and in errors', async () => {
    const metadata = new Metadata()
    metadata.set('x-request-id', 'mine-7')
    const x = { name: 'x', datatype: 'FP32', shape: [1, 3], contents: { fp32_contents: [1, 2, 3] } }
    const message = { model_name: 'double', inputs: [x] }
    await client.call('ModelInfer', message, {}, metadata)
    await client.call('ModelInfer', message)
    expect(seen).toEqual(['mine-7', expect.stringMatching(UUID)])
    const full = new OverloadedError('full')
    handler.before = async () => {
      throw full
    }
    const error = await client.call('ModelInfer', message, {}, metadata).catch((thrown) => thrown)
    expect(error.metadata.get('x-request-id')).toEqual(['mine-7'])
    const request = '/inference.GRPCInferenceService/ModelInfer'
    expect(failed).toEqual([{ error: full, requestId: 'mine-7', request }])
  })
})
