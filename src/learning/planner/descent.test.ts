import { describe, expect, test } from 'vitest'
import { Random } from '../../random.ts'
import { Assignment } from './assignment.ts'
import { congestionChange, descend, step } from './descent.ts'
import { layOut } from './lay-out.ts'
import { allocateReduced, reduce } from './reduced.ts'
import { SAMPLE_SHAPES, sampleProblem } from './sample-problems.fixture.ts'

function world(shape: (typeof SAMPLE_SHAPES)[number], seed: number, devices = 60) {
  const random = new Random(seed)
  const problem = sampleProblem({ devices, edges: 3, goalPercent: 85, shape }, random)
  const instance = layOut(problem)
  const assignment = new Assignment(instance)
  const reduced = allocateReduced(devices)
  const edgeOfRow = Array.from(instance.deviceOf, (device) => problem.edgeOf[device])
  return { random, instance, assignment, reduced, edgeOfRow }
}

test('the m-th user adds the difference of totals; there is no room beyond', () => {
  const totals = Float64Array.from([0, 5, 14])
  expect([0, 1, 2, 3].map((m) => step(totals, m))).toEqual([0, 5, 9, Number.POSITIVE_INFINITY])
})

describe.each(SAMPLE_SHAPES)('%s', (shape) => {
  test('descent ends where no single move to a reduced choice gains', () => {
    for (let seed = 1; seed < 6; seed++) {
      const { instance, assignment, reduced, edgeOfRow } = world(shape, seed)
      const accuracyMs = 0.2
      reduce(instance, accuracyMs, reduced)
      assignment.take(reduced.endColumn)
      const pricedMs = () => assignment.totalMs + accuracyMs * assignment.lost
      const before = pricedMs()
      descend(assignment, reduced)
      const after = pricedMs()
      expect(after).toBeLessThanOrEqual(before)
      for (let row = 0; row < instance.devices; row++) {
        const now = assignment.column[row]
        const edge = edgeOfRow[row]
        for (const { [row]: to } of [reduced.endColumn, reduced.edgeColumn, reduced.cloudColumn]) {
          if (to === undefined || instance.own[row * instance.choices + to] === instance.closedMs)
            continue
          assignment.move(row, edge, to)
          expect(pricedMs()).toBeGreaterThanOrEqual(after - 1e-6)
          assignment.move(row, edge, now)
        }
      }
    }
  })

  test('descent stops when enough accuracy is gained, and never passes a limit', () => {
    const { instance, assignment, reduced } = world(shape, 7)
    reduce(instance, 0, reduced)
    assignment.take(reduced.endColumn)
    descend(assignment, reduced)
    const cheapLost = assignment.lost
    expect(cheapLost).toBeGreaterThan(instance.budget)
    reduce(instance, 1e6, reduced)
    descend(assignment, reduced, { untilLost: instance.budget })
    expect(assignment.lost).toBeLessThanOrEqual(instance.budget)
    // The last move gained less than the most one device can.
    expect(assignment.lost).toBeGreaterThan(instance.budget - 1711)
    reduce(instance, 0, reduced)
    descend(assignment, reduced, { mostLost: instance.budget })
    expect(assignment.lost).toBeLessThanOrEqual(instance.budget)
  })

  test('what a move changes at the nodes is what the totals say', () => {
    const { random, instance, assignment, edgeOfRow } = world(shape, 8)
    assignment.take(new Uint16Array(instance.devices))
    for (let moves = 0; moves < 200; moves++) {
      const row = random.integer(instance.devices)
      const edge = edgeOfRow[row]
      const from = assignment.column[row]
      const to = random.integer(instance.choices)
      const ownMs = (column: number) => instance.own[row * instance.choices + column]
      const change = congestionChange(assignment, row, edge, to) + ownMs(to) - ownMs(from)
      const beforeMs = assignment.totalMs
      if (change === Number.POSITIVE_INFINITY) continue
      assignment.move(row, edge, to)
      expect(assignment.totalMs - beforeMs).toBeCloseTo(change, 5)
    }
  })
})
