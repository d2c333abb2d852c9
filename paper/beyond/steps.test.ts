import { expect, test } from 'vitest'
import { Random } from '../../src/random.ts'
import type { Comparison } from '../report.ts'
import { learnedRuns } from './example-runs.fixture.ts'
import { CONVERGED, FLEET_STEPS, LEARNER_STEPS, RATIO, SLOW_STEPS, stepsOf } from './steps.ts'

const random = new Random(1)
const uniform = () => random.uniform()

const settledAt = (...steps: (number | null)[]) =>
  steps.map((step) => ({ settledAt: { '1 %': step, '2 %': 1, '5 %': 0 } }))

/** By the last name of the cell. */
function valuesOf(comparisons: readonly Comparison[], measure: string, cell: object = {}) {
  const own = comparisons.filter(
    (each) =>
      each.measure === measure &&
      Object.entries(cell).every(([name, value]) => each.cell[name] === value),
  )
  return Object.fromEntries(own.map((each) => [Object.values(each.cell).at(-1), each.ours]))
}

test('steps are interquartile means and 95th percentiles over seeds and goals', () => {
  const runs = [
    ...learnedRuns({ goal: 80 }, settledAt(0, 2, 3, 100)),
    ...learnedRuns({ goal: 89 }, settledAt(1, 4, 5, 200)),
  ]
  const { settled } = stepsOf(runs, uniform)
  // Of 0 1 2 3 4 5 100 200 a quarter goes from either end: 2 3 4 5.
  expect(valuesOf(settled, LEARNER_STEPS, { learner: 'factored', goal: 'all' })).toEqual({
    '1 %': 3.5,
    '1 % p95': 200,
    '2 %': 1,
    '2 % p95': 1,
    '5 %': 0,
    '5 % p95': 0,
  })
  expect(valuesOf(settled, LEARNER_STEPS, { goal: '80 %' })['1 %']).toBe(2.5)
})

test('a run that has not settled counts as infinitely many steps', () => {
  const runs = learnedRuns({ study: 'fleets', fleet: 'unique' }, settledAt(1, 2, 3, null))
  const { settled } = stepsOf(runs, uniform)
  const values = valuesOf(settled, FLEET_STEPS, { fleet: 'unique', users: '5' })
  expect(values['1 %']).toBe(2.5)
  expect(values['1 % p95']).toBeNull()
  expect(settled[0]?.note).toBe('1 of 4 runs not settled')
})

test('responses are told apart', () => {
  const of = { study: 'slow responses', fleet: 'classes' } as const
  const { settled } = stepsOf(
    [
      ...learnedRuns({ ...of, slow: { share: 0.03, factor: 10 } }, settledAt(7)),
      ...learnedRuns({ ...of, lost: 0.1 }, settledAt(9)),
    ],
    uniform,
  )
  const one = (responses: string) => valuesOf(settled, SLOW_STEPS, { responses })['1 %']
  expect(one('3 % take 10 times as long')).toBe(7)
  expect(one('10 % lost')).toBe(9)
})

test('convergence by the rule of Table VI stands beside the paper’s counts, and as a ratio to factored’s', () => {
  const at = (...steps: (number | null)[]) => steps.map((convergedAt) => ({ convergedAt }))
  const runs = [
    ...learnedRuns({}, at(2, 4, 6)),
    ...learnedRuns({ fleet: 'D' }, at(2, 4, 6, 4)),
    ...learnedRuns({ agent: 'dqn' }, at(400, 800, null)),
  ]
  const { converged, ratios } = stepsOf(runs, uniform)
  const row = (learner: string) =>
    converged.find(({ measure, cell }) => measure === CONVERGED && cell['learner'] === learner)
  expect(row('factored')).toMatchObject({ ours: 4, paper: 6000, verdict: 'better' })
  expect(row('dqn')).toMatchObject({ ours: 800, paper: 70_000, note: '2 of 3 converged' })
  // Where both were: in D the other learner has no run.
  expect(valuesOf(ratios, RATIO, { learner: 'dqn' })).toEqual({ '85 %': 200 })
  expect(ratios[0]?.note).toBe('800 ÷ 4')
})
