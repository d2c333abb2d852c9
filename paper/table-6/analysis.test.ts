import { describe, expect, test } from 'vitest'
import { Random } from '../../src/random.ts'
import { changed } from '../example-run.fixture.ts'
import type { Training } from '../trainings.ts'
import { analyse } from './analysis.ts'
import { sweep } from './sweep.ts'

function run(agent: string, realSteps: number | undefined, seed: number): Training {
  return changed({
    agent,
    seed,
    converged: realSteps !== undefined,
    realSteps: realSteps ?? 3000,
    strictRealSteps: realSteps === 100 ? 100 : null,
    updates: 10 * (realSteps ?? 3000),
    responseTimeMs: 142,
    accuracyPercent: 85.1,
  })
}

const cellOf = (agent: string, counts: readonly (number | undefined)[]) =>
  counts.map((count, index) => run(agent, count, index))

function analysed(runs: readonly Training[]) {
  const random = new Random(5)
  return analyse(runs, () => random.uniform())
}

const HYBRID = [100, 110, 90, 100, 100]

describe('one cell', () => {
  test('median, counts and verdict by hand', () => {
    const { comparisons, summary } = analysed(cellOf('hybrid', HYBRID))
    expect(comparisons).toHaveLength(1)
    expect(comparisons[0]).toMatchObject({
      cell: { users: '5', learner: 'hybrid (exact)', goal: '85 %' },
      paper: 6000,
      ours: 100,
      verdict: 'better',
    })
    expect(comparisons[0]?.note).toBe(
      '5 of 5 converge, strict 3; IQM 100, largest 110; 10.0 updates per step',
    )
    expect(summary).toBe(
      'Over all cells, hybrid (exact) converges in 5 of 5 runs, after 100 real steps (median).',
    )
  })

  test('runs that do not converge are no numbers', () => {
    const { comparisons } = analysed(cellOf('hybrid', [100, undefined, undefined]))
    expect(comparisons[0]).toMatchObject({ ours: null, high: null, verdict: 'undecided' })
    expect(comparisons[0]?.note).toContain('1 of 3 converge')
    expect(comparisons[0]?.note).toContain('2 end 0.2 % above the optimum')
  })

  test('runs that end below the goal are no optimum', () => {
    const runs = cellOf('hybrid', [undefined, undefined])
    const broken = runs.map((each, index) => changed({ accuracyPercent: 84.9 + index / 10 }, each))
    expect(analysed(broken).comparisons[0]?.note).toMatch(
      /1 end 0\.2 % above the optimum; 1 end below the goal$/,
    )
  })

  test('none converges: worse than any count', () => {
    const { comparisons, summary } = analysed(cellOf('hybrid', [undefined, undefined]))
    expect(comparisons[0]).toMatchObject({ ours: null, low: null, high: null, verdict: 'worse' })
    expect(summary).toContain('hybrid (exact) converges in 0 of 2 runs, after ∞')
  })

  test('a baseline quicker than the paper’s is no success', () => {
    expect(analysed(cellOf('dqn', HYBRID)).comparisons[0]).toMatchObject({
      paper: 70_000,
      verdict: 'lower',
    })
  })

  test('the paper has no row for 89 %', () => {
    const runs = cellOf('hybrid', HYBRID).map((each) => changed({ goal: 89 }, each))
    expect(analysed(runs).comparisons[0]).toMatchObject({
      paper: null,
      verdict: 'not in the paper',
    })
  })
})

describe('ratios', () => {
  const ratioOf = (dqn: readonly (number | undefined)[], hybrid: readonly (number | undefined)[]) =>
    analysed([...cellOf('dqn', dqn), ...cellOf('hybrid', hybrid)]).comparisons.find(({ measure }) =>
      measure.startsWith('times as many'),
    )

  test('of medians, beside the paper’s 70,000 / 6,000', () => {
    const ratio = ratioOf([2000, 2000, 2000], [100, 100, 100])
    expect(ratio).toMatchObject({ ours: 20, low: 20, high: 20, verdict: 'better' })
    expect(ratio?.paper).toBeCloseTo(11.667, 3)
  })

  test('below the paper’s ratio is worse', () => {
    expect(ratioOf([300, 300, 300], [100, 100, 100])).toMatchObject({ ours: 3, verdict: 'worse' })
  })

  test('a baseline that never converges has no upper bound', () => {
    expect(ratioOf([undefined, undefined], [100, 100])).toMatchObject({
      ours: null,
      verdict: 'better',
    })
  })

  test('are not drawn where hybrid does not converge', () => {
    expect(ratioOf([300, 300], [undefined, undefined])).toBeUndefined()
  })
})

test('the picture is an SVG with a mark for every count', () => {
  const [chart] = analysed(cellOf('hybrid', HYBRID)).charts
  expect(chart?.svg).toMatch(/^<svg [^>]*xmlns="http:\/\/www.w3.org\/2000\/svg"/)
  expect(chart?.svg).toContain('<title>Table VI: real steps to convergence, scenario A</title>')
  expect(chart?.svg).toContain('5 users')
  expect(chart?.svg.match(/<circle/g)).toHaveLength(1)
})

describe('the sweep', () => {
  test('is every agent, number of users, goal and seed once, seeds outermost', () => {
    const runs = sweep({ quick: false, seeds: 10 })
    // Eight learners have all ten seeds, three have five, one has three; and two are of three users and seeds only.
    expect(runs).toHaveLength((8 * 10 + 3 * 5 + 3) * 3 * 5 + 2 * 3 * 5)
    expect(new Set(runs.map((each) => JSON.stringify(each))).size).toBe(runs.length)
    expect(new Set(runs.slice(0, 190).map(({ seed }) => seed)).size).toBe(1)
  })

  test('reports on no seed that chose hyperparameters (1 to 5)', () => {
    expect(Math.min(...sweep({ quick: false, seeds: 3 }).map(({ seed }) => seed))).toBe(101)
  })

  test('a quick one has three users', () => {
    expect(sweep({ quick: true, seeds: 1 }).every(({ users }) => users === 3)).toBe(true)
  })
})
