/** A cloud machine to which its credential file was carried, and nothing else. */
import { copyFile, mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import mqtt, { type IClientOptions } from 'mqtt'
import { pino } from 'pino'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { type Broker, startBroker } from '../control/broker.ts'
import { TestAuthority } from './authority.fixture.ts'
import { BrokerGuard } from './broker-guard.ts'
import { clientTls, mqttLogin, type NodeCredentials, serverTls } from './credentials.ts'
import { type NodeAccess, openNodeAccess } from './node-access.ts'

const logger = pino({ level: 'silent' })
let fleet: TestAuthority
let machine: string
let access: NodeAccess
let broker: Broker
let camera: NodeCredentials
let token: string

beforeAll(async () => {
  fleet = await TestAuthority.start()
  machine = await mkdtemp(join(tmpdir(), 'tierwise-cloud-'))
  token = (await fleet.person('vera', 'viewer')).credentials.token
  const cloud = await fleet.node('cloud', 'cloud')
  const file = join(machine, 'cloud.credentials')
  await copyFile(cloud.file, file)
  access = await openNodeAccess(file, logger)
  // Made later: the cloud machine has not heard of it.
  camera = (await fleet.node('camera-1', 'end')).credentials
  broker = await startBroker({
    ...{ port: 0, host: '127.0.0.1', logger },
    ...{ tls: serverTls(access.credentials), door: new BrokerGuard(access.gate) },
  })
})
afterAll(async () => {
  await broker.close()
  access.roster.close()
  await fleet.close()
  await rm(machine, { recursive: true, force: true })
})

async function enters(clientId: string, options: IClientOptions): Promise<boolean> {
  const all = { ca: camera.authority, clientId, reconnectPeriod: 0, ...options }
  const client = await mqtt.connectAsync(broker.url, all, false).catch(() => undefined)
  await client?.endAsync(true)
  return client !== undefined
}

test('it lets machines in by certificate, its own orchestrator too, and people whom it knows by token', async () => {
  const { credentials } = access
  const { name = '', password = '' } = credentials.orchestrator ?? {}
  const tls = clientTls(camera)
  expect(await enters('camera-1', { ...tls, ...mqttLogin(camera) })).toBe(true)
  expect(await enters('camera-1', { ...tls })).toBe(true)
  expect(await enters('cloud', { ...clientTls(credentials), ...mqttLogin(credentials) })).toBe(true)
  expect(await enters(name, { ...clientTls(credentials), username: name, password })).toBe(true)
  expect(await enters('page', { username: 'vera', password: token })).toBe(true)
})

test('it lets nobody in by a password that it cannot know, or under another name', async () => {
  const tls = clientTls(camera)
  expect(await enters('camera-1', mqttLogin(camera))).toBe(false)
  expect(await enters('cloud', { ...tls, username: 'cloud', password: 'x' })).toBe(false)
  const orchestrator = { username: 'orchestrator@camera-1', password: 'x' }
  expect(await enters('orchestrator@camera-1', { ...tls, ...orchestrator })).toBe(false)
})
