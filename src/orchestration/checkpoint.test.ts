import { mkdtemp, readdir, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { serialize } from 'node:v8'
import { pino } from 'pino'
import { afterEach, beforeEach, expect, it } from 'vitest'
import { readCheckpoint, writeCheckpoint } from './checkpoint.ts'

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

const checkpoint = {
  configured: { goalPercent: 85, agent: 'hybrid' },
  inForce: { goalPercent: 89, agent: 'oracle' },
  agent: {
    spec: 'hybrid',
    problem: { devices: 1, choices: [], stateSize: 9, names: ['one'] },
    saved: { weights: Float32Array.of(1, 2), seen: new Map([[1, 'a']]) },
  },
}

it('gives back what was written, typed arrays and maps included', async () => {
  await writeCheckpoint(file, { ...checkpoint, agent: undefined })
  await writeCheckpoint(file, checkpoint)
  expect(await readCheckpoint(file, logger)).toMatchObject(checkpoint)
  expect(await readdir(folder)).toEqual(['checkpoint'])
  expect(lines).toEqual([])
})

it('starts anew without a file, silently', async () => {
  expect(await readCheckpoint(file, logger)).toBeUndefined()
  expect(lines).toEqual([])
})

it.each([
  ['garbage', Buffer.from('not a checkpoint')],
  ['an empty file', Buffer.alloc(0)],
  [
    'a truncated one',
    serialize({ format: 'tierwise checkpoint 1', ...checkpoint }).subarray(0, 40),
  ],
  ['another format', serialize({ format: 'tierwise checkpoint 0' })],
  ['no object', serialize(null)],
])('starts anew with a warning on %s', async (_name, content) => {
  await writeFile(file, content)
  expect(await readCheckpoint(file, logger)).toBeUndefined()
  expect(lines).toHaveLength(1)
  expect(lines[0]).toContain(file)
})

it('says why when the path cannot be read', async () => {
  expect(await readCheckpoint(folder, logger)).toBeUndefined()
  expect(lines[0]).toContain('EISDIR')
})
