import { expect, test } from 'vitest'
import { Random } from '../../src/random.ts'
import type { Comparison } from '../report.ts'
import { BACK, changesOf, FOUND, JOINING, JOINING_RATIO, RATIO, REGRET } from './changes.ts'
import { changedRun, driftedRun } from './example-runs.fixture.ts'

const random = new Random(1)
const uniform = () => random.uniform()
const NEVER_FORGETS = { overrides: { forget: 0 } }

function find(comparisons: readonly Comparison[], measure: string, cell: object = {}) {
  return comparisons.find(
    (each) =>
      each.measure === measure &&
      Object.entries(cell).every(([name, value]) => each.cell[name] === value),
  )
}

test('regret of the event and of the recovery, as a ratio to that of never forgetting unseen', () => {
  const comparisons = changesOf(
    [
      driftedRun({ seed: 101 }, [9, 100, 10]),
      driftedRun({ seed: 102 }, [9, 300, 30]),
      driftedRun({ seed: 101, observed: true }, [9, 80, 0]),
      driftedRun({ seed: 102, observed: true }, [9, 80, 0]),
      driftedRun({ seed: 101, ...NEVER_FORGETS }, [9, 600, 40]),
      driftedRun({ seed: 102, ...NEVER_FORGETS }, [9, 1000, 40]),
    ],
    uniform,
  )
  const event = 'busiest edge × 2'
  const hidden = { event, agent: 'factored, sees no states' }
  expect(find(comparisons, REGRET, { ...hidden, phase: 'event' })?.ours).toBe(200)
  expect(find(comparisons, REGRET, { ...hidden, phase: 'both' })?.ours).toBe(220)
  expect(find(comparisons, RATIO, { ...hidden, phase: 'event' })?.ours).toBe(0.25)
  expect(find(comparisons, RATIO, { ...hidden, phase: 'recovery' })?.ours).toBe(0.5)
  expect(find(comparisons, RATIO, { event, agent: 'factored', phase: 'event' })?.ours).toBe(0.1)
  expect(find(comparisons, BACK, { ...hidden, phase: 'event' })?.ours).toBe(4)
})

test('how soon a change is found counts where it was not seen and made a decision slower', () => {
  const found = (foundAfter: number | null, change = {}) =>
    driftedRun(change, [0, 0, 0], { foundAfter })
  const comparisons = changesOf(
    [
      found(3),
      found(5),
      found(null),
      found(90, { observed: true }),
      driftedRun({}, [0, 0, 0], { foundAfter: 80, isHit: false }),
      found(70, { event: { what: 'links', factor: 1 } }),
    ],
    uniform,
  )
  expect(comparisons.filter(({ measure }) => measure === FOUND)).toHaveLength(1)
  const row = find(comparisons, FOUND)
  expect(row?.ours).toBe(5)
  expect(row?.note).toBe('p95 ∞; not found in 1 of 3 runs that it slowed')
})

test('an agent that goes on with another fleet beside one that begins anew', () => {
  const comparisons = changesOf(
    [changedRun({}, [9, 20, 10]), changedRun({ carriesOver: false }, [9, 200, 40])],
    uniform,
  )
  expect(find(comparisons, JOINING, { agent: 'begins anew', change: 'a quarter left' })?.ours).toBe(
    40,
  )
  expect(find(comparisons, JOINING_RATIO, { change: 'a quarter joined' })?.ours).toBe(0.1)
  expect(find(comparisons, JOINING_RATIO, { change: 'a quarter left' })?.ours).toBe(0.25)
})
