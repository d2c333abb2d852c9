import { describe, expect, test } from 'vitest'
import { Random } from '../../random.ts'
import { Completion } from './completion.ts'
import { Dual } from './dual.ts'
import type { Instance } from './instance.ts'
import { layOut } from './lay-out.ts'
import { SAMPLE_SHAPES, sampleProblem } from './sample-problems.fixture.ts'

const PRICES = { accuracyMs: 3, cloudMs: 300 }

function setUp(shape: (typeof SAMPLE_SHAPES)[number], devices: number, seed: number) {
  const problem = sampleProblem({ devices, edges: 2, goalPercent: 85, shape }, new Random(seed))
  const instance = layOut(problem)
  const dual = new Dual(instance)
  dual.evaluate(PRICES.accuracyMs, PRICES.cloudMs)
  return { instance, dual, completion: new Completion(instance, dual.reduced, PRICES) }
}

/** The cheapest priced completion of rows from `row` on, by trying all of them. */
function naive(instance: Instance, row: number, users: number, ms = 0): number {
  const { devices, start, own, choices, loss, firstEdge, firstCloud, edgeTotals } = instance
  if (row === devices) return ms
  const edge = start.findLastIndex((from) => from <= row)
  const totals = edgeTotals[edge]
  let least = Number.POSITIVE_INFINITY
  for (let column = 0; column < choices; column++) {
    const more = users + Number(column >= firstEdge && column < firstCloud)
    if (more >= totals.length) continue
    const price = PRICES.accuracyMs * loss[column] + (column >= firstCloud ? PRICES.cloudMs : 0)
    const isLast = row + 1 === start[edge + 1]
    const edgeMs = isLast ? totals[more] : 0
    const sum = ms + own[row * choices + column] + price + edgeMs
    least = Math.min(least, naive(instance, row + 1, isLast ? 0 : more, sum))
  }
  return least
}

describe.each(SAMPLE_SHAPES)('%s', (shape) => {
  test('is the cheapest completion at these prices', () => {
    for (let seed = 1; seed < 4; seed++) {
      const { instance, completion } = setUp(shape, 4, seed)
      for (let row = 0; row < 4; row++) {
        const edge = instance.start.findLastIndex((from) => from <= row)
        const before = row - instance.start[edge]
        for (let users = 0; users <= before; users++) {
          expect(completion.from(row, users)).toBeCloseTo(naive(instance, row, users), 6)
        }
      }
      expect(completion.from(4, 0)).toBe(0)
    }
  })

  test('of all rows it is the relaxation itself', () => {
    const { instance, dual, completion } = setUp(shape, 40, 9)
    const withoutBudget = dual.value + PRICES.accuracyMs * instance.budget
    expect(completion.from(0, 0)).toBeCloseTo(withoutBudget, 6)
  })
})
