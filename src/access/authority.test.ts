import { X509Certificate } from 'node:crypto'
import { readdir, readFile, stat, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { ConfigError } from '../errors.ts'
import { DAY_MS, TestAuthority } from './authority.fixture.ts'
import { Authority } from './authority.ts'
import { hashOf } from './secrets.ts'
import { logins, people, verified } from './statement.ts'

let fleet: TestAuthority
beforeAll(async () => {
  fleet = await TestAuthority.start()
})
afterAll(() => fleet.close())

async function roster() {
  const text = await readFile(join(fleet.folder, 'roster.json'), 'utf8')
  const certificate = await readFile(join(fleet.folder, 'authority.crt'), 'utf8')
  const file = JSON.parse(text)
  return {
    people: verified(file.people, people, certificate),
    logins: verified(file.logins, logins, certificate),
  }
}

test('a cloud node gets a certificate, a login, and one for its orchestrator', async () => {
  const { credentials } = await fleet.node('cloud', 'cloud')
  expect(new X509Certificate(credentials.certificate).subject).toContain('CN=cloud\nOU=cloud')
  expect(credentials.mqtt.name).toBe('cloud')
  expect(credentials.orchestrator?.name).toBe('orchestrator@cloud')
  const known = (await roster()).logins?.logins ?? []
  expect(known.map(({ name, role }) => [name, role])).toEqual([
    ['cloud', 'node'],
    ['orchestrator@cloud', 'orchestrator'],
  ])
  expect(known[0]?.secrets[0]?.hash).toBe(hashOf(credentials.mqtt.password))
})

test('every file is for its owner alone, and no secret is kept', async () => {
  const { credentials } = await fleet.person('alice', 'operator')
  for (const name of await readdir(fleet.folder)) {
    const file = join(fleet.folder, name)
    expect((await stat(file)).mode & 0o777).toBe(0o600)
    if (name === 'alice.credentials') continue
    expect(await readFile(file, 'utf8')).not.toContain(credentials.token.split('~')[1])
  }
  expect((await stat(fleet.folder)).mode & 0o777).toBe(0o700)
})

test('rotation makes new credentials; the old ones hold for the grace', async () => {
  const nowMs = Date.now()
  const { credentials: old } = await fleet.node('camera-1', 'end', nowMs)
  const file = await fleet.authority.rotate('camera-1', nowMs + 9 * DAY_MS, 3_600_000, nowMs)
  const fresh = JSON.parse(await readFile(file, 'utf8'))
  const { people: said, logins: known } = await roster()
  const { serialNumber } = new X509Certificate(old.certificate)
  expect(said?.revoked).toContainEqual({ serial: serialNumber, fromMs: nowMs + 3_600_000 })
  expect(known?.logins.find(({ name }) => name === 'camera-1')?.secrets).toEqual([
    { hash: hashOf(old.mqtt.password), untilMs: nowMs + 3_600_000 },
    { hash: hashOf(fresh.mqtt.password), untilMs: nowMs + 9 * DAY_MS },
  ])
})

test('who is revoked is known no more, stays in the list, and comes back under another name only', async () => {
  const { credentials } = await fleet.person('shop', 'application')
  await fleet.authority.revoke('shop', Date.now())
  const { people: said } = await roster()
  expect(JSON.stringify(said)).not.toContain(hashOf(credentials.token))
  const reopened = await Authority.open(fleet.folder)
  expect(reopened.identities.find(({ name }) => name === 'shop')?.revokedMs).toBeDefined()
  await expect(fleet.person('shop', 'application')).rejects.toThrow('add another name')
  await expect(fleet.authority.revoke('shop', 0)).rejects.toThrow('knows no "shop"')
})

test.each([
  ['../evil', 'is no name'],
  ['orchestrator@cloud', 'is no name'],
  ['alice~x', 'is no name'],
  ['cloud', 'rotate cloud'],
])('the name %s is refused', async (name, reason) => {
  await expect(fleet.person(name, 'viewer')).rejects.toThrow(ConfigError)
  await expect(fleet.person(name, 'viewer')).rejects.toThrow(reason)
})

test('an authority is not made over another, and not found where there is none', async () => {
  await expect(Authority.init(fleet.folder, 0)).rejects.toThrow('an authority already')
  await expect(Authority.open(join(fleet.folder, 'nowhere'))).rejects.toThrow('no authority in')
})

test('a list that was damaged is refused with its place', async () => {
  const other = await TestAuthority.start()
  await writeFile(join(other.folder, 'identities.json'), '{"revision": "x", "identities": []}')
  await expect(Authority.open(other.folder)).rejects.toThrow(/identities\.json:1: revision/)
  await other.close()
})
