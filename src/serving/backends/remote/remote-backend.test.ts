import { mkdtemp, rm } from 'node:fs/promises'
import type { RequestListener } from 'node:http'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest'
// biome-ignore lint/correctness/useImportExtensions: it is a program too, which Node.js runs as it is
import { startGrpcServer } from '../../../../test/foreign/grpc-server.mjs'
// biome-ignore lint/correctness/useImportExtensions: as above
import { startRestServer } from '../../../../test/foreign/rest-server.mjs'
import {
  BadGatewayError,
  ConfigError,
  OverloadedError,
  TimeoutError,
  UnavailableError,
} from '../../../errors.ts'
import type { InferenceHandler } from '../../../protocol/inference-handler.ts'
import { createInferenceServer, type InferenceServer } from '../../../protocol/server.ts'
import { IntelligentService } from '../../intelligent-service.ts'
import { affineCatalogue, affineInput, floats, testBackend } from '../backend.conformance.ts'
import { connectServer } from './connect-server.ts'
import { expectedAffine, Listeners } from './foreign.fixture.ts'
import { RemoteBackend } from './remote-backend.ts'

const LIMITS = { timeoutMs: 5000, concurrency: 4, answerLimitBytes: 10_000 }

let directory: string
let service: IntelligentService
let tierwise: InferenceServer
const listeners = new Listeners()
const clients = new Listeners()

/** A bare node: every variant of the service under its own name. */
function handlerOf(served: IntelligentService): InferenceHandler {
  return {
    live: () => true,
    ready: () => served.ready,
    refusal: () => undefined,
    repositoryIndex: () => [],
    modelStatistics: () => [],
    serverMetadata: () => ({ name: 'remote', version: '1', extensions: ['binary_tensor_data'] }),
    modelReady: (model) => served.metadata(model) !== undefined,
    modelMetadata: (model) => served.metadata(model),
    async infer({ model, signal, decode }) {
      const { outputs } = await served.infer(model, await decode(), { signal })
      return { content: { model_name: model, outputs } }
    },
  }
}

beforeAll(async () => {
  directory = await mkdtemp(join(tmpdir(), 'remote-backend-'))
  const catalogue = await affineCatalogue(directory)
  service = new IntelligentService({ catalogue, workers: 1, queueLimit: 100 })
  await service.start()
  tierwise = createInferenceServer(handlerOf(service), { bodyLimitBytes: 10_000, port: 0 })
  await tierwise.listen()
})

afterEach(() => listeners.close())
afterAll(async () => {
  await clients.close()
  await tierwise.close()
  await service.close()
  await rm(directory, { recursive: true })
})

function backendOf(url: string, options = {}, limits = LIMITS): RemoteBackend {
  const server = connectServer({ url }, limits)
  clients.onClose(() => server.close())
  return new RemoteBackend(server, {
    variant: 'd0',
    model: 'd0',
    expected: expectedAffine,
    ...options,
  })
}

describe('a Tierwise server', () => {
  testBackend(() => ({
    backend: backendOf(tierwise.url),
    file: join(directory, 'd0.onnx'),
  }))
})

type Models = Readonly<Record<string, string>>

async function startRest(models: Models, binary: boolean) {
  const { url, server } = await startRestServer({ models, binary })
  const close = () => {
    server.closeAllConnections()
    server.close()
  }
  return { url, close }
}

async function startGrpc(models: Models) {
  const { url, server } = await startGrpcServer({ models })
  return { url, close: () => server.forceShutdown() }
}

describe.each([
  ['over REST, with binary data', (models: Models) => startRest(models, true)],
  ['over REST, with JSON alone', (models: Models) => startRest(models, false)],
  ['over gRPC', startGrpc],
])('a foreign server %s', (_kind, start) => {
  let foreign: { url: string; close(): void }
  beforeAll(async () => {
    const file = join(directory, 'd0.onnx')
    foreign = await start({ d0: file, other_name: file })
  })
  afterAll(() => foreign.close())

  testBackend(() => ({ backend: backendOf(foreign.url), file: join(directory, 'd0.onnx') }))

  test('serves a model of another name, in a version', async () => {
    const backend = backendOf(foreign.url, { model: 'other_name', version: '1' })
    await backend.load()
    expect(backend.metadata.name).toBe('d0')
    const { outputs } = await backend.infer({ inputs: [affineInput(1, 0, 0)] })
    expect(floats(outputs[0])).toEqual([1.5, 1.5])
  })

  test('has no such model or version: the error names the variant and what the server says', async () => {
    const unknown = backendOf(foreign.url, { model: 'd9' }).load()
    await expect(unknown).rejects.toThrow(ConfigError)
    await expect(unknown).rejects.toThrow(
      /variant d0: model "d9" of (http|grpc):.*(unknown model: 'd9'|no model d9)/,
    )
    const version = backendOf(foreign.url, { version: '7' }).load()
    await expect(version).rejects.toThrow(/model "d0" version 7 of .*(no such version|version 7)/)
  })
})

test.each([
  ['input.name', { input: { ...expectedAffine.input, name: 'image' } }, /"x".*input.name "image"/],
  [
    'input.datatype',
    { input: { ...expectedAffine.input, datatype: 'UINT8' } },
    /"x" is FP32.*input.datatype UINT8/,
  ],
  [
    'input.shape',
    { input: { ...expectedAffine.input, shape: [1, 4] } },
    /"x" is \[-1, 3\].*input.shape \[1, 4\]/,
  ],
  ['output.name', { output: { name: 'scores', shape: [1, 2] } }, /"y", "z".*output.name "scores"/],
  [
    'output.shape',
    { output: { name: 'y', shape: [1, 10] } },
    /"y" is \[-1, 2\].*output.shape \[1, 10\]/,
  ],
])('refuses a model that goes against %s of the catalogue', async (_key, part, words) => {
  const loading = backendOf(tierwise.url, { expected: { ...expectedAffine, ...part } }).load()
  await expect(loading).rejects.toThrow(ConfigError)
  await expect(loading).rejects.toThrow(words)
})

test('takes the catalogue’s word where a server tells no tensors', async () => {
  const url = await listeners.listen(answering({ name: 'd0', inputs: [], outputs: [] }))
  const backend = backendOf(url)
  await backend.load()
  expect(backend.metadata).toMatchObject({
    inputs: [expectedAffine.input],
    outputs: [{ name: 'y', datatype: 'FP32', shape: [1, 2] }],
  })
})

test('is away, silent, or not ready: the errors say so', async () => {
  const nobody = await listeners.unusedUrl()
  await expect(backendOf(nobody).load()).rejects.toThrow(UnavailableError)
  const silent = await listeners.listen(() => undefined)
  await expect(backendOf(silent, {}, { ...LIMITS, timeoutMs: 50 }).load()).rejects.toThrow(
    TimeoutError,
  )
  const loading = await listeners.listen((request, response) => {
    if (request.url?.endsWith('/ready')) response.writeHead(400).end('{"error":"loading"}')
    else answering(affineMetadata)(request, response)
  })
  await expect(backendOf(loading).load()).rejects.toThrow(UnavailableError)
  await expect(backendOf(loading).load()).rejects.toThrow(/is not ready: .*loading/)
})

const affineMetadata = {
  name: 'd0',
  inputs: [{ name: 'x', datatype: 'FP32', shape: [-1, 3] }],
  outputs: [{ name: 'y', datatype: 'FP32', shape: [-1, 2] }],
}

/** Of a server that gives this answer to inferences, and describes itself well. */
function answering(metadata: unknown, answer?: (url: string) => [status: number, body: string]) {
  const listener: RequestListener = (request, response) => {
    const { url = '' } = request
    request.resume()
    if (url === '/v2') return void response.end('{"name":"odd","version":"1"}')
    if (url.endsWith('/ready')) return void response.end()
    if (!url.endsWith('/infer')) return void response.end(JSON.stringify(metadata))
    const [status, body] = answer?.(url) ?? [500, '']
    response.writeHead(status).end(body)
  }
  return listener
}

const y = (more: object) =>
  JSON.stringify({
    model_name: 'd0',
    id: null,
    parameters: null,
    outputs: [{ name: 'y', datatype: 'FP32', shape: [1, 2], data: [1, 2], ...more }],
  })

type ErrorClass = new (message: string) => Error
const odd: [answer: string, status: number, body: string, error: ErrorClass, words: RegExp][] = [
  ['no JSON', 200, '<html>', BadGatewayError, /not of the protocol/],
  ['no outputs', 200, '{"model_name":"d0","outputs":null}', BadGatewayError, /not of the protocol/],
  ['another output', 200, y({ name: 'z' }), BadGatewayError, /lacks the output "y"/],
  ['another datatype', 200, y({ datatype: 'INT32' }), BadGatewayError, /"y" is INT32.*not FP32/],
  ['another shape', 200, y({ shape: [2] }), BadGatewayError, /"y" is FP32 \[2\]/],
  ['another batch', 200, y({ shape: [2, 2], data: [1, 2, 3, 4] }), BadGatewayError, /batch of 1/],
  ['too few elements', 200, y({ data: [1] }), BadGatewayError, /not of the protocol/],
  ['null for a number', 200, y({ data: [1, null] }), BadGatewayError, /not of the protocol/],
  ['too much', 200, y({ more: 'x'.repeat(20_000) }), BadGatewayError, /too great a length/],
  ['400', 400, '{"error":"no"}', BadGatewayError, /did not serve: .*answered 400: no/],
  ['401', 401, '{"error":"who?"}', BadGatewayError, /answered 401: who\?/],
  ['404', 404, '{"error":"unloaded"}', BadGatewayError, /answered 404: unloaded/],
  ['429', 429, '{"error":"slower"}', OverloadedError, /slower/],
  ['500', 500, 'a trace', BadGatewayError, /answered 500: a trace/],
  ['503', 503, '{"error":"busy"}', UnavailableError, /busy/],
  ['504', 504, '', TimeoutError, /answered 504/],
]

test.each(odd)('turns an answer of %s into an error', async (_name, status, body, error, words) => {
  const url = await listeners.listen(answering(affineMetadata, () => [status, body]))
  const backend = backendOf(url)
  await backend.load()
  const answer = backend.infer({ inputs: [affineInput(1, 2, 3)] })
  await expect(answer).rejects.toThrow(error)
  await expect(answer).rejects.toThrow(words)
})

test('takes an answer with nulls where nothing is, and leaves out what nobody asked for', async () => {
  const body = y({ parameters: null })
  const url = await listeners.listen(answering(affineMetadata, () => [200, body]))
  const backend = backendOf(url)
  await backend.load()
  const { outputs } = await backend.infer({ inputs: [affineInput(1, 2, 3)] })
  expect(outputs.map(({ name }) => name)).toEqual(['y'])
  expect(floats(outputs[0])).toEqual([1, 2])
})
