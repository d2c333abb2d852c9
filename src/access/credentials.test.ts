import { writeFile } from 'node:fs/promises'
import { createServer, type Server } from 'node:https'
import type { AddressInfo } from 'node:net'
import { join } from 'node:path'
import { Agent, request } from 'undici'
import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest'
import type { ClientTls } from '../client-tls.ts'
import { DAY_MS, TestAuthority } from './authority.fixture.ts'
import {
  clientTls,
  encryptedUrl,
  mqttLogin,
  type NodeCredentials,
  readCredentials,
  serverTls,
} from './credentials.ts'

let fleet: TestAuthority
beforeAll(async () => {
  fleet = await TestAuthority.start()
})
afterAll(() => fleet.close())

describe('a credential file', () => {
  test('is read as it was written', async () => {
    const { credentials, file } = await fleet.node('camera-1', 'end')
    expect(await readCredentials(file, Date.now())).toEqual(credentials)
    expect(mqttLogin(credentials)).toEqual({
      username: 'camera-1',
      password: credentials.mqtt.password,
    })
    const alice = await fleet.person('alice', 'operator')
    const { token } = alice.credentials
    expect(mqttLogin(alice.credentials)).toEqual({ username: 'alice', password: token })
  })

  test('whose time is over is refused, with the command that makes a new one', async () => {
    const { file } = await fleet.person('olga', 'viewer')
    await expect(readCredentials(file, Date.now() + 2 * DAY_MS)).rejects.toThrow(
      '`tierwise access rotate olga`',
    )
  })

  test.each([
    ['{"token": "alice~very-secret"', 'no credential file'],
    ['{"format": 2, "name": "alice", "token": "alice~very-secret"}', 'no credential file'],
    ['[]', 'no credential file'],
  ])('%s is refused, and nothing of it told', async (text, reason) => {
    const file = join(fleet.folder, 'wrong')
    await writeFile(file, text)
    const refusal = await readCredentials(file, 0).catch(({ message }: Error) => message)
    expect(refusal).toContain(reason)
    expect(refusal).not.toContain('secret"')
  })

  test('that is not there is refused', async () => {
    await expect(readCredentials(join(fleet.folder, 'nothing'), 0)).rejects.toThrow('cannot read')
  })
})

describe('a connection', () => {
  const servers: Server[] = []
  afterEach(() => {
    for (const server of servers.splice(0)) server.close()
  })

  async function serve(credentials: NodeCredentials): Promise<string> {
    const server = createServer(serverTls(credentials), (_request, response) => response.end('ok'))
    servers.push(server)
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
    return `https://127.0.0.1:${(server.address() as AddressInfo).port}`
  }
  async function ask(url: string, tls: Partial<ClientTls>): Promise<string> {
    const dispatcher = new Agent({ connect: tls })
    try {
      return await (await request(url, { dispatcher })).body.text()
    } finally {
      await dispatcher.destroy()
    }
  }

  test('goes to a node of the tier that is expected, and by the name that it has', async () => {
    const { credentials: edge } = await fleet.node('edge-1', 'edge')
    const { credentials: camera } = await fleet.node('camera-2', 'end')
    const url = await serve(edge)
    expect(await ask(url, clientTls(camera))).toBe('ok')
    await expect(ask(url, clientTls(camera, ['cloud']))).rejects.toThrow(
      'of tier "edge", not cloud',
    )
    // Whoever has a device's key is no edge and no cloud.
    const stolen = await serve(camera)
    await expect(ask(stolen, clientTls(edge))).rejects.toThrow('of tier "end", not edge or cloud')
    const elsewhere = url.replace('127.0.0.1', '127.0.0.2')
    await expect(ask(elsewhere, clientTls(camera))).rejects.toThrow()
  })

  test('is refused where another authority has signed, and below TLS 1.3', async () => {
    const other = await TestAuthority.start()
    const { credentials: strange } = await other.node('edge-1', 'edge')
    const { credentials: edge } = await fleet.node('edge-2', 'edge')
    await expect(ask(await serve(strange), clientTls(edge))).rejects.toThrow(/self-signed|unable/)
    const old = { ca: edge.authority, maxVersion: 'TLSv1.2' }
    await expect(ask(await serve(edge), old)).rejects.toThrow(/protocol version|alert/)
    await other.close()
  })
})

test.each([
  ['http://a:1', 'https://a:1'],
  ['mqtt://a', 'mqtts://a'],
  ['ws://a/mqtt', 'wss://a/mqtt'],
  ['https://a', 'https://a'],
  ['wss://a', 'wss://a'],
])('%s means %s', (given, meant) => {
  expect(encryptedUrl(given)).toBe(meant)
})
