import { expect, test } from 'vitest'
import { Random } from '../../src/random.ts'
import { filesOf } from '../files.ts'
import { analyse } from './analysis.ts'
import { EXTRA, RULE_PRICE } from './costs.ts'
import { changedRun, driftedRun, learnedRun, traffickedRun } from './example-runs.fixture.ts'

const RUNS = [
  learnedRun(),
  learnedRun({ study: 'fleets', fleet: 'classes' }, { violations: 2 }),
  learnedRun({
    study: 'slow responses',
    fleet: 'classes',
    slow: { share: 0.03, factor: 3 },
    steps: 300,
  }),
  learnedRun({ study: 'delivery', fleet: 'D', decisions: 'pushed', steps: 300 }),
  learnedRun({ study: 'delivery', fleet: 'D', decisions: 'consulted', steps: 300 }),
  driftedRun({}, [1, 2, 3]),
  driftedRun({ overrides: { forget: 0 } }, [1, 4, 6]),
  traffickedRun({}),
  changedRun({}, [1, 2, 3]),
  changedRun({ carriesOver: false }, [1, 4, 6]),
]

function report(runs = RUNS) {
  const random = new Random(1)
  return analyse(runs, () => random.uniform())
}

test('tells steps, goals broken, and extra time of those runs that are long enough', () => {
  const { summary, comparisons } = report()
  expect(summary).toContain('factored 10.0')
  expect(summary).toContain('The goal was broken 2 times in 10 runs')
  const extra = comparisons.filter(({ measure }) => measure === EXTRA)
  expect(extra.map(({ cell, ours }) => [cell['fleet'], cell['during'], ours])).toEqual([
    ['A to D', 'first 100 rounds', 3],
    ['A to D', 'first 1,000 rounds', 0.4],
    ['classes', 'first 100 rounds', 3],
    ['classes', 'first 1,000 rounds', 0.4],
    ['classes and unique, 3 % take 3 times as long', 'first 100 rounds', 3],
  ])
})

test('what the rule against slow responses costs is of the same fleets, goals and seeds', () => {
  const fleets = { study: 'fleets', fleet: 'classes' } as const
  const without = { ...fleets, study: 'slow responses', overrides: { slowResponses: 0 } } as const
  const { comparisons } = report([
    learnedRun({ ...fleets, seed: 101 }, { regretMs: 110 }),
    learnedRun({ ...fleets, seed: 102 }, { regretMs: 220 }),
    learnedRun({ ...fleets, seed: 103 }, { regretMs: 9999 }),
    learnedRun({ ...without, seed: 102 }, { regretMs: 200 }),
    learnedRun({ ...without, seed: 101 }, { regretMs: 100 }),
  ])
  const price = comparisons.find(({ measure }) => measure === RULE_PRICE)
  expect(price?.ours).toBeCloseTo(330 / 300, 9)
})

test('is the same for the same runs, and can be written of any part of them', () => {
  expect(report()).toEqual(report())
  for (const run of RUNS) {
    const reproduction = { name: 'beyond', title: 'b', command: 'c', quick: true, runs: [run] }
    const page = filesOf(report([run]), reproduction).find(({ name }) => name === 'index.html')
    expect(page?.text).not.toMatch(/NaN|undefined/)
  }
})
