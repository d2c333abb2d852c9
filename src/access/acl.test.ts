import { type ChildProcess, spawn } from 'node:child_process'
import { existsSync } from 'node:fs'
import { writeFile } from 'node:fs/promises'
import { type AddressInfo, createServer } from 'node:net'
import { join } from 'node:path'
import mqtt, { type MqttClient } from 'mqtt'
import { afterAll, beforeAll, describe, expect, test, vi } from 'vitest'
import { ACL_BROKERS, type AclBroker, aclText, passwordText } from './acl.ts'
import { DAY_MS, TestAuthority } from './authority.fixture.ts'
import { type Credentials, clientTls, mqttLogin } from './credentials.ts'
import { hashOf } from './secrets.ts'

const MOSQUITTO = '/usr/sbin/mosquitto'

let fleet: TestAuthority
const known = new Map<string, Credentials>()
beforeAll(async () => {
  fleet = await TestAuthority.start()
  for (const [name, tier] of [
    ['cloud', 'cloud'],
    ['camera-1', 'end'],
    ['camera-2', 'end'],
  ] as const) {
    known.set(name, (await fleet.node(name, tier)).credentials)
  }
  for (const name of ['alice', 'otto'])
    known.set(name, (await fleet.person(name, 'operator')).credentials)
  known.set('vera', (await fleet.person('vera', 'viewer')).credentials)
  await fleet.person('olga', 'operator', Date.now() - 2 * DAY_MS)
  await fleet.authority.revoke('otto', Date.now())
})
afterAll(() => fleet.close())

const text = (broker: AclBroker) => aclText(broker, fleet.authority.identities, Date.now())

test.each(ACL_BROKERS)('%s: who has ended or was revoked has no line', (broker) => {
  const lines = text(broker) + (passwordText(broker, fleet.authority.identities, Date.now()) ?? '')
  for (const name of ['orchestrator@cloud', 'camera-1', 'alice']) expect(lines).toContain(name)
  for (const name of ['otto', 'olga']) expect(lines).not.toContain(name)
})

test('EMQX: allowed topics, nobody else’s client id, all else denied; SHA-256 in hexadecimal digits', () => {
  const lines = text('emqx').split('\n')
  expect(lines).toContain(
    '{allow, {username, "camera-1"}, publish, ["tierwise/telemetry/camera-1", "tierwise/observation/camera-1", "tierwise/label/camera-1"]}.',
  )
  expect(lines).toContain(
    '{deny, {\'and\', [{clientid, "camera-1"}, {\'not\', {username, "camera-1"}}]}, all, ["#"]}.',
  )
  expect(lines.at(-2)).toBe('{deny, all}.')
  const alice = known.get('alice')
  const hash = alice && 'token' in alice ? hashOf(alice.token) : ''
  const hexadecimal = Buffer.from(hash, 'base64url').toString('hex')
  expect(passwordText('emqx', fleet.authority.identities, Date.now())).toContain(
    `alice,${hexadecimal},,false`,
  )
})

test('NATS: subjects in place of topics', () => {
  expect(text('nats')).toContain(
    '{ user: "camera-1", permissions: { publish: { allow: ["tierwise.telemetry.camera-1","tierwise.observation.camera-1","tierwise.label.camera-1"] }',
  )
  expect(passwordText('nats', fleet.authority.identities, Date.now())).toBeUndefined()
})

describe.skipIf(!existsSync(MOSQUITTO))('mosquitto with what was written for it', () => {
  let broker: ChildProcess
  beforeAll(async () => {
    broker = await startMosquitto()
    await vi.waitFor(() => connected('vera'), 5000)
  })
  afterAll(async () => {
    await Promise.all(clients.map((client) => client.endAsync(true)))
    broker.kill()
  })

  test('lets in who is known, carries what is allowed, and nothing else', async () => {
    const [camera, other, alice, vera, cloud] = await Promise.all([
      connected('camera-1'),
      connected('camera-2'),
      connected('alice'),
      connected('vera'),
      connected('cloud', orchestratorsLogin()),
    ])
    const heard: string[] = []
    for (const [name, reader] of Object.entries({ vera, camera, cloud })) {
      reader.on('message', (topic, payload) => heard.push(`${name} ${topic} ${payload}`))
    }
    await vera?.subscribeAsync(['tierwise/telemetry/+', 'tierwise/goal', 'tierwise/decision/+'], {
      qos: 1,
    })
    await camera?.subscribeAsync([
      'tierwise/decision/camera-1',
      'tierwise/decision/camera-2',
      'tierwise/goal',
    ])
    await cloud?.subscribeAsync('tierwise/goal')
    const wrong = { qos: 1 } as const
    await camera?.publishAsync('tierwise/goal', 'wrong', wrong)
    await camera?.publishAsync('tierwise/telemetry/camera-2', 'wrong', wrong)
    await other?.publishAsync('tierwise/decision/camera-1', 'wrong', wrong)
    await vera?.publishAsync('tierwise/goal', 'wrong', wrong)
    await alice?.publishAsync('tierwise/decision/camera-1', 'wrong', wrong)
    await camera?.publishAsync('tierwise/telemetry/camera-1', 'right')
    await alice?.publishAsync('tierwise/goal', 'right')
    await cloud?.publishAsync('tierwise/decision/camera-1', 'right')
    await cloud?.publishAsync('tierwise/decision/camera-2', 'right')
    await vi.waitFor(() => expect(heard.length).toBeGreaterThanOrEqual(6))
    expect(heard.toSorted()).toEqual([
      'camera tierwise/decision/camera-1 right',
      'cloud tierwise/goal right',
      'vera tierwise/decision/camera-1 right',
      'vera tierwise/decision/camera-2 right',
      'vera tierwise/goal right',
      'vera tierwise/telemetry/camera-1 right',
    ])
  })

  test('refuses a wrong password, and who was revoked', async () => {
    const wrong = connected('vera', { username: 'vera', password: 'wrong' })
    await expect(wrong).rejects.toThrow('Not authorized')
    await expect(connected('otto')).rejects.toThrow('Not authorized')
  })
})

let port = 0
const clients: MqttClient[] = []

async function startMosquitto(): Promise<ChildProcess> {
  const at = (name: string) => join(fleet.folder, name)
  const cloud = known.get('cloud')
  if (!cloud || !('tier' in cloud)) throw new Error('no cloud')
  port = await freePort()
  const passwords = passwordText('mosquitto', fleet.authority.identities, Date.now()) ?? ''
  await writeFile(at('acl'), text('mosquitto'))
  await writeFile(at('passwords'), passwords)
  await writeFile(at('server.crt'), cloud.certificate)
  await writeFile(at('server.key'), cloud.key)
  await writeFile(at('mosquitto.conf'), configOf(port, at))
  return spawn(MOSQUITTO, ['-c', at('mosquitto.conf')], { stdio: 'ignore' })
}

async function connected(name: string, login = loginOf(name)): Promise<MqttClient> {
  const own = known.get(name)
  if (own === undefined) throw new Error(`no ${name}`)
  const options = { ...clientTls(own), ...login, clientId: `${name}-test`, reconnectPeriod: 0 }
  const client = await mqtt.connectAsync(`mqtts://127.0.0.1:${port}`, options, false)
  clients.push(client.on('error', () => {}))
  return client
}

/** Of somebody by name. */
function loginOf(name: string) {
  const own = known.get(name)
  return own && mqttLogin(own)
}

function orchestratorsLogin() {
  const cloud = known.get('cloud')
  const { name = '', password = '' } = (cloud && 'tier' in cloud && cloud.orchestrator) || {}
  return { username: name, password }
}

function configOf(port: number, at: (name: string) => string): string {
  return `user root
listener ${port} 127.0.0.1
tls_version tlsv1.3
cafile ${at('authority.crt')}
certfile ${at('server.crt')}
keyfile ${at('server.key')}
allow_anonymous false
password_file ${at('passwords')}
acl_file ${at('acl')}
use_username_as_clientid true
`
}

async function freePort(): Promise<number> {
  const server = createServer()
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  const { port } = server.address() as AddressInfo
  await new Promise((resolve) => server.close(resolve))
  return port
}
