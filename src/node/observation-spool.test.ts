import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { pino } from 'pino'
import { afterEach, beforeEach, expect, it } from 'vitest'
import { observationOf } from '../control/control-plane.conformance.ts'
import { ObservationSpool } from './observation-spool.ts'

let stateFolder: string
let lines: string[]
let nowMs: number
let told: number[]
let control: { connected: boolean; publish: (kind: string, message: unknown) => Promise<void> }
const logger = pino({ level: 'warn' }, { write: (line: string) => lines.push(line) })

beforeEach(async () => {
  stateFolder = await mkdtemp(join(tmpdir(), 'tierwise-'))
  lines = []
  told = []
  nowMs = 0
  control = {
    connected: true,
    publish: async (_kind, message) => {
      told.push((message as { round: number }).round)
    },
  }
})
afterEach(() => rm(stateFolder, { recursive: true }))

const clock = { nowMs: () => nowMs, sleep: () => Promise.resolve() }
const open = () => ObservationSpool.open({ control, clock, logger, stateFolder })
const turn = () => new Promise((resolve) => setTimeout(resolve, 20))

it('tells at once while nobody is away, and nothing is written', async () => {
  const spool = await open()
  spool.add(observationOf(1))
  spool.heardNews()
  spool.add(observationOf(2))
  await spool.close()
  expect(told).toEqual([1, 2])
  await expect(readFile(join(stateFolder, 'observations'))).rejects.toThrow('ENOENT')
})

it('keeps what comes while none is there, across a restart, and tells it in order once one is', async () => {
  const first = await open()
  first.heardNews()
  nowMs += 7000
  first.add(observationOf(1))
  await first.close()
  control.connected = false
  const second = await open()
  second.add(observationOf(2))
  second.heardNews()
  control.connected = true
  second.add(observationOf(3))
  await turn()
  expect(told).toEqual([])
  nowMs += 2000
  second.heardNews()
  await turn()
  second.add(observationOf(4))
  expect(told).toEqual([1, 2, 3, 4])
  await second.close()
  expect((await open()).size).toBe(0)
})

it('takes one piece of news for what a broker kept of one that is gone', async () => {
  control.connected = false
  const spool = await open()
  spool.add(observationOf(1))
  control.connected = true
  spool.heardNews()
  nowMs += 7000
  spool.heardNews()
  await turn()
  expect([told, spool.size]).toEqual([[], 1])
  await spool.close()
})

it('is bounded: the oldest are dropped, and counted', async () => {
  control.connected = false
  const spool = await open()
  for (let round = 1; round <= 1005; round++) spool.add(observationOf(round))
  expect([spool.size, spool.dropped]).toEqual([1000, 5])
  control.connected = true
  spool.heardNews()
  spool.heardNews()
  await turn()
  expect(told[0]).toBe(6)
  await spool.close()
})

it('ignores a damaged file with a warning', async () => {
  await writeFile(join(stateFolder, 'observations'), 'garbage')
  expect((await open()).size).toBe(0)
  expect(lines).toHaveLength(1)
  expect(lines[0]).toContain('tierwise-spool-1')
})
