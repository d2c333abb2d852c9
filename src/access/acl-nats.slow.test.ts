/** Our own MQTT client at a NATS server (JetStream, MQTT, certificates) with the rights that were written for it. */
import { type ChildProcess, spawn } from 'node:child_process'
import { existsSync } from 'node:fs'
import { writeFile } from 'node:fs/promises'
import { type AddressInfo, createServer } from 'node:net'
import { join } from 'node:path'
import { afterAll, beforeAll, beforeEach, expect, test, vi } from 'vitest'
import type { ControlPlane } from '../control/control-plane.ts'
import type { DeviceDecision } from '../control/messages.ts'
import { connectControlPlane } from '../control/mqtt-control-plane.ts'
import type { LiveTelemetry } from '../control/telemetry-message.ts'
import { aclText } from './acl.ts'
import { TestAuthority } from './authority.fixture.ts'
import { clientTls, type NodeCredentials } from './credentials.ts'

const NATS = ['/usr/sbin/nats-server', '/usr/local/bin/nats-server'].find(existsSync)

let fleet: TestAuthority
let broker: ChildProcess
let port = 0
const known = new Map<string, NodeCredentials>()
const planes: ControlPlane[] = []

beforeEach(({ skip }) => skip(NATS === undefined, 'nats-server is not installed'))
beforeAll(async () => {
  if (NATS === undefined) return
  fleet = await TestAuthority.start()
  for (const [name, tier] of [
    ['cloud', 'cloud'],
    ['camera-1', 'end'],
    ['camera-2', 'end'],
    ['revoked', 'end'],
    ['all', 'cloud'],
  ] as const) {
    known.set(name, (await fleet.node(name, tier)).credentials)
  }
  await fleet.authority.revoke('revoked', Date.now())
  broker = await startNats(NATS)
  await vi.waitFor(() => connect('all'), { timeout: 60_000, interval: 200 })
}, 90_000)
afterAll(async () => {
  for (const plane of planes) await plane.close()
  broker?.kill()
  await fleet?.close()
})

test('carries what is allowed, retained where it is to be, and nothing else', async () => {
  const all = await connect('all')
  const [camera, other] = [await connect('camera-1'), await connect('camera-2')]
  const told: string[] = []
  await all.subscribe('telemetry', ({ node }) => told.push(node))
  await all.subscribe('goal', () => told.push('a goal'))
  const decided: string[] = []
  const hear = (who: string) => (decision: DeviceDecision) =>
    decided.push(`${who} hears ${decision.device}, round ${decision.round}`)
  await camera.subscribe('decision', hear('camera-1'), 'camera-1')

  // Refused without a word, as MQTT 3.1.1 has it: what is allowed comes after it, and alone.
  void other.publish('telemetry', telemetryOf('camera-1'))
  void camera.publish('goal', { accuracyPercent: 1 })
  void other.publish('decision', decisionFor('camera-1', 1))
  void other.subscribe('decision', hear('camera-2'), 'camera-1').catch(() => {})
  await camera.publish('telemetry', telemetryOf('camera-1'))
  await all.publish('decision', decisionFor('camera-1', 2))
  await all.publish('decision', decisionFor('camera-2', 3))
  await other.subscribe('decision', hear('camera-2'), 'camera-2')
  await vi.waitFor(() => expect([told.length, decided.length]).toEqual([1, 2]), 10_000)
  expect(told).toEqual(['camera-1'])
  expect(decided.toSorted()).toEqual([
    'camera-1 hears camera-1, round 2',
    'camera-2 hears camera-2, round 3',
  ])
})

test('lets nobody in who was revoked, or shows no certificate', async () => {
  await expect(connect('revoked')).rejects.toThrow('no MQTT broker answers')
  const { cert: _, key: __, ...nameless } = tlsOf('camera-1')
  await expect(connect('camera-1', nameless)).rejects.toThrow('no MQTT broker answers')
})

function tlsOf(name: string) {
  const own = known.get(name)
  if (own === undefined) throw new Error(`no ${name}`)
  return clientTls(own)
}

async function connect(name: string, tls = tlsOf(name)): Promise<ControlPlane> {
  const url = `mqtts://127.0.0.1:${port}`
  const plane = await connectControlPlane({ url, clientId: name, tls, connectTimeoutMs: 10_000 })
  planes.push(plane)
  return plane
}

const telemetryOf = (node: string): LiveTelemetry => ({
  ...{ alive: true, node, tier: 'end', url: 'http://127.0.0.1:1', ready: true, variants: [] },
  state: { processor: 0, memory: 0, bandwidth: 0 },
  measured: { backgroundProcessorPercent: 0, memoryUsedPercent: 0 },
  service: { requests: 0, failedRequests: 0, queueDepth: 0 },
})

const decisionFor = (device: string, round: number): DeviceDecision => ({
  ...{ session: 's', epoch: 1, round, device, fallbackAccuracyPercent: 0 },
  placement: { tier: 'end', variant: 'd0' },
})

/** @param program whose users are those of the written rights, and one that may all */
async function startNats(program: string): Promise<ChildProcess> {
  const at = (name: string) => join(fleet.folder, name)
  const cloud = known.get('cloud')
  port = await freePort()
  await writeFile(at('server.crt'), cloud?.certificate ?? '')
  await writeFile(at('server.key'), cloud?.key ?? '')
  const identities = fleet.authority.identities.filter(({ name }) => name !== 'all')
  await writeFile(
    at('nats.conf'),
    `server_name: tierwise
host: 127.0.0.1
port: ${await freePort()}
jetstream { store_dir: "${at('jetstream')}" }
mqtt {
  host: 127.0.0.1
  port: ${port}
  tls { cert_file: "${at('server.crt')}", key_file: "${at('server.key')}", ca_file: "${at('authority.crt')}", verify_and_map: true }
}
authorization { users = [
${aclText('nats', identities, Date.now())}
{ user: "all", permissions: { publish: ">", subscribe: ">" } }
] }
`,
  )
  return spawn(program, ['-c', at('nats.conf')], { stdio: 'ignore' })
}

async function freePort(): Promise<number> {
  const server = createServer()
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  const { port } = server.address() as AddressInfo
  await new Promise((resolve) => server.close(resolve))
  return port
}
