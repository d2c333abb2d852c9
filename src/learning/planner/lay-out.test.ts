import { describe, expect, test } from 'vitest'
import { layOut } from './lay-out.ts'
import type { PlanningProblem } from './problem.ts'

/** Choices in an order of their own, devices of two edges mixed. */
const problem: PlanningProblem = {
  devices: 3,
  choices: [
    { placement: { tier: 'cloud', variant: 'd0' }, accuracyPercent: 89.9 },
    { placement: { tier: 'end', variant: 'd0' }, accuracyPercent: 89.9 },
    { placement: { tier: 'edge', variant: 'd4' }, accuracyPercent: 88.9 },
    { placement: { tier: 'end', variant: 'd7' }, accuracyPercent: 72.8 },
  ],
  ownTimesMs: Float64Array.from([1, 2, 3, 4, 11, 12, 13, 14, 21, 22, 23, 24]),
  edgeOf: Int32Array.from([1, 0, 1]),
  edgeCurvesMs: [Float64Array.from([5, 7, 9]), Float64Array.from([6])],
  cloudCurveMs: Float64Array.from([10, 20, 30, 40]),
  goalPercent: 85,
}

test('columns go by tier, rows by edge, and both know where they are from', () => {
  const instance = layOut(problem)
  expect([...instance.choiceOf]).toEqual([1, 3, 2, 0])
  expect([instance.firstEdge, instance.firstCloud]).toEqual([2, 3])
  expect([...instance.deviceOf]).toEqual([1, 0, 2])
  expect([...instance.start]).toEqual([0, 1, 3])
  expect([...instance.own]).toEqual([12, 14, 13, 11, 2, 4, 3, 1, 22, 24, 23, 21])
})

test('losses and the budget count whole hundredths', () => {
  const instance = layOut(problem)
  expect([...instance.loss]).toEqual([0, 1710, 100, 0])
  // 3 · (8990 - 8500), where 89.9 · 100 is 8990.000000000001 or a bit less.
  expect(instance.budget).toBe(1470)
  expect(layOut({ ...problem, goalPercent: 85.001 }).budget).toBe(26970 - 25501)
})

test('an accuracy between hundredths counts as the lower one', () => {
  const choices = problem.choices.map((choice) => ({
    ...choice,
    accuracyPercent: choice.accuracyPercent + 0.009,
  }))
  expect(layOut({ ...problem, choices }).mostHundredths).toBe(8990)
})

test('curves become totals, of no more users than may use the node', () => {
  const { edgeTotals, cloudTotals } = layOut(problem)
  expect(edgeTotals.map((totals) => [...totals])).toEqual([
    [0, 5],
    [0, 6],
  ])
  expect([...cloudTotals]).toEqual([0, 10, 40, 90])
})

describe('what no decision can use is closed', () => {
  test('choices of a node without room', () => {
    const { own, closedMs } = layOut({ ...problem, cloudCurveMs: new Float64Array(0) })
    expect([own[3], own[7], own[11]]).toEqual([closedMs, closedMs, closedMs])
    expect(own.filter((ms) => ms === closedMs)).toHaveLength(3)
  })

  test('an infinite time', () => {
    const { own, closedMs } = layOut({
      ...problem,
      ownTimesMs: problem.ownTimesMs.with(4, Infinity),
    })
    expect(own[3]).toBe(closedMs)
    expect(closedMs).toBeGreaterThan(24 + 30 * 3)
    expect(closedMs).toBeLessThan(Infinity)
  })

  test('all but the most accurate where the goal leaves no room', () => {
    const { own, closedMs, accuracyMatters } = layOut({ ...problem, goalPercent: 89.9 })
    expect([...own].map((ms) => ms === closedMs)).toEqual(
      [1, 2, 3].flatMap(() => [false, true, true, false]),
    )
    expect(accuracyMatters).toBe(false)
  })
})

test.each([
  [0, false],
  [72.8, false],
  [72.9, true],
  [89.8, true],
  [89.9, false],
])('at a goal of %d %% accuracy matters: %s', (goalPercent, matters) => {
  expect(layOut({ ...problem, goalPercent }).accuracyMatters).toBe(matters)
})
