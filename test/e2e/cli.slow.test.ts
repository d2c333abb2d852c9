/** The command as a user types it: what it prints, where, and how it refuses what is wrong. */
import { spawn } from 'node:child_process'
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { createServer } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { z } from 'zod'
import { writePictures } from './pictures.ts'

const main = fileURLToPath(new URL('../../dist/src/cli/main.js', import.meta.url))
const picture = fileURLToPath(new URL('../../pictures/boat.jpg', import.meta.url))

interface Result {
  readonly status: number | null
  readonly stdout: string
  readonly stderr: string
}

function tierwise(...args: string[]): Promise<Result> {
  return tierwiseIn({}, ...args)
}

function tierwiseIn(environment: Record<string, string>, ...args: string[]): Promise<Result> {
  return new Promise((resolve, reject) => {
    const env = { ...process.env, ...environment }
    const child = spawn(process.execPath, [main, ...args], { env })
    let stdout = ''
    let stderr = ''
    child.stdout.on('data', (chunk) => {
      stdout += chunk
    })
    child.stderr.on('data', (chunk) => {
      stderr += chunk
    })
    child.on('error', reject)
    child.on('close', (status) => resolve({ status, stdout, stderr }))
  })
}

let folder: string
const path = (name: string) => join(folder, name)

function write(name: string, content: string): string {
  writeFileSync(path(name), content)
  return path(name)
}

/** A catalogue of one variant whose file is `file`. */
const catalogueOf = (file: string) => `model: tiny
input: { name: input, datatype: FP32, shape: [1, 3, 224, 224], mean: 127.5, scale: 127.5 }
output: { name: probabilities, shape: [1, 1000] }
variants:
  - { name: d0, file: ${file}, precision: FP32, accuracyPercent: 89.9, accuracySource: a test }
`

beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'tierwise-cli-'))
})
afterAll(() => rmSync(folder, { recursive: true, force: true }))

describe('help', () => {
  test('names every command', async () => {
    const { status, stdout } = await tierwise('--help')
    expect(status).toBe(0)
    for (const command of ['up', 'node', 'infer', 'goal', 'revert', 'resume', 'models', 'profile'])
      expect(stdout).toMatch(new RegExp(`^ {2}${command}`, 'm'))
  })

  test('up --help explains its options', async () => {
    const { status, stdout } = await tierwise('up', '--help')
    expect(status).toBe(0)
    expect(stdout).toContain('Usage: tierwise up')
  })
})

describe('wrong use names the value and the remedy', () => {
  test.each([
    [['fly'], "unknown command 'fly'"],
    [['up', '--goal', 'high'], 'average accuracy in percent'],
    [['up', '--scenario', 'E'], '--scenario: scenario is "E": expected A or B or C or D'],
    [['up', '--for', 'soon'], 'write a duration such as 60s'],
    [['up', '--devices', '0'], 'write a whole number from 1 to 32'],
    [
      ['up', '--catalogue', 'paper', '--goal', '95'],
      'a goal of 95 % cannot be met: the best reachable average accuracy is 89.9 %',
    ],
    [
      ['up', '--catalogue', 'paper', '--devices', '7', '--agent', 'hybrid'],
      '7 devices with 10 choices each have 10000000 joint decisions',
    ],
    [['up', '--agent', 'nonsense'], 'there is no agent "nonsense": use one of hybrid'],
    [['up', '--agent', 'fixed:edge/d9'], 'edge/d9'],
    [['up', '--agent', 'oracle'], 'needs a measured profile'],
    [['up', '--json', '/no/such/folder/out.json'], 'there is no folder /no/such/folder'],
    [['node', '--tier', 'cloud', '--agent', 'nonsense'], 'there is no agent "nonsense"'],
    [
      ['node', '--tier', 'end', '--edge', 'foo'],
      '--edge: edge is "foo": write one http:// or https:// URL',
    ],
    [['node'], '--tier: tier is missing: expected end or edge or cloud'],
    [
      ['node', '--tier', 'edge', '--host', '0.0.0.0'],
      'tierwise access add edge --tier edge --authority fleet',
    ],
    [['node', '--credentials', '/no/file'], 'cannot read the credentials'],
    [['access', 'list', '--authority', '/no/folder'], 'there is no authority in /no/folder'],
    [['infer'], '--image <file>'],
    [
      ['infer', '--image', picture, '--url', 'nowhere'],
      '--url: url is "nowhere": write one http:// or https:// URL',
    ],
    [['goal', '--broker', 'mqtt://127.0.0.1:1'], 'no MQTT broker answers at mqtt://127.0.0.1:1'],
    [
      ['goal', '--broker', 'file:///etc'],
      '--broker: broker is "file:///etc": write the URL of an MQTT broker',
    ],
  ])('tierwise %j', async (args, message) => {
    const { status, stdout, stderr } = await tierwise(...args)
    expect(status).toBe(1)
    expect(stdout).toBe('')
    expect(stderr).toContain(message)
  })
})

test('a broker’s password is not shown', async () => {
  const { stderr } = await tierwise('goal', '--broker', 'mqtt://me:SECRET@127.0.0.1:1')
  expect(stderr).toContain('no MQTT broker answers at mqtt://127.0.0.1:1')
  expect(stderr).not.toContain('SECRET')
})

describe('the environment', () => {
  test('gives what no flag gives; --print-config says so', async () => {
    const environment = { TIERWISE_GOAL: '80', TIERWISE_SEED: '7' }
    const args = ['--goal', '85', '--config', write('a.yaml', 'seed: 1\nmode: consulted\n')]
    const { status, stdout } = await tierwiseIn(environment, 'up', ...args, '--print-config')
    expect(status).toBe(0)
    expect(stdout).toContain('\ngoal: 85 # --goal\n')
    expect(stdout).toContain('\nseed: 7 # TIERWISE_SEED\n')
    expect(stdout).toContain(`\nmode: consulted # ${path('a.yaml')}:2\n`)
  })

  test('a variable that is no setting names the nearest that is', async () => {
    const { status, stderr } = await tierwiseIn({ TIERWISE_GAOL: '80' }, 'models', 'list')
    expect(status).toBe(1)
    expect(stderr).toContain('there is no setting TIERWISE_GAOL: did you mean TIERWISE_GOAL?')
  })
})

describe('a wrong file is named, with the line and the key', () => {
  test('a settings file: line and key', async () => {
    const file = write('bad.yaml', 'devices: 5\ngoal: 850\n')
    const { status, stderr } = await tierwise('up', '--config', file)
    expect(status).toBe(1)
    expect(stderr).toContain(`${file}:2: goal`)
  })

  test('a settings file with a key that does not exist', async () => {
    const { stderr } = await tierwise('up', '--config', write('unknown.yaml', 'gaol: 85\n'))
    expect(stderr).toMatch(/unknown\.yaml:1: .*gaol/)
  })

  test('a settings file that is no YAML', async () => {
    const { status, stderr } = await tierwise(
      'up',
      '--config',
      write('broken.yaml', 'devices: [5\n'),
    )
    expect(status).toBe(1)
    expect(stderr).toMatch(/broken\.yaml:\d+/)
  })
})

describe('what cannot be served or reached is named', () => {
  test('a port in use', async () => {
    const server = createServer().listen(0, '127.0.0.1')
    await new Promise((resolve) => server.once('listening', resolve))
    const address = server.address()
    const port = typeof address === 'object' && address !== null ? address.port : 0
    const { status, stderr } = await tierwise('node', '--tier', 'edge', '--port', String(port))
    server.close()
    expect(status).toBe(1)
    expect(stderr).toContain(String(port))
    expect(stderr).toMatch(/in use/i)
  })

  test('a model file that is missing', async () => {
    const { status, stderr } = await tierwise(
      'node',
      '--tier',
      'edge',
      '--port',
      '0',
      '--catalogue',
      write('missing.yaml', catalogueOf('no-such.onnx')),
    )
    expect(status).toBe(1)
    expect(stderr).toContain(path('no-such.onnx'))
  })

  test('a model file that is no ONNX', async () => {
    write('corrupt.onnx', 'this is not a model')
    const { status, stderr } = await tierwise(
      'node',
      '--tier',
      'edge',
      '--port',
      '0',
      '--catalogue',
      write('corrupt.yaml', catalogueOf('corrupt.onnx')),
    )
    expect(status).toBe(1)
    expect(stderr).toContain('corrupt.onnx')
  })

  test('a picture that is none', async () => {
    const { status, stderr } = await tierwise('infer', '--image', write('picture.jpg', 'no pixels'))
    expect(status).toBe(1)
    expect(stderr).toContain('picture.jpg')
  })

  test('a node that is not there', async () => {
    const { status, stderr } = await tierwise(
      'infer',
      '--image',
      picture,
      '--url',
      'http://127.0.0.1:1',
    )
    expect(status).toBe(1)
    expect(stderr).toContain('http://127.0.0.1:1')
  })
})

describe('results', () => {
  test('models build prints the catalogue of the paper, models list its variants; standard output holds nothing else', async () => {
    const built = await tierwise('models', 'build')
    expect(built.status).toBe(0)
    expect(readFileSync(built.stdout.trim(), 'utf8')).toContain('model: mobilenet')
    const { stdout } = await tierwise('models', 'list', '--catalogue', 'paper', '--json')
    const listed: unknown = JSON.parse(stdout)
    expect(listed).toMatchObject({ file: built.stdout.trim(), model: 'mobilenet' })
    expect(namesIn(listed)).toEqual(['d0', 'd1', 'd2', 'd3', 'd4', 'd5', 'd6', 'd7'])
  })

  test('the models that come with Tierwise are listed without a word more', async () => {
    const { stdout } = await tierwise('models', 'list', '--json')
    const listed: unknown = JSON.parse(stdout)
    expect(listed).toMatchObject({ model: 'fashion' })
    expect(namesIn(listed)).toContain('w100')
  })

  test('profile measures every variant', async () => {
    const { status, stdout } = await tierwise('profile', '--runs', '3', '--json')
    expect(status).toBe(0)
    const profiles: unknown = JSON.parse(stdout)
    expect(profiles).toHaveLength(10)
    expect(profiles).toMatchObject([
      { variant: 'w100', p50Ms: expect.any(Number), memoryMb: expect.any(Number) },
      ...Array.from({ length: 9 }, () => ({ variant: expect.any(String) })),
    ])
  }, 60_000)
})

function namesIn(listed: unknown): string[] {
  const { variants } = z.object({ variants: z.array(z.object({ name: z.string() })) }).parse(listed)
  return variants.map(({ name }) => name)
}

describe('models', () => {
  const fashion = fileURLToPath(new URL('../../models/fashion/', import.meta.url))

  test('check tells all that is wrong, with exit code 1', async () => {
    const good = await tierwise('models', 'check', `${fashion}catalogue.yaml`)
    expect([good.status, good.stdout]).toEqual([0, expect.stringContaining('can be served')])
    const wrong = readFileSync(`${fashion}catalogue.yaml`, 'utf8')
      .replace('name: input,', 'name: pixels,')
      .replace('  - Bag\n', '')
      .replaceAll('file: w', `file: ${fashion}w`)
    const file = write('wrong.yaml', wrong)
    const { status, stdout } = await tierwise('models', 'check', file, '--json')
    expect(status).toBe(1)
    const { faults } = z.object({ faults: z.array(z.string()) }).parse(JSON.parse(stdout))
    expect(faults[0]).toMatch(/wrong\.yaml:\d+: there are 9 labels for 10 classes/)
    expect(faults).toHaveLength(11)
    const node = await tierwise('node', '--tier', 'edge', '--port', '0', '--catalogue', file)
    expect(node.status).toBe(1)
    expect(node.stderr).toContain('input.name is "pixels": variant w100 has "input"')
  })

  test('add and evaluate: 20 pictures are measured and not passed off as an accuracy', async () => {
    const catalogue = path('own.yaml')
    const added = await tierwise('models', 'add', `${fashion}w025s2.onnx`, '--catalogue', catalogue)
    expect([added.status, added.stdout]).toEqual([0, expect.stringContaining('w025s2, FP32')])
    const before = readFileSync(catalogue, 'utf8')
    writePictures(folder, 20)
    const args = ['models', 'evaluate', folder, '--catalogue', catalogue]
    const refused = await tierwise(...args)
    expect(refused.status).toBe(1)
    expect(refused.stdout).toMatch(/20 pictures\n.*w025s2 +FP32/s)
    expect(refused.stderr).toContain('nothing was written: 20 pictures do not tell an accuracy')
    expect((await tierwise(...args, '--dry-run')).status).toBe(0)
    expect(readFileSync(catalogue, 'utf8')).toBe(before)
    expect((await tierwise(...args, '--force')).status).toBe(0)
    expect(readFileSync(catalogue, 'utf8')).toMatch(/accuracyInterval: \[ [\d.]+, [\d.]+ \]/)
  })

  test('the catalogue of Tierwise itself is not written over', async () => {
    const { status, stderr } = await tierwise('models', 'evaluate', `${fashion}pictures`)
    expect(status).toBe(1)
    expect(stderr).toContain('is not written over: add --dry-run')
  })
})
