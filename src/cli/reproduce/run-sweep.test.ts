import { afterEach, expect, test, vi } from 'vitest'
import type { AnyFinishedRun, FinishedRun, Run } from '../../../paper/index.ts'
import { Durations, remainingRuns, runSweep } from './sweep.ts'

afterEach(() => vi.restoreAllMocks())

const run = (seed: number, agent = 'oracle', users = 2): Run => ({
  agent,
  regime: 'exact',
  scenario: 'A',
  users,
  goal: 85,
  seed,
  maxSteps: 600,
})
const ORIGIN = { commit: 'abc', machine: 'test' }

test('shards take turns and leave nothing out', () => {
  const sweep = [1, 2, 3, 4, 5].map((seed) => run(seed))
  const seeds = (index: number) =>
    remainingRuns(sweep, { index, count: 2 }, []).map(({ seed }) => seed)
  expect([seeds(1), seeds(2)]).toEqual([
    [1, 3, 5],
    [2, 4],
  ])
})

test('finished runs are not run again', () => {
  const sweep = [run(1), run(2)]
  expect(remainingRuns(sweep, undefined, [run(2) as FinishedRun])).toEqual([run(1)])
})

test('every run is kept with its settings, its outcome and where it was run', async () => {
  const kept: AnyFinishedRun[] = []
  await runSweep(
    [run(1), run(2)],
    ORIGIN,
    (finished) => kept.push(finished),
    new AbortController().signal,
  )
  expect(kept.map(({ seed }) => seed)).toEqual([1, 2])
  expect(kept[0]).toMatchObject({ ...run(1), ...ORIGIN, converged: true, realSteps: 1, steps: 501 })
})

test('a run under way when aborted is not kept', async () => {
  const kept: AnyFinishedRun[] = []
  const ending = new AbortController()
  await runSweep(
    [run(1), run(2), run(3)],
    ORIGIN,
    (finished) => {
      kept.push(finished)
      ending.abort()
    },
    ending.signal,
  )
  expect(kept).toHaveLength(1)
})

test('the time left is told by runs of the same kind', () => {
  const durations = new Durations()
  const left = [run(5), run(6), run(7, 'oracle', 3)]
  expect(durations.secondsLeft(left, 0)).toBeUndefined()
  durations.add(run(1), 2)
  durations.add(run(2), 4)
  // Three runs of 3 s, the first of them under way for 1 s.
  expect(durations.secondsLeft(left, 1)).toBe(8)
  durations.add(run(1, 'oracle', 3), 10)
  expect(durations.secondsLeft(left, 1)).toBe(3 + 3 + 10 - 1)
  // A run slower than those before leaves the others.
  expect(durations.secondsLeft(left, 60)).toBe(13)
})
