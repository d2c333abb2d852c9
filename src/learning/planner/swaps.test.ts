import { expect, test } from 'vitest'
import { Random } from '../../random.ts'
import { Assignment } from './assignment.ts'
import { descend, polish } from './descent.ts'
import { layOut } from './lay-out.ts'
import { allocateReduced, reduce } from './reduced.ts'
import { SAMPLE_SHAPES, sampleProblem } from './sample-problems.fixture.ts'
import { swap } from './swaps.ts'

test.each(SAMPLE_SHAPES)('%s: polishing and swaps only ever gain, and keep the goal', (shape) => {
  for (let seed = 1; seed < 6; seed++) {
    const options = { devices: 60, edges: 3, goalPercent: 85, shape }
    const instance = layOut(sampleProblem(options, new Random(seed)))
    const assignment = new Assignment(instance)
    const reduced = allocateReduced(instance.devices)
    reduce(instance, 1e6, reduced)
    assignment.take(reduced.endColumn)
    descend(assignment, reduced)
    expect(assignment.isFeasible).toBe(true)
    const starts = assignment.totalMs
    polish(assignment)
    const polished = assignment.totalMs
    expect(polished).toBeLessThan(starts)
    swap(assignment, 2)
    expect(assignment.totalMs).toBeLessThanOrEqual(polished)
    expect(assignment.isFeasible).toBe(true)
  }
})

test('a swap buys the accuracy of one device with another', () => {
  // Local d0 and d1 only, two devices: 100 hundredths may be lost. Device 0 saves 10 ms by d1, device 1 saves 30.
  const choices = [90, 80].map((accuracyPercent, variant) => ({
    placement: { tier: 'end' as const, variant: `d${variant}` },
    accuracyPercent,
  }))
  const instance = layOut({
    devices: 2,
    choices,
    ownTimesMs: Float64Array.from([50, 40, 50, 20]),
    edgeOf: new Int32Array(2),
    edgeCurvesMs: [new Float64Array(0)],
    cloudCurveMs: new Float64Array(0),
    goalPercent: 85,
  })
  const assignment = new Assignment(instance)
  assignment.take(Uint16Array.from([1, 0]))
  polish(assignment)
  expect(assignment.decision).toEqual([1, 0])
  swap(assignment, 0.2)
  expect(assignment.decision).toEqual([0, 1])
})
