import { createServer, type Server } from 'node:https'
import type { AddressInfo } from 'node:net'
import { PassThrough } from 'node:stream'
import { pino } from 'pino'
import { Agent, request } from 'undici'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { UnauthorizedError } from '../errors.ts'
import { DAY_MS, TestAuthority } from './authority.fixture.ts'
import { clientTls, type NodeCredentials, serverTls } from './credentials.ts'
import { Gate } from './gate.ts'
import { openNodeAccess } from './node-access.ts'

let fleet: TestAuthority
let camera: NodeCredentials
let gate: Gate
let server: Server
let agent: Agent
let aheadMs = 0

beforeAll(async () => {
  fleet = await TestAuthority.start()
  const edge = await fleet.node('edge-1', 'edge')
  camera = (await fleet.node('camera-1', 'end')).credentials
  const access = await openNodeAccess(edge.file, pino({ level: 'silent' }))
  access.roster.close()
  gate = new Gate(access.roster, () => Date.now() + aheadMs)
  server = createServer(serverTls(edge.credentials), ({ socket }, response) => {
    try {
      response.end(JSON.stringify(gate.byCertificate(socket) ?? 'nobody'))
    } catch (error) {
      response.end(error instanceof UnauthorizedError ? error.message : 'a fault')
    }
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
})
afterAll(async () => {
  await agent.destroy()
  server.close()
  await fleet.close()
})

async function asked(dispatcher: Agent): Promise<string> {
  const { port } = server.address() as AddressInfo
  return (await request(`https://127.0.0.1:${port}`, { dispatcher })).body.text()
}

test('a certificate says name and tier; it ends in the middle of a connection', async () => {
  agent = new Agent({ connect: clientTls(camera), connections: 1 })
  expect(JSON.parse(await asked(agent))).toEqual({ name: 'camera-1', role: 'node', tier: 'end' })
  aheadMs = DAY_MS
  expect(await asked(agent)).toBe('the certificate of camera-1 ended')
  aheadMs = 0
})

test('without a certificate it is nobody, with a resumed session too', async () => {
  const plain = new Agent({ connect: { ca: camera.authority }, pipelining: 0 })
  for (let time = 0; time < 3; time++) expect(await asked(plain)).toBe('"nobody"')
  await plain.destroy()
  expect(gate.byCertificate(new PassThrough())).toBeUndefined()
})

test('a resumed session is still the one whose certificate it began with', async () => {
  const again = new Agent({ connect: clientTls(camera), pipelining: 0 })
  for (let time = 0; time < 3; time++) expect(await asked(again)).toContain('camera-1')
  await again.destroy()
})

test('a token and a login that nobody has', () => {
  expect(() => gate.byToken('alice~x')).toThrow(UnauthorizedError)
  expect(() => gate.byLogin('camera-1', 'x')).toThrow(UnauthorizedError)
})
