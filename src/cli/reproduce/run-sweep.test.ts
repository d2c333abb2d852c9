import { afterEach, expect, test, vi } from 'vitest'
import type { Run, RunContext, RunSettings } from '../../../paper/experiment.ts'
import { keyOf } from './run-store.ts'
import { Durations, remaining, runSweep } from './run-sweep.ts'

afterEach(() => vi.restoreAllMocks())

const PROVENANCE = { commit: 'abc', machine: 'test' }
const SWEEP = [1, 2, 3, 4, 5].map((seed) => ({ seed }))

/** Its result is the seed of its settings. */
const experiment = {
  label: ({ seed }: RunSettings) => ({ kind: 'test', cell: `seed ${seed}` }),
  run: async ({ seed }: RunSettings, { onProgress }: RunContext) => {
    await onProgress('step 1')
    return { seed }
  },
}

/** Aborts once a run is kept. */
function abortingStore() {
  const ending = new AbortController()
  const kept: Run[] = []
  const keep = (run: Run) => {
    kept.push(run)
    ending.abort()
  }
  return { kept, keep, signal: ending.signal }
}

test('shards take turns and leave nothing out', () => {
  const seeds = (index: number) =>
    remaining(SWEEP, { index, count: 2 }, new Map()).map(({ seed }) => seed)
  expect([seeds(1), seeds(2)]).toEqual([
    [1, 3, 5],
    [2, 4],
  ])
})

test('finished runs are not run again', () => {
  const settings = { seed: 2 }
  const finished = new Map([[keyOf(settings), { settings, result: {}, provenance: PROVENANCE }]])
  expect(remaining(SWEEP.slice(0, 2), undefined, finished)).toEqual([{ seed: 1 }])
})

test('every run is kept with its settings, its result and where it was run', async () => {
  const kept: Run[] = []
  const { signal } = new AbortController()
  await runSweep(experiment, SWEEP.slice(0, 2), PROVENANCE, (run) => kept.push(run), signal)
  expect(kept).toEqual([
    { settings: { seed: 1 }, result: { seed: 1 }, provenance: PROVENANCE },
    { settings: { seed: 2 }, result: { seed: 2 }, provenance: PROVENANCE },
  ])
})

test('a run under way when aborted is not kept', async () => {
  const { kept, keep, signal } = abortingStore()
  await runSweep(experiment, SWEEP, PROVENANCE, keep, signal)
  expect(kept).toHaveLength(1)
})

test('nor is what a run returns that does not hear of it', async () => {
  const { kept, keep, signal } = abortingStore()
  const deaf = { ...experiment, run: ({ seed }: RunSettings) => ({ seed }) }
  await runSweep(deaf, SWEEP, PROVENANCE, keep, signal)
  expect(kept).toHaveLength(1)
})

test('a run that fails ends the sweep with its error', async () => {
  const failing = { ...experiment, run: () => Promise.reject(new Error('no such agent')) }
  const { kept, keep, signal } = abortingStore()
  await expect(runSweep(failing, SWEEP, PROVENANCE, keep, signal)).rejects.toThrow('no such agent')
  expect(kept).toEqual([])
})

test('the time left is told by runs of the same kind', () => {
  const durations = new Durations()
  const left = ['few', 'few', 'many']
  expect(durations.secondsLeft(left, 0)).toBeUndefined()
  durations.add('few', 2)
  durations.add('few', 4)
  // Three runs of 3 s, the first of them under way for 1 s.
  expect(durations.secondsLeft(left, 1)).toBe(8)
  durations.add('many', 10)
  expect(durations.secondsLeft(left, 1)).toBe(3 + 3 + 10 - 1)
  // A run slower than those before leaves the others.
  expect(durations.secondsLeft(left, 60)).toBe(13)
})
