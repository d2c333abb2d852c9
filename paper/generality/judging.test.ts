import { describe, expect, test } from 'vitest'
import type { GeneralityRun, RunCell } from './cells.ts'
import { type Change, finished } from './example-runs.fixture.ts'
import {
  atMost,
  EARLY_EXTRA,
  iqm,
  judged,
  MEAN_FINAL,
  PROBING_COST,
  p95,
  probingCost,
  REGRET_RATIO,
  roundsOf,
  unsettled,
  WORST_FINAL,
} from './judging.ts'
import type { GeneralitySettings } from './settings.ts'
import { NEVER_FORGETS, sweep } from './sweep.ts'

const [SETTINGS] = sweep({ quick: true, seeds: 1 })

function run(change: Change = {}, settings: Partial<GeneralitySettings> = {}): GeneralityRun {
  return finished({ ...SETTINGS, ...settings }, change)
}

/** A run for each number of rounds until it is within 1 %; null: never. */
function settledIn(...rounds: readonly (number | null)[]): GeneralityRun[] {
  return rounds.map((count) => run({ settledAt: { '1 %': count, '2 %': 0, '5 %': 0 } }))
}

function extraOf(first100: number, from500: number | null = 0): Change {
  return { extraPercent: { first100, all: 0, last200: 0, from500 } }
}

const cellOf = (name: string, runs: readonly GeneralityRun[]): RunCell => ({ cell: { name }, runs })

describe('statistics, by hand', () => {
  test('rounds are those of the tolerance asked for, endless where a run does not settle', () => {
    const runs = settledIn(7, null)
    expect(roundsOf(runs, '1 %')).toEqual([7, Number.POSITIVE_INFINITY])
    expect(roundsOf(runs, '5 %')).toEqual([0, 0])
  })

  test('an interquartile mean leaves a quarter at either end', () => {
    // Of eight, two at each end: (3 + 4 + 5 + 10) / 4.
    const runs = settledIn(10, 1, null, 3, 2, 5, 4, 900)
    expect(iqm('1 %').of(runs)).toBe(5.5)
  })

  test('the 95th percentile of twenty is the nineteenth', () => {
    const runs = settledIn(...Array.from({ length: 19 }, (_, index) => index + 1), null)
    expect(p95('1 %').of(runs)).toBe(19)
    expect(p95('1 %').of(runs.slice(1))).toBe(Number.POSITIVE_INFINITY)
  })

  test('the share that does not settle', () => {
    expect(unsettled('1 %').of(settledIn(1, null, 3, null))).toBe(0.5)
    expect(unsettled('2 %').of(settledIn(1, null, 3, null))).toBe(0)
  })

  test('the worst and the mean of final decisions, and the extra time of the first hundred', () => {
    const runs = [run({ finalPercent: 0.5 }), run({ finalPercent: 4 }), run({ finalPercent: 1.5 })]
    expect(WORST_FINAL.of(runs)).toBe(4)
    expect(MEAN_FINAL.of(runs)).toBe(2)
    expect(EARLY_EXTRA.of([run(extraOf(10)), run(extraOf(30))])).toBe(20)
  })

  test('probing costs what the agent that forgets has more than the one that never does', () => {
    const never = { overrides: NEVER_FORGETS }
    const runs = [run(extraOf(0, 0.6)), run(extraOf(0, 0.8)), run(extraOf(0, 0.1), never)]
    expect(probingCost(runs)).toBeCloseTo(0.6, 12)
    expect(probingCost(runs.slice(0, 2))).toBeNaN()
    expect(probingCost([...runs, run(extraOf(0, null))])).toBeNaN()
    expect(PROBING_COST.sides?.(runs).map(({ length }) => length)).toEqual([2, 1])
  })

  test('regret is a ratio of means, of hybrid to the bandit', () => {
    const of = (agent: string, percent: number) => run(extraOf(percent), { agent })
    const runs = [of('hybrid', 10), of('hybrid', 30), of('bandit', 80), of('factored', 1)]
    expect(REGRET_RATIO.of(runs)).toBe(0.25)
    expect(REGRET_RATIO.of(runs.slice(0, 2))).toBeNaN()
    expect(REGRET_RATIO.sides?.(runs).map(({ length }) => length)).toEqual([2, 1])
  })
})

describe('a claim of cells', () => {
  const good = cellOf('good', settledIn(...Array(10).fill(5)))
  const slow = cellOf('slow', settledIn(...Array(10).fill(8)))
  const few = cellOf('few', settledIn(...Array(9).fill(5)))
  const endless = cellOf('endless', settledIn(...Array(10).fill(null)))

  test('holds if all of them do, the bound included', () => {
    const { holds, measured } = judged('soon', [good, slow], iqm('1 %'), atMost(8))
    expect(holds).toBe(true)
    expect(measured).toBe(
      'largest 8; 2 of 2 cells; of 20 runs 0 do not settle strictly, 0 by 95 % of the checks',
    )
  })

  test('fails by the one that does not, and names it', () => {
    const { holds, measured } = judged('soon', [good, slow], iqm('1 %'), atMost(7.9))
    expect(holds).toBe(false)
    expect(measured).toContain('1 of 2 cells; not slow 8;')
  })

  test('fails where a cell has fewer than ten runs, however good', () => {
    expect(judged('soon', [good, few], iqm('1 %'), atMost(99))).toMatchObject({
      holds: false,
      measured: expect.stringContaining('not few 5 (9 runs)'),
    })
    const nothing = judged('soon', [cellOf('empty', [])], iqm('1 %'), atMost(99))
    expect(nothing.measured).toMatch(/^not run; 0 of 1 cells; not empty – \(0 runs\)/)
  })

  test('fails where what it shows is infinite, and without any cell', () => {
    const all = () => true
    expect(judged('soon', [good, endless], iqm('1 %'), all)).toMatchObject({
      holds: false,
      measured: expect.stringMatching(/^largest ∞; 1 of 2 cells; not endless ∞; of 20 runs 10 do/),
    })
    expect(judged('soon', [], iqm('1 %'), all).holds).toBe(false)
  })

  test('needs runs enough on either side of what it compares', () => {
    const own = Array.from({ length: 10 }, () => run(extraOf(10), { agent: 'hybrid' }))
    const others = Array.from({ length: 10 }, () => run(extraOf(40), { agent: 'bandit' }))
    const judge = (runs: readonly GeneralityRun[]) =>
      judged('less', [cellOf('both', runs)], REGRET_RATIO, atMost(0.25))
    expect(judge([...own, ...others])).toMatchObject({
      holds: true,
      measured: 'largest 0.25; 1 of 1 cells',
    })
    expect(judge([...own, ...others.slice(1)]).measured).toContain('not both 0.25 (9 runs)')
  })

  test('names no more than eight cells, and counts the others', () => {
    const cells = Array.from({ length: 11 }, (_, index) => ({
      ...slow,
      cell: { name: `c${index}` },
    }))
    const { measured } = judged('soon', cells, iqm('1 %'), atMost(1))
    expect(measured).toContain('c7 8 and 3 others')
    expect(measured).not.toContain('c8')
  })
})
