import { describe, expect, test } from 'vitest'
import { PROVENANCE } from './example-run.fixture.ts'
import { combinations, seedSetsOf, seedsOf } from './experiment.ts'

describe('a sweep', () => {
  test('combines all values, the last name changing first', () => {
    expect(combinations({ a: [1, 2], b: ['x', 'y'] })).toEqual([
      { a: 1, b: 'x' },
      { a: 1, b: 'y' },
      { a: 2, b: 'x' },
      { a: 2, b: 'y' },
    ])
    expect(combinations({})).toEqual([{}])
    expect(combinations({ a: [1, 2], b: [] })).toEqual([])
  })

  test('has seeds from the first that is reported on', () => {
    expect(seedsOf({ quick: false, seeds: 3 })).toEqual([101, 102, 103])
    expect(seedsOf({ quick: true, seeds: 2 }, 100_001)).toEqual([100_001, 100_002])
    expect(seedsOf({ quick: true, seeds: 0 })).toEqual([])
  })

  test('tells the seeds for tuning from those reported, each once', () => {
    const runs = [101, 100, 100, 7].map((seed) => {
      return { settings: { seed }, result: undefined, provenance: PROVENANCE }
    })
    expect(seedSetsOf(runs, {})).toEqual({
      tuning: { below: 101, run: [100, 7] },
      reported: { from: 101, run: [101] },
    })
    expect(seedSetsOf(runs, { firstReportedSeed: 8 })).toEqual({
      tuning: { below: 8, run: [7] },
      reported: { from: 8, run: [101, 100] },
    })
  })
})
