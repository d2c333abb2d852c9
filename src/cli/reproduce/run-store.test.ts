import { appendFileSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, expect, test } from 'vitest'
import type { Run } from '../../../paper/experiment.ts'
import { experiments } from '../../../paper/index.ts'
import { appendRun, keyOf, readAllRuns, readRuns, storePath, writeRuns } from './run-store.ts'

let folder: string

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'tierwise-runs-'))
})
afterEach(() => rmSync(folder, { recursive: true, force: true }))

const run = (seed: number, realSteps = 10): Run => ({
  settings: { seed },
  result: { realSteps },
  provenance: { commit: 'abc', machine: 'test' },
})

test('what is appended is read back, in order', () => {
  const path = storePath(join(folder, 'new', 'folders'), undefined)
  writeRuns(path, [run(1)])
  appendRun(path, run(2))
  appendRun(path, run(3))
  expect(readRuns(path)).toEqual([run(1), run(2), run(3)])
})

test('no file is no runs', () => {
  expect(readRuns(join(folder, 'absent.jsonl'))).toEqual([])
  expect(readAllRuns([join(folder, 'absent')]).size).toBe(0)
})

test('a last line broken off while it was written is dropped, and writing goes on after the whole ones', () => {
  const path = storePath(folder, undefined)
  writeRuns(path, [run(1)])
  appendFileSync(path, JSON.stringify(run(2)).slice(0, 30))
  writeRuns(path, readRuns(path))
  appendRun(path, run(3))
  expect(readRuns(path)).toEqual([run(1), run(3)])
})

test.each([
  '{"seed": 5}',
  '{"settings": {}, "result": {}, "provenance": {"commit": "abc", "machine": "test"}}',
  '{"settings": {"seed": 5}, "provenance": {"commit": "abc", "machine": "test"}}',
  'nonsense',
  '[]',
  'null',
])('%s amid the file is an error with its place', (line) => {
  const path = storePath(folder, undefined)
  writeFileSync(path, `${JSON.stringify(run(1))}\n${line}\n${JSON.stringify(run(2))}\n`)
  expect(() => readRuns(path)).toThrow(`${path}:2 is not a finished run`)
})

test('shards have files of their own, and all of a folder are read together, each run once', () => {
  writeRuns(storePath(folder, { index: 2, count: 2 }), [run(2), run(3, 99)])
  writeRuns(storePath(folder, { index: 1, count: 2 }), [run(1), run(3)])
  writeFileSync(join(folder, 'results.json'), '{}')
  expect([...readAllRuns([folder]).values()]).toEqual([run(1), run(3), run(2)])
  expect(readAllRuns([folder]).get(keyOf({ seed: 3 }))).toEqual(run(3))
})

test('runs are the same by their settings, in whatever order, at whatever depth', () => {
  const settings = { seed: 101, agent: 'factored', slow: { share: 0.03, factor: 3 }, list: [1, 2] }
  const key = keyOf(settings)
  const reordered = { list: [1, 2], slow: { factor: 3, share: 0.03 }, agent: 'factored', seed: 101 }
  expect(keyOf(reordered)).toBe(key)
  const others = [
    { ...settings, seed: 102 },
    { ...settings, slow: { share: 0.03, factor: 10 } },
    { ...settings, list: [2, 1] },
    { ...settings, lost: 0.1 },
  ]
  for (const other of others) expect(keyOf(other)).not.toBe(key)
})

test('settings are the same when they were read back', () => {
  const path = storePath(folder, undefined)
  const sweep = experiments.flatMap(({ sweep }) => sweep({ quick: true, seeds: 2 }))
  writeRuns(
    path,
    sweep.map((settings) => ({ ...run(1), settings })),
  )
  expect(readRuns(path).map(({ settings }) => keyOf(settings))).toEqual(sweep.map(keyOf))
})

test('a file is lines of JSON', () => {
  const path = storePath(folder, undefined)
  writeRuns(path, [run(1)])
  expect(readFileSync(path, 'utf8')).toBe(`${JSON.stringify(run(1))}\n`)
})
