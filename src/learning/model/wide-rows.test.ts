import { expect, it } from 'vitest'
import { Random } from '../../random.ts'
import type { Problem } from '../environment/environment.ts'
import { decisionOf } from '../environment/feasible.ts'
import { argmin } from '../environment/ranking.ts'
import { WideRows } from './wide-rows.ts'

function problemOf(devices: number, choices: number): Problem {
  return {
    devices,
    stateSize: 0,
    choices: Array.from({ length: choices }, (_, index) => ({
      placement: { tier: 'end' as const, variant: `m${index}` },
      accuracyPercent: 80,
    })),
  }
}

it('has, by hand, a row for each of two devices that take the same', () => {
  const rows = new WideRows(problemOf(2, 3))
  // 1 · base, 3 choices, 6 own pairs: 10; then two numbers of users for each choice.
  expect([rows.ownSize, rows.size]).toEqual([10, 16])
  // Base, choice 2, the device's own choice 2, and a second user of choice 2.
  expect(rows.ofDevices([2, 2]).map(({ indices }) => indices)).toEqual([
    [0, 3, 6, 15],
    [0, 3, 9, 15],
  ])
  expect(rows.ofDevices([0, 2]).map(({ indices }) => indices)).toEqual([
    [0, 1, 4],
    [0, 3, 9],
  ])
})

it.each([
  [1, 4],
  [2, 3],
  [4, 3],
  [5, 2],
])(
  'gives every decision of %i devices and %i choices what its row does, and finds the best',
  (devices, choices) => {
    const problem = problemOf(devices, choices)
    const rows = new WideRows(problem)
    const random = new Random(devices)
    const weights = Float64Array.from({ length: rows.size }, () => random.normal())
    const costs = rows.costs(weights)
    expect(costs).toHaveLength(choices ** devices)
    for (const [index, cost] of costs.entries()) {
      const { indices, values } = rows.ofRound(decisionOf(index, problem))
      const expected = indices.reduce((sum, i, k) => sum + values[k] * weights[i], 0)
      expect(cost).toBeCloseTo(expected, 4)
    }
    const allowed = Uint32Array.from(costs.keys()).filter(() => random.uniform() < 0.5)
    const more = Float32Array.from(costs, () => random.normal())
    expect(rows.best(weights, allowed)).toBe(argmin(costs, allowed))
    expect(rows.best(weights, allowed, more, 2)).toBe(
      argmin(
        costs.map((cost, index) => cost + 2 * more[index]),
        allowed,
      ),
    )
  },
)
