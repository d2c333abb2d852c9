import { describe, expect, test } from 'vitest'
import { Random } from '../src/random.ts'
import { PROVENANCE } from './example-run.fixture.ts'
import { distinct, grouped, runsBy, runsWith, valuesOf } from './runs.ts'

interface Settings {
  readonly agent: string
  readonly users: number
  readonly seed: number
  readonly slow?: boolean
}

const run = (agent: string, users: number, seed: number, more: Partial<Settings> = {}) => ({
  settings: { agent, users, seed, ...more },
  result: undefined,
  provenance: PROVENANCE,
})

const RUNS = [
  run('b', 5, 101),
  run('a', 5, 101),
  run('b', 3, 102),
  run('a', 5, 102),
  run('b', 5, 102, { slow: true }),
]
const [B5, A5, B3, A5_102, B5_SLOW] = RUNS

describe('runs', () => {
  test('with all of these values, and of all where none is asked for', () => {
    expect(runsWith(RUNS, { agent: 'b', users: 5 })).toEqual([B5, B5_SLOW])
    expect(runsWith(RUNS, {})).toEqual(RUNS)
    expect(runsWith(RUNS, { agent: 'c' })).toEqual([])
  })

  test('have the values of a setting in order of first appearance', () => {
    expect(valuesOf(RUNS, 'agent')).toEqual(['b', 'a'])
    expect(valuesOf(RUNS, 'users')).toEqual([5, 3])
    expect(valuesOf(RUNS, 'slow')).toEqual([undefined, true])
  })

  test('fall into groups of equal settings, of those combinations alone that there are', () => {
    expect(runsBy(RUNS, 'agent', 'users')).toEqual([
      [{ agent: 'b', users: 5 }, [B5, B5_SLOW]],
      [{ agent: 'b', users: 3 }, [B3]],
      [{ agent: 'a', users: 5 }, [A5, A5_102]],
    ])
    expect(runsBy(RUNS)).toEqual([[{}, RUNS]])
    expect(runsBy([], 'agent')).toEqual([])
  })

  test('are in one group each, whatever they are grouped by (fuzz)', () => {
    const random = new Random(1)
    for (let round = 0; round < 100; round++) {
      const runs = Array.from({ length: random.integer(20) }, () =>
        run('ab'[random.integer(2)], random.integer(3), random.integer(2)),
      )
      const groups = runsBy(runs, 'users', 'agent', 'seed')
      expect(groups.flatMap(([, own]) => own)).toHaveLength(runs.length)
      for (const [settings, own] of groups) expect(own).toEqual(runsWith(runs, settings))
      expect(new Set(groups.map(([settings]) => JSON.stringify(settings))).size).toBe(groups.length)
    }
  })
})

test('values are told apart as a set does, in order of first appearance', () => {
  expect(distinct([3, 1, 3, Number.NaN, Number.NaN, 1])).toEqual([3, 1, Number.NaN])
  expect(grouped(['one', 'six', 'three', 'four'], (word) => word.length)).toEqual([
    [3, ['one', 'six']],
    [5, ['three']],
    [4, ['four']],
  ])
})
