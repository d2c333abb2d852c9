/** Encrypted servers: who is trusted, and who is not. */
import { readFile, writeFile } from 'node:fs/promises'
import { createServer } from 'node:https'
import type { AddressInfo } from 'node:net'
import { join } from 'node:path'
import { Server, ServerCredentials, type ServiceDefinition } from '@grpc/grpc-js'
import { loadSync } from '@grpc/proto-loader'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { DAY_MS, TestAuthority } from '../../../access/authority.fixture.ts'
import type { NodeCredentials } from '../../../access/credentials.ts'
import { UnavailableError } from '../../../errors.ts'
import { connectServer } from './connect-server.ts'
import { Listeners } from './foreign.fixture.ts'

const LIMITS = { timeoutMs: 2000, concurrency: 1, answerLimitBytes: 10_000 }
const listeners = new Listeners()
let authority: TestAuthority
let ca: string
let credentials: NodeCredentials
const urls = { rest: '', grpc: '' }

beforeAll(async () => {
  authority = await TestAuthority.start()
  const kind = { tier: 'edge' as const, addresses: ['127.0.0.1'] }
  const file = await authority.authority.add('server', kind, Date.now() + DAY_MS, Date.now())
  credentials = JSON.parse(await readFile(file, 'utf8'))
  ca = join(authority.folder, 'ca.pem')
  await writeFile(ca, credentials.authority)
  urls.rest = await startRest()
  urls.grpc = await startGrpc()
})
afterAll(async () => {
  await listeners.close()
  await authority.close()
})

async function startRest(): Promise<string> {
  const { certificate: cert, key } = credentials
  const server = createServer({ cert, key }, (_, response) => response.end())
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  listeners.onClose(() => server.close())
  return `https://127.0.0.1:${(server.address() as AddressInfo).port}`
}

async function startGrpc(): Promise<string> {
  const proto = loadSync('proto/open_inference_grpc.proto', { keepCase: true })
  const server = new Server()
  server.addService(proto['inference.GRPCInferenceService'] as ServiceDefinition, {
    ModelReady: (_: unknown, done: (error: null, answer: object) => void) =>
      done(null, { ready: true }),
  })
  const pair = {
    cert_chain: Buffer.from(credentials.certificate),
    private_key: Buffer.from(credentials.key),
  }
  const port = await new Promise<number>((resolve, reject) => {
    server.bindAsync('127.0.0.1:0', ServerCredentials.createSsl(null, [pair]), (error, bound) =>
      error ? reject(error) : resolve(bound),
    )
  })
  listeners.onClose(() => server.forceShutdown())
  return `grpcs://127.0.0.1:${port}`
}

test.each(['rest', 'grpc'] as const)(
  '%s: an authority that is named is trusted, and no other',
  async (kind) => {
    const ready = (own: { ca?: string }) => {
      const server = connectServer({ url: urls[kind], ...own }, LIMITS)
      listeners.onClose(() => server.close())
      return server.modelReady({ model: 'd0' })
    }
    await expect(ready({ ca })).resolves.toBeUndefined()
    await expect(ready({})).rejects.toThrow(UnavailableError)
  },
)
