import { expect, test } from 'vitest'
import type { Comparison } from '../report.ts'
import { RATIO } from './changes.ts'
import { chartsOf } from './charts.ts'
import { DELIVERY } from './delivery.ts'
import { CONVERGED, FLEET_STEPS, LEARNER_STEPS } from './steps.ts'

function measured(measure: string, cell: Record<string, string>, ours: number | null): Comparison {
  const verdict = 'not in the paper'
  return { measure, cell, paper: null, ours, low: ours, high: ours, verdict, note: '' }
}

const COMPARISONS = [
  measured(LEARNER_STEPS, { learner: 'factored', goal: 'all', within: '1 %' }, 4),
  measured(LEARNER_STEPS, { learner: 'factored', goal: '85 %', within: '1 %' }, 0),
  measured(CONVERGED, { learner: 'hybrid', goal: '85 %' }, 100),
  measured(FLEET_STEPS, { fleet: 'unique', users: '1,000', within: '5 % p95' }, null),
  measured(FLEET_STEPS, { fleet: 'unique', users: '5', within: '5 %' }, 3),
  measured(RATIO, { users: '5', event: 'busiest edge × 2', agent: 'factored', phase: 'event' }, 0),
  measured(RATIO, { users: '20', event: 'not drawn', agent: 'factored', phase: 'event' }, 1),
  measured(DELIVERY, { decisions: 'pushed', scenario: 'D', goal: 'Min' }, 72),
]

test('draws what was measured, and only that', () => {
  expect(chartsOf([])).toEqual([])
  const charts = chartsOf(COMPARISONS)
  expect(charts.map(({ name }) => name)).toEqual(['learners', 'fleets', 'drift', 'delivery'])
  for (const { svg, caption } of charts) {
    expect(svg).toMatch(/^<svg/)
    expect(svg).not.toContain('NaN')
    expect(caption.length).toBeGreaterThan(50)
  }
  const [learners, fleets, drift, delivery] = charts.map(({ svg }) => svg)
  for (const text of ['stays within 1 %', 'rule of Table VI', 'hybrid', 'goal 85 %']) {
    expect(learners).toContain(text)
  }
  expect(learners).not.toContain('goal all')
  expect(fleets).toContain('p95, 1,000 users')
  expect(drift).toContain('busiest edge × 2')
  expect(drift).not.toContain('not drawn')
  expect(delivery).toContain('scenario D')
})
