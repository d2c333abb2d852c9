import { appendFileSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, expect, test } from 'vitest'
import type { FinishedBeyondRun } from '../../../paper/beyond/run.ts'
import type { BeyondRun, FinishedRun } from '../../../paper/index.ts'
import { appendRun, keyOf, readAllRuns, readRuns, storePath, writeRuns } from './run-store.ts'

let folder: string

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'tierwise-runs-'))
})
afterEach(() => rmSync(folder, { recursive: true, force: true }))

const run = (seed: number, realSteps = 10) =>
  ({
    agent: 'oracle',
    regime: 'exact',
    scenario: 'A',
    users: 2,
    goal: 85,
    seed,
    maxSteps: 600,
    converged: true,
    realSteps,
  }) as FinishedRun

test('what is appended is read back, in order', () => {
  const path = storePath(join(folder, 'new', 'folders'), undefined)
  writeRuns(path, [run(1)])
  appendRun(path, run(2))
  appendRun(path, run(3))
  expect(readRuns(path)).toEqual([run(1), run(2), run(3)])
})

test('no file is no runs', () => {
  expect(readRuns(join(folder, 'absent.jsonl'))).toEqual([])
  expect(readAllRuns([join(folder, 'absent')])).toEqual([])
})

test('a last line broken off while it was written is dropped, and writing goes on after the whole ones', () => {
  const path = storePath(folder, undefined)
  writeRuns(path, [run(1)])
  appendFileSync(path, JSON.stringify(run(2)).slice(0, 30))
  writeRuns(path, readRuns(path))
  appendRun(path, run(3))
  expect(readRuns(path)).toEqual([run(1), run(3)])
})

test.each(['{"agent": 5}', 'nonsense', '[]', 'null'])(
  '%s amid the file is an error with its place',
  (line) => {
    const path = storePath(folder, undefined)
    writeFileSync(path, `${JSON.stringify(run(1))}\n${line}\n${JSON.stringify(run(2))}\n`)
    expect(() => readRuns(path)).toThrow(`${path}:2 is not a finished run`)
  },
)

test('shards have files of their own, and all of a folder are read together, each run once', () => {
  writeRuns(storePath(folder, { index: 2, count: 2 }), [run(2), run(3, 99)])
  writeRuns(storePath(folder, { index: 1, count: 2 }), [run(1), run(3)])
  writeFileSync(join(folder, 'results.json'), '{}')
  expect(readAllRuns([folder])).toEqual([run(1), run(3), run(2)])
})

test('runs are the same by their settings, not by what came of them', () => {
  expect(keyOf(run(1, 5))).toBe(keyOf(run(1, 6)))
  expect(keyOf({ ...run(1), maxSteps: 700 })).not.toBe(keyOf(run(1)))
  expect(keyOf({ ...run(1), regime: 'penalty' })).not.toBe(keyOf(run(1)))
  expect(keyOf({ ...run(1), feedback: 'per-device' })).not.toBe(keyOf(run(1)))
  const overridden = (overrides: Record<string, number>) => keyOf({ ...run(1), overrides })
  expect(overridden({ epsilon: 1 })).not.toBe(keyOf(run(1)))
  expect(overridden({ a: 1, b: 2 })).toBe(overridden({ b: 2, a: 1 }))
})

test('a run without a mode is hybrid in its default one, and of no mode for other agents', () => {
  const hybrid = { ...run(1), agent: 'hybrid' }
  expect(keyOf({ ...hybrid, mode: 'verified' })).toBe(keyOf(hybrid))
  expect(keyOf({ ...hybrid, mode: 'literal' })).not.toBe(keyOf(hybrid))
  expect(keyOf({ ...run(1), mode: null })).toBe(keyOf(run(1)))
})

test('a run of beyond is told by its settings, in whatever order', () => {
  const settings = {
    kind: 'beyond',
    study: 'fleets',
    part: 'learning',
    agent: 'factored',
    fleet: 'A',
    users: 5,
    goal: 85,
    noise: 0.08,
    seed: 101,
    steps: 10,
    horizon: 10,
  } as const
  const key = keyOf(settings)
  const reversed: unknown = Object.fromEntries(Object.entries(settings).toReversed())
  expect(keyOf(reversed as BeyondRun)).toBe(key)
  expect(keyOf({ ...settings, slow: { share: 0.03, factor: 3 } })).not.toBe(key)
  const ended = { ...settings, outcome: {}, commit: 'abc', machine: 'm' } as FinishedBeyondRun
  expect(keyOf(ended)).toBe(key)
  const path = storePath(folder, undefined)
  writeRuns(path, [ended])
  expect(readRuns(path)).toEqual([ended])
})

test('a file is lines of JSON', () => {
  const path = storePath(folder, undefined)
  writeRuns(path, [run(1)])
  expect(readFileSync(path, 'utf8')).toBe(`${JSON.stringify(run(1))}\n`)
})
