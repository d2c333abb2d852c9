import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join, resolve } from 'node:path'
import { afterAll, describe, expect, test } from 'vitest'
import { parse } from 'yaml'
import { z } from 'zod'
import { ConfigError } from '../../errors.ts'
import { type Given, loadSettings } from './load.ts'
import { nodeSettings } from './node.ts'
import { setting } from './setting.ts'
import { upSettings } from './up.ts'

const folder = mkdtempSync(join(tmpdir(), 'tierwise-settings-'))
afterAll(() => rmSync(folder, { recursive: true }))

function fileOf(content: string): string {
  const file = join(folder, 'settings.yaml')
  writeFileSync(file, content)
  return file
}

const given = (
  flags: Readonly<Record<string, string>>,
  environment: Given['environment'] = {},
  file?: string,
): Given => ({ flags: new Map(Object.entries(flags)), environment, file })

const up = async (...from: Parameters<typeof given>) =>
  (await loadSettings(upSettings, given(...from))).settings
const node = async (...from: Parameters<typeof given>) =>
  (await loadSettings(nodeSettings, given(...from))).settings

describe('where a setting is from', () => {
  const file = fileOf('goal: 70\nseed: 3\nagent: hybrid\nworkers: { edge: 7 }\n')

  test('flags go before the environment, the environment before the file, the file before defaults', async () => {
    const environment = { TIERWISE_GOAL: '80', TIERWISE_SEED: '4', TIERWISE_WORKERS__CLOUD: '9' }
    expect(await up({ '--goal': '85.5' }, environment, file)).toMatchObject({
      goal: 85.5,
      seed: 4,
      agent: 'hybrid',
      devices: 5,
      workers: { end: 1, edge: 7, cloud: 9 },
    })
  })

  test('a text is what its setting takes: text, number, false, or a mapping', async () => {
    const environment = {
      TIERWISE_EMULATION: 'false',
      TIERWISE_AGENT: '8',
      TIERWISE_WORKERS: '{ end: 3, edge: 4 }',
      TIERWISE_REVERT__WHEN_SLOWER_PERCENT: 'false',
    }
    expect(await up({ '--exploration-budget': '4' }, environment)).toMatchObject({
      emulation: false,
      agent: '8',
      workers: { end: 3, edge: 4, cloud: 4 },
      revert: { whenSlowerPercent: false },
      exploration: { budgetPercent: 4 },
    })
  })

  test('variants are names, or none of them', async () => {
    const held = async (text: string) =>
      (await node({ '--tier': 'end', '--variants': text })).variants
    expect(await held('d4, d7')).toEqual(['d4', 'd7'])
    expect(await held('none')).toEqual([])
    expect((await node({ '--tier': 'end' })).variants).toBeUndefined()
  })

  test('one key within a mapping takes the place of no other', async () => {
    const file = fileOf('emulation: { timeScale: 0.1, endMs: 400 }\n')
    const { emulation } = await up({}, { TIERWISE_EMULATION__TIME_SCALE: '0.3' }, file)
    expect(emulation).toMatchObject({ timeScale: 0.3, endMs: 400, edgeMs: 351 })
    const switchedOn = await up(
      {},
      { TIERWISE_EMULATION__END_MS: '1' },
      fileOf('emulation: false\n'),
    )
    expect(switchedOn.emulation).toMatchObject({ endMs: 1 })
  })

  test('files are relative to the file that names them, else to the working directory', async () => {
    const file = fileOf(
      'catalogue: models/own.yaml\ncheckpoint: /kept\nscheduling: { policyFile: ../p.json }\nagent: mine.mjs\nshadow: fixed:end/d4\n',
    )
    expect(
      await node({ '--tier': 'cloud' }, { TIERWISE_PROFILE: 'fleet.json' }, file),
    ).toMatchObject({
      catalogue: join(folder, 'models/own.yaml'),
      checkpoint: '/kept',
      scheduling: { policyFile: join(folder, '../p.json') },
      profile: resolve('fleet.json'),
      agent: join(folder, 'mine.mjs'),
      shadow: 'fixed:end/d4',
    })
  })
})

test('what an alias says is from the file as well', async () => {
  const file = fileOf('tier: end\nlinks:\n  edge: &weak { upDelayMs: 9 }\n  cloud: *weak\n')
  const { settings, print } = await loadSettings(nodeSettings, given({}, {}, file))
  expect(settings.links?.cloud).toEqual({ upDelayMs: 9, downDelayMs: 0 })
  expect(print()).toContain(`  cloud:\n    upDelayMs: 9 # ${file}:4\n`)
})

test('what follows from other settings stands where nothing else is said', async () => {
  const implied = async () => ({
    values: { tier: 'edge', name: 'edge-1', port: '9000' },
    origin: 'edge-1.credentials',
  })
  const flags = new Map([['--port', '8001']])
  const { settings, print } = await loadSettings(nodeSettings, { flags, environment: {}, implied })
  expect(settings).toMatchObject({ tier: 'edge', name: 'edge-1', port: 8001 })
  expect(print()).toContain('tier: edge # edge-1.credentials\n')
  expect(print()).toContain('port: 8001 # --port\n')
})

test('a flag without a value is a yes', async () => {
  expect((await node({ '--tier': 'end', '--insecure': 'true' })).insecure).toBe(true)
  expect((await node({ '--tier': 'end' })).insecure).toBe(false)
})

describe('what is refused', () => {
  const reasons = async (...from: Parameters<typeof given>): Promise<string> => {
    try {
      await node(...from)
    } catch (error) {
      expect(error).toBeInstanceOf(ConfigError)
      return error instanceof Error ? error.message : ''
    }
    throw new Error('accepted')
  }
  const edge = { '--tier': 'edge' }

  test('names flag, variable, or file and line, then key, value and what is allowed', async () => {
    const file = fileOf('port: 8000\nmode: pulled\n')
    const text = await reasons(
      { '--tier': 'fog', '--port': '99999' },
      { TIERWISE_THRESHOLDS__BUSY_MEMORY_PERCENT__ENTER: 'full' },
      file,
    )
    expect(text.split('\n').sort()).toEqual([
      '--port: port is 99999: write a whole number from 0 to 65535',
      '--tier: tier is "fog": expected end or edge or cloud',
      `${file}:2: mode is "pulled": expected pushed or consulted`,
      'TIERWISE_THRESHOLDS__BUSY_MEMORY_PERCENT__ENTER: thresholds.busyMemoryPercent.enter is "full": expected number',
    ])
  })

  test.each([
    ['--cloud', 'localhost:8000'],
    ['--cloud', 'ftp://x'],
    ['--edge', 'http://a,http://b'],
    ['--edge', ''],
  ])('%s "%s": no URL of a node', async (flag, value) => {
    const text = await reasons({ ...edge, [flag]: value })
    expect(text).toMatch(
      `${flag}: ${flag.slice(2)} is "${value}": write one http:// or https:// URL`,
    )
  })

  test.each(['http://a:b@c', 'mqtt://a,mqtt://b', 'host:1883'])(
    'TIERWISE_BROKER=%s: no URL of a broker',
    async (url) => {
      const text = await reasons(edge, { TIERWISE_BROKER: url })
      expect(text).toMatch(/^TIERWISE_BROKER: broker is ".*": write the URL of an MQTT broker/)
      expect(text).not.toContain('a:b')
    },
  )

  test('an address that a variable of the shell has left empty', async () => {
    expect(await reasons({ ...edge, '--host': '' })).toMatch(/--host: host is "": .*unset/)
    expect(await reasons(edge, { TIERWISE_HOST: '' })).toMatch(/TIERWISE_HOST: host is ""/)
  })

  test('what is missing names what gives it', async () => {
    expect(await reasons({})).toBe('--tier: tier is missing: expected end or edge or cloud')
    expect(await reasons({}, {}, fileOf('links: { edge: { rateMbps: 0 } }\ntier: end\n'))).toMatch(
      /settings\.yaml:1: links\.edge\.rateMbps is 0/,
    )
  })

  test('a file that holds no settings', async () => {
    expect(await reasons(edge, {}, fileOf('- 1\n'))).toMatch(/settings\.yaml:1: the whole document/)
    expect(await reasons(edge, {}, fileOf('gaol: 1\n'))).toMatch(/:1: gaol is not a known key/)
    expect(await reasons(edge, {}, fileOf('devices: &a [*a]\n'))).toMatch(
      /settings\.yaml:1: \*a stands within/,
    )
  })
})

test('an IPv6 address may stand in brackets', async () => {
  expect(await node({ '--tier': 'end', '--host': '[::1]' })).toMatchObject({ host: '::1' })
  expect(await node({ '--tier': 'end', '--edge': 'http://[::1]:80' })).toMatchObject({
    edge: 'http://[::1]:80',
  })
})

describe('print', () => {
  test('every value with where it is from, as a file that says the same', async () => {
    const file = fileOf('goal: 70\nrevert: { rounds: 9 }\n')
    const from = given({ '--agent': 'fixed:end/d4' }, { TIERWISE_WORKERS__EDGE: '7' }, file)
    const { settings, print } = await loadSettings(upSettings, from)
    const lines = print().split('\n')
    expect(lines).toContain(`goal: 70 # ${file}:1`)
    expect(lines).toContain('agent: fixed:end/d4 # --agent')
    expect(lines).toContain('  edge: 7 # TIERWISE_WORKERS__EDGE')
    expect(lines).toContain('devices: 5 # default')
    expect(lines).toContain(`  rounds: 9 # ${file}:2`)
    expect(lines).toContain('  to: safe # default')
    expect(parse(print())).toEqual(settings)
  })

  test('secrets are masked', async () => {
    const schema = z.strictObject({
      broker: setting('where', z.string()),
      access: z.strictObject({ apiToken: z.string(), user: z.string() }),
    })
    const environment = {
      TIERWISE_BROKER: 'mqtt://alice:s3cret@host:1883',
      TIERWISE_ACCESS__API_TOKEN: 's3cret',
      TIERWISE_ACCESS__USER: 'alice',
    }
    const { print } = await loadSettings(schema, given({}, environment))
    expect(print()).toBe(`broker: mqtt://***@host:1883 # TIERWISE_BROKER
access:
  apiToken: "***" # TIERWISE_ACCESS__API_TOKEN
  user: alice # TIERWISE_ACCESS__USER
`)
  })
})
