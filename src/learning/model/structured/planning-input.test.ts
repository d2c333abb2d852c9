import { describe, expect, it } from 'vitest'
import type { PlanningProblem } from '../../planner/problem.ts'
import { refresh } from './learning.ts'
import { CHOICES, CLOUD, EDGE, observe, problemOf, stateOf } from './model.fixture.ts'
import { planningInput, type View } from './planning-input.ts'
import { StructuredModel } from './structured-model.ts'

const EXPECTED: View = { kind: 'expected' }
const optimistic = (deviations: number): View => ({ kind: 'optimistic', deviations })
const D7 = 7

/** What three devices have shown of themselves, of the edge and of the cloud. */
function taught(): StructuredModel {
  const model = new StructuredModel(problemOf(3))
  observe(model, 10, [D7, EDGE, EDGE], [20, 50, 50])
  observe(model, 10, [D7, 0, CLOUD], [20, 90, 70])
  return model
}

function inputOf(model: StructuredModel, view = EXPECTED, isCapped = true): PlanningProblem {
  return planningInput(model, stateOf(model.problem), view, isCapped)
}

/** All times of a problem in one list. */
function timesOf({ ownTimesMs, edgeCurvesMs, cloudCurveMs }: PlanningProblem): number[] {
  return [...ownTimesMs, ...edgeCurvesMs.flatMap((curve) => [...curve]), ...cloudCurveMs]
}

describe('the planning problem', () => {
  it('is of the fleet and the goal of the state', () => {
    const model = new StructuredModel(problemOf(3, 2, { edgeOf: [1, 0, 1] }))
    const state = { ...stateOf(model.problem), goalPercent: 85 }
    const input = planningInput(model, state, EXPECTED, true)
    expect(input).toMatchObject({ devices: 3, goalPercent: 85 })
    expect([...input.edgeOf]).toEqual([1, 0, 1])
    expect(input.edgeCurvesMs).toHaveLength(2)
    expect(input.ownTimesMs).toHaveLength(3 * CHOICES)
  })

  it('is closed where the state says so, and nowhere else', () => {
    const model = taught()
    const state = stateOf(model.problem)
    const available = state.available.map((row, device) =>
      row.map((_, choice) => (device + choice) % 3 > 0),
    )
    const { ownTimesMs } = planningInput(model, { ...state, available }, EXPECTED, true)
    for (const [index, ms] of ownTimesMs.entries()) {
      const isOpen = available[Math.floor(index / CHOICES)][index % CHOICES]
      expect(Number.isFinite(ms)).toBe(isOpen)
    }
  })

  it('has what was seen for what is believed', () => {
    const { ownTimesMs, edgeCurvesMs, cloudCurveMs } = inputOf(taught())
    const within = (ms: number, seenMs: number) => {
      expect(ms).toBeGreaterThan(0.9 * seenMs)
      expect(ms).toBeLessThan(1.1 * seenMs)
    }
    within(ownTimesMs[D7], 20)
    within(ownTimesMs[CHOICES], 90)
    within(ownTimesMs[CHOICES + EDGE] + edgeCurvesMs[0][1], 50)
    within(ownTimesMs[2 * CHOICES + CLOUD] + cloudCurveMs[0], 70)
  })

  it('lets a node have twice as many users as it ever had, if it is capped, and all of them else', () => {
    const lengths = (model: StructuredModel, isCapped: boolean) => {
      const { edgeCurvesMs, cloudCurveMs } = inputOf(model, EXPECTED, isCapped)
      return [edgeCurvesMs[0].length, cloudCurveMs.length]
    }
    const model = new StructuredModel(problemOf(5))
    expect(lengths(model, true)).toEqual([1, 1])
    expect(lengths(model, false)).toEqual([5, 5])
    observe(model, 1, [EDGE, EDGE, CLOUD, D7, D7], [50, 50, 50, 20, 20])
    expect(lengths(model, true)).toEqual([4, 2])
    observe(model, 1, [EDGE, EDGE, EDGE, D7, D7], [50, 50, 50, 20, 20])
    expect(lengths(model, true)).toEqual([5, 2])
  })

  it('has a weak link on the way of its own device alone', () => {
    const model = taught()
    const plain = inputOf(model)
    const weak = planningInput(model, stateOf(model.problem, [], [0]), EXPECTED, true)
    for (const choice of [D7, EDGE, CLOUD]) {
      expect(weak.ownTimesMs[choice]).toBeGreaterThan(plain.ownTimesMs[choice])
    }
    expect([...weak.ownTimesMs.subarray(CHOICES)]).toEqual([...plain.ownTimesMs.subarray(CHOICES)])
  })

  it('is the same each time, and leaves no trace in what is known', () => {
    const model = taught()
    const first = inputOf(model)
    const before = structuredClone(model.save())
    for (const view of [optimistic(2), optimistic(-1), { kind: 'drawn', seed: 3 }] as const) {
      inputOf(model, view)
    }
    expect(inputOf(model)).toEqual(first)
    expect(model.save()).toEqual(before)
  })
})

describe('optimism', () => {
  it('makes nothing slower, pessimism nothing faster, and more of it more so', () => {
    const model = taught()
    const views = [-2, -1, 0, 1, 2].map((deviations) =>
      timesOf(inputOf(model, optimistic(deviations))),
    )
    for (let view = 1; view < views.length; view++) {
      for (const [index, ms] of views[view].entries()) {
        expect(ms).toBeLessThanOrEqual(views[view - 1][index])
      }
    }
    expect(views[2]).toEqual(timesOf(inputOf(model)))
  })

  it('spreads what was tried by as many deviations as asked for', () => {
    const model = taught()
    const logOf = (deviations: number) =>
      Math.log(inputOf(model, optimistic(deviations)).ownTimesMs[D7])
    expect(logOf(0) - logOf(2)).toBeCloseTo(2 * (logOf(0) - logOf(1)), 9)
    expect(logOf(0) - logOf(1)).toBeGreaterThan(0)
  })

  it('takes as many deviations off a way whose link is weak', () => {
    const model = taught()
    const weak = stateOf(model.problem, [], [0])
    const ownMs = (view: View) => planningInput(model, weak, view, true).ownTimesMs[EDGE]
    const expectedMs = ownMs(EXPECTED)
    const { mean, variance } = model.delayEstimate(weak.features, 0, EDGE)
    // As shares, since either is times the mean of the tail.
    expect(1 - ownMs(optimistic(2)) / expectedMs).toBeCloseTo((2 * Math.sqrt(variance)) / mean, 9)
    expect(variance).toBeGreaterThan(0)
  })

  it('is never too sure of a variant that the device did not run', () => {
    // All others need half as long again for it, again and again: by that alone it would be all but known.
    const model = new StructuredModel(problemOf(12))
    const last = 11
    const all = Array.from({ length: 12 }, (_, device) => device)
    for (let round = 0; round < 60; round++) {
      const decision = all.map((device) => (device < last && round % 2 === 0 ? 6 : D7))
      observe(
        model,
        1,
        decision,
        decision.map((choice) => (choice === 6 ? 30 : 20)),
      )
      refresh(model)
    }
    const ratio = (device: number, choice: number) => {
      const at = device * CHOICES + choice
      return inputOf(model, optimistic(1)).ownTimesMs[at] / inputOf(model).ownTimesMs[at]
    }
    expect(ratio(0, 6)).toBeGreaterThan(0.95)
    expect(ratio(last, D7)).toBeGreaterThan(0.95)
    expect(ratio(last, 6)).toBeCloseTo(Math.exp(-0.25), 9)
  })
})

describe('a drawn world', () => {
  it('is one and the same for a seed, and another for another', () => {
    const model = taught()
    const of = (seed: number) => timesOf(inputOf(model, { kind: 'drawn', seed }))
    expect(of(1)).toEqual(of(1))
    expect(of(1)).not.toEqual(of(2))
  })

  it('scatters about what is expected as much as that is unsure', () => {
    const model = taught()
    const logs = Array.from({ length: 400 }, (_, seed) =>
      Math.log(inputOf(model, { kind: 'drawn', seed }).ownTimesMs[D7]),
    )
    const mean = logs.reduce((sum, log) => sum + log, 0) / logs.length
    const variance = logs.reduce((sum, log) => sum + (log - mean) ** 2, 0) / logs.length
    const expectedLog = Math.log(inputOf(model).ownTimesMs[D7])
    const deviation = expectedLog - Math.log(inputOf(model, optimistic(1)).ownTimesMs[D7])
    expect(Math.abs(mean - expectedLog)).toBeLessThan((4 * deviation) / Math.sqrt(logs.length))
    expect(Math.sqrt(variance) / deviation).toBeGreaterThan(0.85)
    expect(Math.sqrt(variance) / deviation).toBeLessThan(1.15)
  })
})
