import { describe, expect, test } from 'vitest'
import { Random } from '../../src/random.ts'
import { type Change, changed } from '../example-run.fixture.ts'
import { isOptimal, type Training } from '../trainings.ts'
import { analyse } from './analysis.ts'
import { experiment } from './run.ts'

function analysed(runs: readonly Training[]) {
  const random = new Random(5)
  return analyse(runs, () => random.uniform())
}

const bySeed = (...changes: readonly Change[]) =>
  changes.map((change, index) => changed({ ...change, seed: 101 + index }))

describe('optimal by value', () => {
  test.each([
    ['the optimum itself', {}, true],
    ['1 % above', { responseTimeMs: 1.01 * 141.67 }, true],
    ['1.1 % above', { responseTimeMs: 1.011 * 141.67 }, false],
    ['faster, but below the goal', { responseTimeMs: 100, accuracyPercent: 84.9 }, false],
  ])('%s', (_, change, optimal) => {
    expect(isOptimal(changed(change))).toBe(optimal)
  })
})

describe('one cell', () => {
  test('A-85 agrees with the paper’s 143.81 ms within 5 %', () => {
    const { comparisons, summary } = analysed(bySeed({}, {}))
    expect(comparisons).toHaveLength(3)
    const [share, time, steps] = comparisons
    expect(share).toMatchObject({ paper: 100, ours: 100, verdict: 'reproduced' })
    expect(time).toMatchObject({ paper: 143.81, ours: 141.67, verdict: 'reproduced' })
    expect(steps).toMatchObject({ paper: null, ours: 97, note: '2 of 2 within 600' })
    expect(summary).toContain('2 of 2 runs (1 of the table’s 20 cells)')
  })

  test('one seed that is not optimal shows', () => {
    const [share] = analysed(bySeed({}, { responseTimeMs: 150 })).comparisons
    expect(share).toMatchObject({ ours: 50, verdict: 'worse' })
    expect(share?.note).toBe('1 of 2 seeds; at most 5.88 % above the optimum')
  })

  test.each([
    [151.1, 'worse'], // 5.07 % above
    [136.5, 'better'], // 5.08 % below
    [151, 'reproduced'],
  ])('%d ms is %s', (responseTimeMs, verdict) => {
    expect(analysed(bySeed({ responseTimeMs })).comparisons[1]?.verdict).toBe(verdict)
  })

  test('B-Max has 12 ms', () => {
    const max = { scenario: 'B', goal: 89.9, accuracyPercent: 89.9 } as const
    expect(analysed(bySeed({ ...max, responseTimeMs: 460.9 })).comparisons[1]?.verdict).toBe(
      'reproduced',
    )
    expect(analysed(bySeed({ ...max, responseTimeMs: 460.8 })).comparisons[1]?.verdict).toBe(
      'better',
    )
  })

  test('a row that contradicts itself is said to', () => {
    const [, time] = analysed(bySeed({ scenario: 'D', goal: 0 })).comparisons
    expect(time?.note).toContain('d6 there gives 74.88')
  })
})

describe('claims', () => {
  const holds = (runs: readonly Training[]) => analysed(runs).claims.map((each) => each.holds)

  test('of a scenario: 95 % of its runs within 600 steps', () => {
    const quick = Array.from({ length: 19 }, () => ({}))
    expect(holds(bySeed(...quick, { realSteps: 601 }))).toEqual([true, true, true])
    expect(holds(bySeed(...quick.slice(1), { realSteps: 601 }))).toEqual([true, true, false])
    expect(holds(bySeed(...quick.slice(1), { converged: false, realSteps: 300 }))).toEqual([
      true,
      true,
      false,
    ])
  })

  test('of a scenario: a median of at most 200 steps at every goal, not over all of them', () => {
    const fast = [{}, {}, {}]
    const slow = [{ realSteps: 100 }, { realSteps: 201 }, { realSteps: 202 }]
    const at80 = slow.map((run) => ({ ...run, goal: 80 }))
    expect(holds(bySeed(...fast, ...at80))).toEqual([true, false, true])
    expect(holds(bySeed(...fast, ...at80.slice(0, 1)))).toEqual([true, true, true])
    expect(holds(bySeed(...fast, { converged: false, goal: 80, realSteps: 9 }))[1]).toBe(false)
  })

  test('every decision optimal, and each scenario by itself', () => {
    expect(holds(bySeed({}, { scenario: 'D', responseTimeMs: 150, converged: false }))).toEqual([
      false,
      true,
      true,
      false,
      false,
    ])
  })
})

test('the sweep is the whole table with every seed', () => {
  const runs = experiment.sweep({ quick: false, seeds: 10 })
  expect(runs).toHaveLength(200)
  expect(new Set(runs.map((run) => JSON.stringify(run))).size).toBe(200)
  expect(experiment.sweep({ quick: true, seeds: 1 })).toHaveLength(1)
})

test('the picture has a circle for the paper and a dot for us in every cell', () => {
  const [chart] = analysed([...bySeed({}), ...bySeed({ goal: 0, responseTimeMs: 72 })]).charts
  expect(chart?.svg.match(/<circle/g)).toHaveLength(4)
})
