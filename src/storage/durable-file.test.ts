import { mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { serialize } from 'node:v8'
import { pino } from 'pino'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { CHECKPOINT } from '../orchestration/checkpoint.ts'
import { Random } from '../random.ts'
import { machineDisk } from './disk.ts'
import { DurableFile } from './durable-file.ts'

const DAMAGES = 10_000

let folder: string
let file: string
let lines: string[]
const logger = pino({ level: 'warn' }, { write: (line: string) => lines.push(line) })

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'tierwise-'))
  file = join(folder, 'checkpoint')
  lines = []
})
afterEach(() => rm(folder, { recursive: true }))

const agentAt = (weight: number) => ({
  spec: 'hybrid',
  problem: { devices: 1, choices: [], stateSize: 9, names: ['one'] },
  saved: { weights: Float32Array.of(1, weight), seen: new Map([[1, 'a']]) },
})
const checkpoint = () => new DurableFile(file, CHECKPOINT)
const write = (weight: number) => checkpoint().write(agentAt(weight))
const read = () => checkpoint().read(logger)

it('gives back what was written, typed arrays and maps included, and keeps the generation before', async () => {
  await write(1)
  await write(2)
  expect(await read()).toEqual(agentAt(2))
  expect(await readdir(folder)).toEqual(['checkpoint', 'checkpoint.old'])
  expect(lines).toEqual([])
})

it('starts anew without a file, silently', async () => {
  expect(await read()).toBeUndefined()
  expect(lines).toEqual([])
})

describe('a number that is not finite', () => {
  it.each([
    ['in an array', { saved: Float64Array.of(0, Number.NaN) }, 'it.saved.1'],
    ['by itself', { saved: { scale: Number.POSITIVE_INFINITY } }, 'it.saved.scale'],
    ['in a map', { saved: new Map([['a', [Number.NaN]]]) }, 'it.saved.a.0'],
    ['in a set', { saved: new Set([Number.NEGATIVE_INFINITY]) }, 'it.saved'],
  ])('is never saved: %s', async (_name, poisoned, place) => {
    await write(1)
    const writing = checkpoint().write({ ...agentAt(2), ...poisoned })
    await expect(writing).rejects.toThrow(place)
    expect(await read()).toEqual(agentAt(1))
  })
})

describe('a damaged file', () => {
  it('gives way to the generation before, with one warning', async () => {
    await write(1)
    await write(2)
    const bytes = await readFile(file)
    bytes.writeUInt8(bytes.readUInt8(bytes.length - 20) ^ 1, bytes.length - 20)
    await writeFile(file, bytes)
    expect(await read()).toEqual(agentAt(1))
    expect(lines).toHaveLength(1)
    expect(lines[0]).toContain(file)
  })

  it(`is refused whatever bit is flipped, wherever it is cut and whatever is put in: ${DAMAGES} times`, async () => {
    await write(1)
    const whole = await readFile(file)
    const random = new Random(14)
    let bytes: Uint8Array = whole
    const read = async (path: string) => {
      if (path === file) return bytes
      throw Object.assign(new Error('there is none'), { code: 'ENOENT' })
    }
    const found = new DurableFile(file, CHECKPOINT, { ...machineDisk, read })
    for (let count = 0; count < DAMAGES; count++) {
      bytes = damage(whole, random)
      const expected = whole.equals(bytes) ? agentAt(1) : undefined
      expect(await found.read({ warn: () => {} })).toEqual(expected)
    }
  })

  it.each([
    ['garbage', Buffer.from('not a checkpoint')],
    ['an empty file', Buffer.alloc(0)],
    ['no text', Buffer.from([0xff, 0x0d, 0x0a])],
    ['one of an earlier version', serialize({ format: 'tierwise checkpoint 3', agent: {} })],
  ])('costs a warning, and no start: %s', async (_name, content) => {
    await writeFile(file, content)
    expect(await read()).toBeUndefined()
    expect(lines).toHaveLength(1)
  })

  it.each([
    ['nothing', null],
    ['no problem', { spec: 'hybrid', saved: {} }],
    ['no device', { ...agentAt(1), problem: { devices: 0, choices: [], stateSize: 0 } }],
    [
      'choices that are none',
      { ...agentAt(1), problem: { devices: 1, choices: [1], stateSize: 0 } },
    ],
    ['a spec that is no text', { ...agentAt(1), spec: 3 }],
  ])('may have a good checksum and lack something: %s', async (_name, content) => {
    await checkpoint().write(content as never)
    expect(await read()).toBeUndefined()
    expect(lines).toHaveLength(1)
  })

  it('is refused where a folder or a device has its name, which stays as it is', async () => {
    for (const path of [folder, '/dev/null']) {
      const file = new DurableFile(path, CHECKPOINT)
      await expect(file.read(logger)).rejects.toThrow(`${path} is a`)
      await expect(file.write(agentAt(1))).rejects.toThrow(`${path} is a`)
    }
    expect(lines).toEqual([])
  })
})

it('sets what cannot be used aside when the next is written, which never takes the place of the good one before', async () => {
  await write(1)
  await write(2)
  await writeFile(file, 'a letter of mine')
  const found = checkpoint()
  await found.read(logger)
  await found.write(agentAt(3))
  expect(await readFile(`${file}.unusable`, 'utf8')).toBe('a letter of mine')
  expect(await new DurableFile(`${file}.old`, CHECKPOINT).read(logger)).toEqual(agentAt(1))
  await found.write(agentAt(4))
  expect(await new DurableFile(`${file}.old`, CHECKPOINT).read(logger)).toEqual(agentAt(3))
})

/** One bit flipped, bytes cut off, or bytes put in. */
function damage(whole: Buffer, random: Random): Buffer {
  const at = random.integer(whole.length)
  const kind = random.integer(3)
  if (kind === 1) return whole.subarray(0, at)
  if (kind === 2) return Buffer.concat([whole.subarray(0, at), Buffer.of(7), whole.subarray(at)])
  const flipped = Buffer.from(whole)
  flipped.writeUInt8(flipped.readUInt8(at) ^ (1 << random.integer(8)), at)
  return flipped
}
