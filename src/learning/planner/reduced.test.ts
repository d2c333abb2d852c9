import { expect, test } from 'vitest'
import { Random } from '../../random.ts'
import { layOut } from './lay-out.ts'
import { allocateReduced, reduce } from './reduced.ts'
import { SAMPLE_SHAPES, sampleProblem } from './sample-problems.fixture.ts'

test.each(SAMPLE_SHAPES)('%s: the cheapest choice of each tier at any price', (shape) => {
  const options = { devices: 20, edges: 2, goalPercent: 80, shape }
  const instance = layOut(sampleProblem(options, new Random(3)))
  const { devices, choices, own, loss, firstEdge, firstCloud } = instance
  const reduced = allocateReduced(devices)
  for (const accuracyMs of [0, 0.5, 3, 40, 1e5, 0]) {
    reduce(instance, accuracyMs, reduced)
    expect(reduced.accuracyMs).toBe(accuracyMs)
    for (let row = 0; row < devices; row++) {
      const priced = Array.from(
        { length: choices },
        (_, column) => own[row * choices + column] + accuracyMs * loss[column],
      )
      expect(reduced.end[row]).toBe(Math.min(...priced.slice(0, firstEdge)))
      expect(reduced.edge[row]).toBe(Math.min(...priced.slice(firstEdge, firstCloud)))
      expect(reduced.cloud[row]).toBe(Math.min(...priced.slice(firstCloud)))
      expect(priced[reduced.endColumn[row]]).toBe(reduced.end[row])
      expect(priced[reduced.edgeColumn[row]]).toBe(reduced.edge[row])
      expect(priced[reduced.cloudColumn[row]]).toBe(reduced.cloud[row])
    }
  }
})

test('a tier without choices is closed', () => {
  const instance = layOut({
    devices: 2,
    choices: [{ placement: { tier: 'cloud', variant: 'd0' }, accuracyPercent: 90 }],
    ownTimesMs: Float64Array.of(1, 2),
    edgeOf: new Int32Array(2),
    edgeCurvesMs: [new Float64Array(0)],
    cloudCurveMs: Float64Array.of(10, 20),
    goalPercent: 90,
  })
  const reduced = allocateReduced(2)
  reduce(instance, 5, reduced)
  expect([...reduced.cloud]).toEqual([1, 2])
  expect([...reduced.end, ...reduced.edge]).toEqual(new Array(4).fill(instance.closedMs))
})

test.each(SAMPLE_SHAPES)('%s: the cheapest choice of each tier and load', (shape) => {
  const options = { devices: 20, edges: 2, goalPercent: 80, shape, cascades: true }
  const instance = layOut(sampleProblem(options, new Random(3)))
  const { devices, choices, own, loss, load, levels, firstEdge, firstCloud, closedMs } = instance
  const reduced = allocateReduced(devices, levels.length)
  for (const accuracyMs of [0, 0.5, 3, 40]) {
    reduce(instance, accuracyMs, reduced)
    for (let row = 0; row < devices; row++) {
      const costs = (from: number, to: number, units: number) =>
        Array.from({ length: to - from }, (_, index) => row * choices + from + index)
          .filter((at) => own[at] !== closedMs && load[at] === units)
          .map((at) => own[at] + accuracyMs * loss[at % choices])
      expect(reduced.end[row]).toBe(Math.min(closedMs, ...costs(0, firstEdge, 0)))
      for (const [level, units] of levels.entries()) {
        const at = row * levels.length + level
        const atEdge = costs(firstEdge, firstCloud, units)
        const inCloud = costs(firstCloud, choices, units)
        expect(reduced.edge[at]).toBe(Math.min(closedMs, ...atEdge))
        expect(reduced.cloud[at]).toBe(Math.min(closedMs, ...inCloud))
      }
    }
  }
})
