import {
  type Metadata,
  Server,
  ServerCredentials,
  type ServiceDefinition,
  status,
} from '@grpc/grpc-js'
import { loadSync } from '@grpc/proto-loader'
import { afterEach, expect, test } from 'vitest'
import {
  BadGatewayError,
  NotFoundError,
  OverloadedError,
  TimeoutError,
  UnauthorizedError,
  UnavailableError,
} from '../../../errors.ts'
import { affineInput } from '../backend.conformance.ts'
import { Listeners } from './foreign.fixture.ts'
import { GrpcModelServer } from './grpc-model-server.ts'

const listeners = new Listeners()
afterEach(() => listeners.close())

const LIMITS = { timeoutMs: 2000, concurrency: 1, answerLimitBytes: 10_000 }
const model = { model: 'd0' }
const request = { inputs: [affineInput(1, 2, 3)] }

type Done = (error: object | null, answer?: object) => void
type Methods = Record<string, (call: { metadata: Metadata }, done: Done) => void>

/** A server with these methods of the protocol's service, and a client of it. */
async function serving(methods: Methods, secrets = {}, limits = LIMITS): Promise<GrpcModelServer> {
  const proto = loadSync('proto/open_inference_grpc.proto', { keepCase: true, defaults: true })
  const server = new Server({ 'grpc.max_send_message_length': -1 })
  server.addService(proto['inference.GRPCInferenceService'] as ServiceDefinition, methods)
  const port = await new Promise<number>((resolve, reject) => {
    server.bindAsync('127.0.0.1:0', ServerCredentials.createInsecure(), (error, bound) =>
      error ? reject(error) : resolve(bound),
    )
  })
  listeners.onClose(() => server.forceShutdown())
  return clientOf(`grpc://127.0.0.1:${port}`, secrets, limits)
}

function clientOf(url: string, secrets = {}, limits = LIMITS): GrpcModelServer {
  const client = new GrpcModelServer(url, limits, secrets)
  listeners.onClose(() => client.close())
  return client
}

test.each([
  [status.UNAVAILABLE, UnavailableError],
  [status.RESOURCE_EXHAUSTED, OverloadedError],
  [status.NOT_FOUND, NotFoundError],
  [status.UNAUTHENTICATED, UnauthorizedError],
  [status.DEADLINE_EXCEEDED, TimeoutError],
  [status.INTERNAL, BadGatewayError],
  [status.UNKNOWN, BadGatewayError],
])('turns status %i into an error that says why', async (code, error) => {
  const server = await serving({ ModelInfer: (_, done) => done({ code, details: 'because' }) })
  await expect(server.infer(model, request)).rejects.toThrow(error)
  await expect(server.infer(model, request)).rejects.toThrow(/ModelInfer.*because/)
})

test('bounds an answer in time and length', async () => {
  const silent = await serving({ ModelInfer: () => {} }, {}, { ...LIMITS, timeoutMs: 50 })
  await expect(silent.infer(model, request)).rejects.toThrow(TimeoutError)
  const outputs = [{ name: 'y', datatype: 'FP32', shape: [5000] }]
  const long = { model_name: 'd0', outputs, raw_output_contents: [Buffer.alloc(20_000)] }
  const talkative = await serving({ ModelInfer: (_, done) => done(null, long) })
  await expect(talkative.infer(model, request)).rejects.toThrow(BadGatewayError)
})

test.each([
  ['bytes that are too few', { datatype: 'FP32', shape: [2] }, [Buffer.alloc(4)]],
  ['a datatype that there is not', { datatype: 'FP3', shape: [1] }, [Buffer.alloc(4)]],
  ['a size below zero', { datatype: 'FP32', shape: [-1] }, [Buffer.alloc(4)]],
  ['more contents than tensors', { datatype: 'FP32', shape: [1] }, [Buffer.alloc(4), Buffer.of()]],
])('cannot use an answer of %s', async (_what, output, raw_output_contents) => {
  const answer = { model_name: 'd0', outputs: [{ name: 'y', ...output }], raw_output_contents }
  const server = await serving({ ModelInfer: (_, done) => done(null, answer) })
  await expect(server.infer(model, request)).rejects.toThrow(BadGatewayError)
})

test('asks for a version and shows its token, on every call', async () => {
  const seen: unknown[] = []
  const server = await serving(
    {
      ModelReady: ({ metadata }, done) => {
        seen.push(metadata.get('authorization'))
        done(null, { ready: false })
      },
    },
    { token: 'very-secret' },
  )
  const notReady = server.modelReady({ model: 'd0', version: '3' })
  await expect(notReady).rejects.toThrow(/"d0" is not ready/)
  expect(seen).toEqual([['Bearer very-secret']])
})

test('stops when its caller does, and when nobody listens', async () => {
  const silent = await serving({ ModelInfer: () => {} })
  const caller = new AbortController()
  const answer = silent.infer(model, request, caller.signal)
  caller.abort()
  await expect(answer).rejects.toThrow(UnavailableError)
  await expect(silent.infer(model, request, caller.signal)).rejects.toThrow()
  const nobody = clientOf((await listeners.unusedUrl()).replace('http', 'grpc'))
  await expect(nobody.infer(model, request)).rejects.toThrow(UnavailableError)
})
