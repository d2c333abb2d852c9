import { describe, expect, test } from 'vitest'
import { Random } from '../../random.ts'
import { ExactEdge } from './exact-edge.ts'
import { FractionalEdge } from './fractional-edge.ts'
import { Gains } from './gains.ts'
import type { Instance } from './instance.ts'
import { layOut } from './lay-out.ts'
import { allocateReduced, type Reduced, reduce } from './reduced.ts'
import { SAMPLE_SHAPES, sampleProblem } from './sample-problems.fixture.ts'

/** One edge, its rows' least costs without it, and all else that is asked of a solver. */
function edgeOf(shape: (typeof SAMPLE_SHAPES)[number], seed: number, devices: number) {
  const random = new Random(seed)
  const options = { devices, edges: 1, goalPercent: 80, shape, cascades: true }
  const instance = layOut(sampleProblem(options, random))
  const reduced = allocateReduced(devices, instance.levels.length)
  reduce(instance, 0.3 * random.uniform(), reduced)
  return { instance, reduced, outside: reduced.end, usesEdge: new Uint8Array(devices) }
}

/** Least total of the edge and its rows, by trying every load of every row. */
function naive({ levels, edgeTotals, closedMs }: Instance, reduced: Reduced, row: number): number {
  const [totals] = edgeTotals
  const best = (at: number, units: number): number => {
    if (at < 0) return totals?.[units] ?? Infinity
    let least = best(at - 1, units)
    for (const [level, load] of levels.entries()) {
      const costMs = reduced.edge[at * levels.length + level]
      if (costMs >= closedMs) continue
      least = Math.min(least, costMs - reduced.end[at] + best(at - 1, units + load))
    }
    return least
  }
  return best(row, 0)
}

describe.each(SAMPLE_SHAPES)('%s', (shape) => {
  test('exactly: the best of all loads, and the choices that attain it', () => {
    for (let seed = 1; seed < 20; seed++) {
      const { instance, reduced, outside, usesEdge } = edgeOf(shape, seed, 3)
      const [totals] = instance.edgeTotals
      const value = new ExactEdge(instance, reduced).solve(0, 3, totals, outside, usesEdge)
      expect(value).toBeCloseTo(naive(instance, reduced, 2), 6)
      let [units, attained] = [0, 0]
      for (const [row, uses] of usesEdge.entries()) {
        if (uses === 0) continue
        units += instance.levels[uses - 1]
        attained += reduced.edge[row * instance.levels.length + uses - 1] - outside[row]
      }
      expect(attained + totals[units]).toBeCloseTo(value, 6)
    }
  })

  test('relaxed: never above that, at most one device split, and the value is what it is made of', () => {
    for (let seed = 1; seed < 40; seed++) {
      const { instance, reduced, outside, usesEdge } = edgeOf(shape, seed, 12)
      const [totals] = instance.edgeTotals
      const exact = new ExactEdge(instance, reduced).solve(0, 12, totals, outside, usesEdge.slice())
      const relaxed = new FractionalEdge(instance, reduced, 12)
      const value = relaxed.solve(0, 12, totals, outside, usesEdge)
      expect(value).toBeLessThanOrEqual(exact + 1e-9)
      const at = (row: number, uses: number) =>
        uses === 0
          ? { units: 0, ms: 0 }
          : {
              units: instance.levels[uses - 1],
              ms: reduced.edge[row * instance.levels.length + uses - 1] - outside[row],
            }
      let [units, made] = [0, 0]
      for (const [row, uses] of usesEdge.entries()) {
        units += at(row, uses).units
        made += at(row, uses).ms
      }
      if (relaxed.split) {
        const { row, from, to, share } = relaxed.split
        expect(usesEdge[row]).toBe(from)
        expect(share).toBeGreaterThan(0)
        expect(share).toBeLessThan(1)
        units += share * (at(row, to).units - at(row, from).units)
        made += share * (at(row, to).ms - at(row, from).ms)
      }
      expect(Math.abs(units - Math.round(units))).toBeLessThan(1e-9)
      expect(made + totals[Math.round(units)]).toBeCloseTo(value, 6)
    }
  })
})

test('gains fall from segment to segment, and leave out what lies above the hull', () => {
  const { instance, reduced } = edgeOf('heterogeneous', 1, 1)
  const [outsideMs] = reduced.end
  const gains = new Gains(instance, reduced)
  gains.look(0, outsideMs)
  expect(gains.count).toBeGreaterThan(0)
  let [units, costMs] = [0, outsideMs]
  const corners = [{ units, costMs }]
  for (let i = 0; i < gains.count; i++) {
    if (i > 0) expect(gains.perUnitMs[i]).toBeLessThan(gains.perUnitMs[i - 1])
    units += gains.units[i]
    costMs -= gains.units[i] * gains.perUnitMs[i]
    corners.push({ units, costMs })
    expect(units).toBe(instance.levels[gains.level[i]])
    expect(costMs).toBeCloseTo(reduced.edge[gains.level[i]], 6)
  }
  // No level is below the line between the corners on either side.
  for (const [level, load] of instance.levels.entries()) {
    const right = corners.find((corner) => corner.units >= load)
    const left = corners.findLast((corner) => corner.units <= load)
    if (!right || !left || reduced.edge[level] >= instance.closedMs) continue
    const share = right === left ? 0 : (load - left.units) / (right.units - left.units)
    const lineMs = left.costMs + share * (right.costMs - left.costMs)
    expect(reduced.edge[level]).toBeGreaterThanOrEqual(lineMs - 1e-9)
  }
})
