import { mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, afterEach, beforeAll, expect, test, vi } from 'vitest'
import { accessCommand } from './access.ts'

let folder: string
let fleet: string
beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), 'tierwise-access-'))
  fleet = join(folder, 'fleet')
  await run('init', fleet)
})
afterAll(() => rmSync(folder, { recursive: true, force: true }))
afterEach(() => vi.restoreAllMocks())

async function run(...args: string[]): Promise<string> {
  let output = ''
  vi.spyOn(process.stdout, 'write').mockImplementation((text) => {
    output += text
    return true
  })
  const command = accessCommand().exitOverride()
  for (const each of command.commands) {
    each.exitOverride().configureOutput({ writeErr: () => {} })
  }
  await command.parseAsync(args, { from: 'user' })
  return output
}
const here = (...args: string[]) => run(...args, '--authority', fleet)
const fileOf = (name: string) =>
  JSON.parse(readFileSync(join(fleet, `${name}.credentials`), 'utf8'))

test('a machine gets its tier, its time and its addresses', async () => {
  const output = await here(
    'add',
    'edge-1',
    '--tier',
    'edge',
    '--valid',
    '12h',
    '--address',
    'a.example,10.0.0.7',
  )
  expect(output).toBe(`${join(fleet, 'edge-1.credentials')}\n`)
  const { tier, addresses, until } = fileOf('edge-1')
  expect(tier).toBe('edge')
  expect(addresses).toEqual(['edge-1', 'localhost', '127.0.0.1', '::1', 'a.example', '10.0.0.7'])
  expect((Date.parse(until) - Date.now()) / 3_600_000).toBeCloseTo(12, 2)
})

test('several at once, listed with what they are', async () => {
  await here('add', 'cloud=cloud', 'shop=application', 'alice=operator')
  await here('revoke', 'shop')
  const list = await here('list')
  expect(list).toMatch(/cloud +node \(cloud\) +\d{4}-\d\d-\d\d +valid/)
  expect(list).toMatch(/shop +application +\d{4}-\d\d-\d\d +revoked/)
  const rows: { name: string }[] = JSON.parse(await here('list', '--json'))
  expect(rows.map(({ name }) => name)).toEqual(expect.arrayContaining(['cloud', 'shop', 'alice']))
})

test('rotation writes another token', async () => {
  await here('add', 'vera', '--role', 'viewer')
  const { token } = fileOf('vera')
  await here('rotate', 'vera', '--grace', '7d')
  expect(fileOf('vera').token).not.toBe(token)
})

test.each([
  [['add', 'x'], 'write --tier'],
  [['add', 'x', '--tier', 'end', '--role', 'viewer'], 'write --tier'],
  [['add', 'x=end', '--tier', 'end'], 'write --tier'],
  [['add', 'x=emperor'], 'write --tier'],
  [['add', 'x=viewer', '--address', 'a'], 'who has no address'],
  [['add', '../x=viewer'], 'is no name'],
  [['add', 'x=viewer', '--valid', 'long'], 'write a duration'],
  [['rotate', 'nobody'], 'knows no "nobody"'],
  [['revoke', 'nobody'], 'knows no "nobody"'],
  [['acl', '--for', 'abacus'], 'mosquitto, emqx, nats'],
  [['acl', '--for', 'nats', '--passwords'], 'by certificate'],
])('%j is refused', async (args, reason) => {
  await expect(here(...args)).rejects.toThrow(reason)
})

test('an authority in the working directory need not be named, unless there are several', async () => {
  const before = process.cwd()
  process.chdir(folder)
  try {
    expect(await run('list')).toBe(await here('list'))
    await run('init', 'another')
    await expect(run('list')).rejects.toThrow('several authorities here, another, fleet')
    process.chdir(fleet)
    expect(await run('list')).toBe(await here('list'))
  } finally {
    process.chdir(before)
  }
})

test('without an authority there is nothing to add to', async () => {
  await expect(run('list', '--authority', join(folder, 'nowhere'))).rejects.toThrow(
    'no authority in',
  )
  await expect(run('init', fleet)).rejects.toThrow('an authority already')
  await expect(run('init', '')).rejects.toThrow('a variable may be unset')
})
