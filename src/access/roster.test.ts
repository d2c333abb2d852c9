import { copyFile, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { pino } from 'pino'
import { afterAll, beforeAll, expect, test, vi } from 'vitest'
import { DAY_MS, TestAuthority } from './authority.fixture.ts'
import type { NodeCredentials } from './credentials.ts'
import { Roster } from './roster.ts'

const logger = pino({ level: 'silent' })
let fleet: TestAuthority
let machine: string
let file: string
let credentials: NodeCredentials
const nowMs = Date.now()

beforeAll(async () => {
  fleet = await TestAuthority.start()
  machine = await mkdtemp(join(tmpdir(), 'tierwise-machine-'))
  const camera = await fleet.node('camera-1', 'end')
  credentials = camera.credentials
  file = join(machine, 'camera-1.credentials')
  await copyFile(camera.file, file)
})
afterAll(async () => {
  await fleet.close()
  await rm(machine, { recursive: true, force: true })
})

async function said() {
  return JSON.parse(await readFile(join(fleet.folder, 'roster.json'), 'utf8')).people
}

test('what is heard and newer counts, also after a restart without a connection', async () => {
  const { credentials: alice } = await fleet.person('alice', 'operator')
  const roster = new Roster(credentials, file, logger)
  expect(roster.byToken(alice.token, nowMs)).toBeUndefined()
  await roster.hear(await said())
  expect(roster.byToken(alice.token, nowMs)).toEqual({ name: 'alice', role: 'operator' })
  const restarted = new Roster(credentials, file, logger)
  await restarted.watch()
  expect(restarted.byToken(alice.token, nowMs)?.role).toBe('operator')
  restarted.close()
})

test('an older one, one that was changed, and another authority’s are refused', async () => {
  const { credentials: bob } = await fleet.person('bob', 'viewer')
  const older = await said()
  await fleet.authority.revoke('bob', Date.now())
  const roster = new Roster(credentials, file, logger)
  await roster.hear(await said())
  await roster.hear(older)
  expect(roster.byToken(bob.token, nowMs)).toBeUndefined()
  const forged = { ...older, body: older.body.replace(/"revision":\d+/, '"revision":9e15') }
  await roster.hear(forged)
  expect(roster.byToken(bob.token, nowMs)).toBeUndefined()
  const other = await TestAuthority.start(Date.now() + DAY_MS)
  const { credentials: eve } = await other.person('eve', 'operator')
  await roster.hear(JSON.parse(await readFile(join(other.folder, 'roster.json'), 'utf8')).people)
  expect(roster.byToken(eve.token, nowMs)).toBeUndefined()
  await other.close()
})

test('the file beside the credentials is read again when it changes; what is none is left', async () => {
  const roster = new Roster(credentials, file, logger)
  const changed = vi.fn()
  await roster.watch()
  roster.onChange(changed)
  const { credentials: carol } = await fleet.person('carol', 'viewer')
  await copyFile(join(fleet.folder, 'roster.json'), join(machine, 'roster.json'))
  await vi.waitFor(() => expect(roster.byToken(carol.token, nowMs)?.name).toBe('carol'), 5000)
  expect(changed).toHaveBeenCalled()
  expect(roster.byLogin('camera-1', credentials.mqtt.password, nowMs)?.role).toBe('node')
  expect(roster.byLogin('carol', credentials.mqtt.password, nowMs)).toBeUndefined()
  await writeFile(join(machine, 'roster.json'), 'garbage')
  await new Promise((resolve) => setTimeout(resolve, 1200))
  expect(roster.byToken(carol.token, nowMs)?.name).toBe('carol')
  roster.close()
})

test('a token and a certificate end at their time', async () => {
  const { credentials: dave } = await fleet.person('dave', 'viewer', nowMs)
  const roster = new Roster(credentials, file, logger)
  await roster.hear(await said())
  expect(roster.byToken(dave.token, nowMs + DAY_MS - 1)?.name).toBe('dave')
  expect(roster.byToken(dave.token, nowMs + DAY_MS)).toBeUndefined()
  for (const wrong of ['', 'dave', 'dave~', `${dave.token}x`, `eve~${dave.token.split('~')[1]}`]) {
    expect(roster.byToken(wrong, nowMs)).toBeUndefined()
  }
})
