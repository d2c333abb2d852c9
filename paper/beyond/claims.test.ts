import { expect, test } from 'vitest'
import type { Comparison } from '../report.ts'
import { BROKEN, CAREFUL } from './accuracies.ts'
import { FOUND, RATIO } from './changes.ts'
import { claimsOf } from './claims.ts'
import { EXTRA, RULE_PRICE } from './costs.ts'
import { SAVED } from './delivery.ts'
import { learnedRuns } from './example-runs.fixture.ts'
import { CONVERGED, FLEET_STEPS, LEARNER_STEPS, SLOW_STEPS } from './steps.ts'

const RUNS = learnedRuns({}, [{}, {}, {}, {}, {}])

function measured(
  measure: string,
  cell: Record<string, string>,
  ours: number | null,
  note = '',
): Comparison {
  const interval = { low: ours && ours * 0.9, high: ours && ours * 1.1 }
  return { measure, cell, paper: null, ours, ...interval, verdict: 'not in the paper', note }
}

/** The one claim that begins so. */
function claim(start: string, comparisons: readonly Comparison[], runs = RUNS) {
  const own = claimsOf(runs, comparisons).filter((each) => each.claim.startsWith(start))
  expect(own).toHaveLength(1)
  return own[0]
}

test('a quick sweep claims nothing, and nothing is claimed of what was not measured', () => {
  expect(claimsOf(RUNS.slice(0, 4), [])).toEqual([])
  expect(claimsOf(RUNS, []).map(({ claim: text }) => text)).toEqual([
    'The goal is never broken, by no decision, taken or greedy, in no run.',
  ])
})

test('steps have bounds for the mean and for the 95th percentile, and what fails is marked', () => {
  const steps = (mean: number, p95: number | null) =>
    claim('Scenarios A to D', [
      measured(LEARNER_STEPS, { learner: 'factored', goal: 'all', within: '1 %' }, mean),
      measured(LEARNER_STEPS, { learner: 'factored', goal: 'all', within: '1 % p95' }, p95),
      measured(LEARNER_STEPS, { learner: 'hybrid', goal: 'all', within: '1 %' }, 900),
    ])
  expect(steps(5, 50)?.holds).toBe(true)
  expect(steps(5.1, 50)?.holds).toBe(false)
  expect(steps(4, null)?.holds).toBe(false)
  expect(steps(4, null)?.measured).toBe('all 1 %: 4 [3.6, 4.4]; all 1 % p95: ∞ [∞, ∞] ✗')
})

test('larger fleets are compared with the interval of five users of their own kind', () => {
  const at = (fleet: string, users: string, ours: number) =>
    measured(FLEET_STEPS, { fleet, users, within: '1 %' }, ours)
  const growth = (large: number) =>
    claim('No growth', [at('classes', '5', 20), at('unique', '5', 10), at('unique', '100', large)])
  expect(growth(10.9)?.holds).toBe(true)
  expect(growth(12)?.holds).toBe(false)
})

test('of slow responses, unsettled runs count by their share', () => {
  const slow = (note: string) =>
    claim('With 3 %', [
      measured(
        SLOW_STEPS,
        { fleet: 'classes', responses: '3 % take 3 times as long', within: '1 %' },
        17,
        note,
      ),
      measured(
        SLOW_STEPS,
        { fleet: 'classes', responses: '10 % lost', within: '1 %' },
        99,
        '9 of 9',
      ),
    ])
  expect(slow('2 of 100 runs not settled')?.holds).toBe(true)
  expect(slow('3 of 100 runs not settled')?.holds).toBe(false)
})

test.each([
  ['At least 100 times', CONVERGED, { learner: 'factored', goal: '85 %' }, 60, 61],
  ['Where no response is slow', RULE_PRICE, { fleet: 'classes' }, 1.1, 1.11],
  [
    'Learning takes',
    EXTRA,
    { learner: 'factored', fleet: 'A to D', users: '5', during: 'first 100 rounds' },
    4,
    4.1,
  ],
  [
    'And at most 0.5 %',
    EXTRA,
    { learner: 'factored', fleet: 'unique', users: '5', during: 'first 1,000 rounds' },
    0.5,
    0.6,
  ],
  ['What becomes twice', FOUND, { users: '5', event: 'busiest edge × 2' }, 6, 7],
  ['Drift (factored)', RATIO, { agent: 'factored', phase: 'event' }, 0.25, 0.26],
  ['Recovery (factored)', RATIO, { agent: 'factored', phase: 'recovery' }, 0.5, 0.51],
  [
    'Event and recovery together (factored)',
    RATIO,
    { agent: 'factored', event: 'busiest edge × 2', phase: 'both' },
    0.25,
    0.26,
  ],
  ['Pushed decisions', SAVED, { scenario: 'D', goal: 'Min' }, 40, 39],
  ['And higher ones nowhere', SAVED, { scenario: 'A', goal: 'Max' }, 0, -1],
  ['Where accuracies', BROKEN, { agent: CAREFUL, goal: '85 %' }, 5, 6],
])('"%s" holds up to its bound', (start, measure, cell, good, bad) => {
  expect(claim(start, [measured(measure, cell, good)])?.holds).toBe(true)
  expect(claim(start, [measured(measure, cell, bad)])?.holds).toBe(false)
})

test('a goal broken once is told, but where accuracies are not known', () => {
  const [first, ...others] = learnedRuns({}, [{ violations: 1 }, {}, {}, {}, {}])
  const broken = claim(
    'The goal is never',
    [],
    [first, ...others].flatMap((run) => run ?? []),
  )
  expect(broken?.holds).toBe(false)
  expect(broken?.measured).toBe('1 of 5 runs broke it')
  const measuredOnly = learnedRuns({ study: 'accuracies' }, [{ violations: 1 }, {}, {}, {}, {}])
  expect(claim('The goal is never', [], measuredOnly)?.holds).toBe(true)
})
