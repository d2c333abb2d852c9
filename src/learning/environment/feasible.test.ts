import { expect, it } from 'vitest'
import { ConfigError, InvalidInputError } from '../../errors.ts'
import { Random } from '../../random.ts'
import { allAvailable } from './availability.ts'
import type { Availability, Problem, State } from './environment.ts'
import { decisionOf, FeasibleDecisions, indexOf, jointDecisionCount } from './feasible.ts'

const NONE = new Float32Array(0)

function problemOf(devices: number, accuracies: readonly number[]): Problem {
  return {
    devices,
    stateSize: 0,
    choices: accuracies.map((accuracyPercent, index) => ({
      placement: { tier: 'end', variant: `d${index}` },
      accuracyPercent,
    })),
  }
}

function stateOf(goalPercent: number, available: Availability): State {
  return { features: NONE, goalPercent, available }
}

/** HL paper, Table III, then d0 at the edge and in the cloud. */
const TABLE_3 = [89.9, 88.2, 84.9, 74.2, 88.9, 87.0, 83.2, 72.8, 89.9, 89.9]
const all = (devices: number) => allAvailable(problemOf(devices, TABLE_3))

it('numbers joint decisions in mixed radix, device 0 most significant', () => {
  const problem = problemOf(3, [1, 2, 3, 4])
  expect(jointDecisionCount(problem)).toBe(64)
  expect(indexOf([1, 2, 3], problem)).toBe(1 * 16 + 2 * 4 + 3)
  for (let index = 0; index < 64; index++) {
    expect(indexOf(decisionOf(index, problem), problem)).toBe(index)
  }
})

it('knows how many decisions of five devices meet each goal', () => {
  const feasible = new FeasibleDecisions(problemOf(5, TABLE_3))
  const count = (goal: number) => feasible.indices(stateOf(goal, all(5))).length
  expect(count(0)).toBe(100_000)
  // Only d0, at one of three tiers, reaches 89.9 %: 3^5 decisions (hl-penalty: 243 of 100,000).
  expect(count(89.9)).toBe(243)
  expect(count(80)).toBeGreaterThan(count(85))
  expect(count(85)).toBeGreaterThan(count(89))
})

it('counts the goal itself as met, although the sum is not exact in floating point', () => {
  const problem = problemOf(5, [83.2, 72.8])
  const feasible = new FeasibleDecisions(problem)
  // (72.8 + 4 · 83.2) / 5 = 81.12
  const available = allAvailable(problem)
  expect(feasible.includes([1, 0, 0, 0, 0], stateOf(81.12, available))).toBe(true)
  expect(feasible.includes([1, 0, 0, 0, 0], stateOf(81.13, available))).toBe(false)
  expect((89.9 * 3) / 3).not.toBe(89.9)
  // So many that single-precision sums of accuracies would not be whole numbers.
  const many = problemOf(3001, [89.93])
  expect([...new FeasibleDecisions(many).indices(stateOf(89.93, allAvailable(many)))]).toEqual([0])
})

it('agrees with checking every decision one by one (fuzz)', () => {
  const random = new Random(11)
  for (let round = 0; round < 60; round++) {
    const devices = 1 + random.integer(3)
    const accuracies = Array.from(
      { length: 1 + random.integer(5) },
      () => random.integer(1000) / 10,
    )
    const problem = problemOf(devices, accuracies)
    const feasible = new FeasibleDecisions(problem)
    const available = allAvailable(problem).map((row) => row.map(() => random.integer(4) > 0))
    const state = stateOf(random.integer(1000) / 10, available)
    const expected: number[] = []
    for (let index = 0; index < accuracies.length ** devices; index++) {
      const decision = decisionOf(index, problem)
      const tenths = decision.reduce((sum, c) => sum + Math.round((accuracies[c] ?? NaN) * 10), 0)
      const meets = tenths >= Math.round(state.goalPercent * 10) * devices
      const open = decision.every((choice, device) => available[device]?.[choice])
      expect(feasible.includes(decision, state)).toBe(meets && open)
      if (meets && open) expected.push(index)
    }
    if (expected.length === 0) {
      expect(() => feasible.indices(state)).toThrow(InvalidInputError)
    } else {
      expect([...feasible.indices(state)]).toEqual(expected)
      expect([...feasible.indices({ ...state })]).toEqual(expected)
    }
  }
})

it('forgets old sets but not what they were', () => {
  const feasible = new FeasibleDecisions(problemOf(2, TABLE_3))
  const goals = [70, 75, 80, 85, 87, 89]
  const sizes = () => goals.map((goal) => feasible.indices(stateOf(goal, all(2))).length)
  expect(sizes()).toEqual(sizes())
})

it('names the best there is when no decision meets the goal', () => {
  const feasible = new FeasibleDecisions(problemOf(2, [89.9, 72.8]))
  const ask =
    (...available: Availability) =>
    () =>
      feasible.indices(stateOf(82, available))
  expect(ask([false, true], [false, true])).toThrow(/goal of 82 %.*reachable.* 72\.8 %/)
  expect(ask([true, true], [false, true])).toThrow(/reachable average accuracy is 81\.35 %/)
  expect(ask([true, true], [false, false])).toThrow(/no choice is available to device 1 now/)
})

it('refuses a fleet too large to search and says what to do', () => {
  expect(jointDecisionCount(problemOf(6, TABLE_3))).toBe(1_000_000)
  expect(() => new FeasibleDecisions(problemOf(7, TABLE_3))).toThrow(ConfigError)
  expect(() => new FeasibleDecisions(problemOf(7, TABLE_3))).toThrow(
    /7 devices with 10 choices.*10000000.*fewer devices.*--agent fixed:/,
  )
})
