import { describe, expect, test } from 'vitest'
import { Random } from '../../random.ts'
import { withoutDominated } from './dominance.ts'
import type { Instance } from './instance.ts'
import { layOut } from './lay-out.ts'
import type { PlanningProblem } from './problem.ts'
import { sampleProblem } from './sample-problems.fixture.ts'

/** One device: at the device, and escalations to the edge, by time, accuracy and share. */
function problemOf(
  atEnd: readonly [ownMs: number, percent: number][],
  atEdge: readonly [ownMs: number, percent: number, share: number][],
): PlanningProblem {
  const placement = { tier: 'end', variant: 'small' } as const
  const to = { tier: 'edge', variant: 'large' } as const
  return {
    devices: 1,
    choices: [
      ...atEnd.map(([, accuracyPercent]) => ({ placement, accuracyPercent })),
      ...atEdge.map(([, accuracyPercent, share]) => {
        return { placement, accuracyPercent, escalation: { to, margin: 0.5, share } }
      }),
    ],
    ownTimesMs: Float64Array.from([...atEnd, ...atEdge], ([ownMs]) => ownMs),
    edgeOf: Int32Array.of(0),
    // A load takes what it is of a second: 1000 · w alone.
    edgeCurvesMs: [Float64Array.of(1000)],
    cloudCurveMs: new Float64Array(0),
    goalPercent: 0,
  }
}

/** What is left, as indices of the problem's choices. */
const leftOf = (problem: PlanningProblem) => [...layOut(problem).choiceOf]

describe('what is left out', () => {
  const edge: [number, number, number] = [10, 90, 0.2]

  test('is slower at no gain in accuracy, or as slow at a loss', () => {
    const atEnd: [number, number][] = [
      [50, 80],
      [60, 80],
      [50, 79],
      [40, 70],
      [70, 85],
    ]
    expect(leftOf(problemOf(atEnd, [edge]))).toEqual([0, 3, 4, 5])
  })

  test('is never what loads its node less, or another node', () => {
    const slower = [20, 89, 0.1] as [number, number, number]
    expect(leftOf(problemOf([[5, 95]], [edge, slower]))).toEqual([0, 1, 2])
    const asMuch = [20, 89, 0.2] as [number, number, number]
    expect(leftOf(problemOf([[50, 80]], [edge, asMuch]))).toEqual([0, 1])
  })
})

test.each([1, 2, 3, 4])('of drawn fleets is dominated, and nothing else, seed %d', (seed) => {
  const options = { devices: 12, edges: 2, goalPercent: 0, shape: 'odd', cascades: true } as const
  const whole = layOut({ ...sampleProblem(options, new Random(seed)) })
  // All that is still open stays so.
  expect(withoutDominated(whole)).toEqual(whole)
  const dominates = (instance: Instance, row: number, one: number, other: number) => {
    const { choices, own, load, loss, firstEdge, firstCloud } = instance
    const nodeOf = (column: number) => Number(column >= firstEdge) + Number(column >= firstCloud)
    const at = row * choices
    return (
      one !== other &&
      nodeOf(one) === nodeOf(other) &&
      load[at + one] === load[at + other] &&
      own[at + one] <= own[at + other] &&
      loss[one] <= loss[other]
    )
  }
  for (let row = 0; row < whole.devices; row++) {
    const open = [...whole.loss.keys()].filter(
      (column) => whole.own[row * whole.choices + column] !== whole.closedMs,
    )
    for (const one of open) {
      expect(open.some((other) => dominates(whole, row, one, other))).toBe(false)
    }
  }
})
