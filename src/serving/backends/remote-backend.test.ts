import { mkdtemp, rm } from 'node:fs/promises'
import { createServer, type Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { NotFoundError, TimeoutError, UnavailableError } from '../../errors.ts'
import { InferenceClient } from '../../protocol/client.ts'
import type { InferenceHandler } from '../../protocol/inference-handler.ts'
import { createInferenceServer, type InferenceServer } from '../../protocol/server.ts'
import { IntelligentService } from '../intelligent-service.ts'
import { affineCatalogue, affineInput, floats, testBackend } from './backend.conformance.ts'
import { RemoteBackend } from './remote-backend.ts'

const LIMITS = { timeoutMs: 5000, connections: 4 }

let directory: string
let service: IntelligentService
let server: InferenceServer
let client: InferenceClient

/** A bare node: every variant of the service under its own name. */
function handlerOf(served: IntelligentService): InferenceHandler {
  return {
    live: () => true,
    ready: () => served.ready,
    refusal: () => undefined,
    repositoryIndex: () => [],
    modelStatistics: () => [],
    serverMetadata: () => ({ name: 'remote', version: '1', extensions: [] }),
    modelReady: (model) => served.metadata(model) !== undefined,
    modelMetadata: (model) => served.metadata(model),
    async infer({ model, signal, decode }) {
      const { outputs } = await served.infer(model, decode(), { signal })
      return { content: { model_name: model, outputs } }
    },
  }
}

beforeAll(async () => {
  directory = await mkdtemp(join(tmpdir(), 'remote-backend-'))
  const catalogue = await affineCatalogue(directory)
  service = new IntelligentService({ catalogue, workers: 1, queueLimit: 100 })
  await service.start()
  server = createInferenceServer(handlerOf(service), { bodyLimitBytes: 10_000, port: 0 })
  await server.listen()
  client = new InferenceClient(server.url, LIMITS)
})

afterAll(async () => {
  await client.close()
  await server.close()
  await service.close()
  await rm(directory, { recursive: true })
})

describe('conformance', () => {
  testBackend(() => ({
    backend: new RemoteBackend(client, 'd0'),
    file: join(directory, 'd0.onnx'),
  }))
})

describe('remote back end', () => {
  test('serves several models of one server', async () => {
    const backend = new RemoteBackend(client, 'd1')
    await backend.load()
    const { outputs } = await backend.infer({ inputs: [affineInput(1, 0, 0)] })
    expect(floats(outputs[0])).toEqual([2.5, 3.5])
  })

  test('does not load a model that the server lacks', async () => {
    const backend = new RemoteBackend(client, 'd9')
    await expect(backend.load()).rejects.toThrow(NotFoundError)
    await expect(backend.load()).rejects.toThrow('this node serves d0, d1')
    expect(backend.ready).toBe(false)
  })

  test('names the model and server when asked too early', () => {
    const backend = new RemoteBackend(client, 'd0')
    expect(() => backend.metadata).toThrow(`model "d0" of ${server.url} is not loaded`)
  })

  test('fails clearly when nobody listens', async () => {
    const nobody = new InferenceClient(await unusedUrl(), LIMITS)
    await expect(new RemoteBackend(nobody, 'd0').load()).rejects.toThrow(UnavailableError)
    await nobody.close()
  })

  test('fails clearly when the server does not answer in time', async () => {
    const silent = await listening(createServer(() => undefined))
    const impatient = new InferenceClient(urlOf(silent), { timeoutMs: 50, connections: 1 })
    await expect(new RemoteBackend(impatient, 'd0').load()).rejects.toThrow(TimeoutError)
    await impatient.close()
    silent.closeAllConnections()
    await closed(silent)
  })

  test('fails clearly when the server dies after loading, and serves again once it is back', async () => {
    const first = createInferenceServer(handlerOf(service), { bodyLimitBytes: 10_000, port: 0 })
    await first.listen()
    const port = Number(new URL(first.url).port)
    const fragile = new InferenceClient(first.url, LIMITS)
    const backend = new RemoteBackend(fragile, 'd0')
    await backend.load()
    await first.close()
    const request = { inputs: [affineInput(1, 0, 0)] }
    await expect(backend.infer(request)).rejects.toThrow(UnavailableError)
    const second = createInferenceServer(handlerOf(service), { bodyLimitBytes: 10_000, port })
    await second.listen()
    expect(floats((await backend.infer(request)).outputs[0])).toEqual([1.5, 1.5])
    await fragile.close()
    await second.close()
  })
})

function listening(http: Server): Promise<Server> {
  return new Promise((resolve) => {
    http.listen(0, '127.0.0.1', () => resolve(http))
  })
}

function closed(http: Server): Promise<void> {
  return new Promise((resolve) => {
    http.close(() => resolve())
  })
}

function urlOf(http: Server): string {
  return `http://127.0.0.1:${(http.address() as AddressInfo).port}`
}

async function unusedUrl(): Promise<string> {
  const http = await listening(createServer())
  const url = urlOf(http)
  await closed(http)
  return url
}
