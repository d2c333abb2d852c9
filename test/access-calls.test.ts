/** Every method of gRPC, called by everybody: nothing is open beyond the table of rights. */
import { credentials, Metadata, type ServiceError, status } from '@grpc/grpc-js'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { mayRequest, ROUTE_RIGHTS } from '../src/access/rights.ts'
import type { RunningNode } from '../src/node/node-options.ts'
import { TestNodes } from '../src/node/start-node.fixture.ts'
import { grpcClient } from '../src/protocol/grpc/client.fixture.ts'
import { type Caller, type TestFleet, testFleet } from './access.fixture.ts'

const SERVICE = '/inference.GRPCInferenceService/'
const METHODS = Object.keys(ROUTE_RIGHTS).filter((path) => path.startsWith(SERVICE))
const nodes = new TestNodes()
let fleet: TestFleet
let node: RunningNode

beforeAll(async () => {
  fleet = await testFleet()
  const access = await fleet.access('edge-1')
  const own = { name: 'edge-1', tier: 'edge' as const, variants: ['d7'], grpcPort: 0 }
  node = await nodes.start({ ...own, access })
})
afterAll(async () => {
  await nodes.closeAll()
  expect(fleet.leaks()).toEqual([])
  await fleet.close()
})

/** @returns how each method's call ended */
async function ended({ certificate, token }: Caller): Promise<status[]> {
  const own = certificate
    ? [Buffer.from(certificate.key), Buffer.from(certificate.certificate)]
    : []
  const channel = credentials.createSsl(Buffer.from(fleet.ca), ...own)
  const client = grpcClient(node.grpcAddress ?? '', { channel })
  const metadata = new Metadata()
  if (token !== undefined) metadata.set('authorization', `Bearer ${token}`)
  const message = { name: 'd7', model_name: 'd7' }
  const codes = METHODS.map((path) =>
    client.call(path.slice(SERVICE.length), message, {}, metadata).then(
      () => status.OK,
      (error: ServiceError) => error.code,
    ),
  )
  return Promise.all(codes).finally(() => client.close())
}

test('each method is open to those of the table alone', async () => {
  expect(METHODS).toHaveLength(11)
  const counts = { open: 0, [status.UNAUTHENTICATED]: 0, [status.PERMISSION_DENIED]: 0 }
  for (const caller of fleet.callers) {
    const isShown = caller.token !== undefined || caller.certificate !== undefined
    const identity = isShown ? caller.identity : undefined
    const codes = await ended(caller)
    for (const [index, path] of METHODS.entries()) {
      const refusal = identity ? status.PERMISSION_DENIED : status.UNAUTHENTICATED
      const wanted = mayRequest(identity, 'POST', path) ? 'open' : refusal
      const code = codes[index] ?? status.UNKNOWN
      const isRefused = code === status.UNAUTHENTICATED || code === status.PERMISSION_DENIED
      const seen = isRefused ? code : 'open'
      expect({ caller: caller.title, path, seen }).toMatchObject({ seen: wanted })
      counts[seen]++
    }
  }
  expect(Math.min(...Object.values(counts))).toBeGreaterThan(10)
})

test('what is not encrypted is not heard', async () => {
  const client = grpcClient(node.grpcAddress ?? '')
  const call = client.call('ServerLive', {})
  await expect(call).rejects.toMatchObject({ code: status.UNAVAILABLE })
  client.close()
})
