import { expect, test } from 'vitest'
import type { Choice } from '../../fleet/choice.ts'
import { allAvailable } from '../environment/availability.ts'
import type { Decision, Problem, State } from '../environment/environment.ts'
import type { Agent } from './agent.ts'
import { alternativesOf, bestFixed } from './beliefs.ts'

const choices: readonly Choice[] = [
  { placement: { tier: 'end', variant: 'd0' }, accuracyPercent: 90 },
  { placement: { tier: 'end', variant: 'd7' }, accuracyPercent: 70 },
  { placement: { tier: 'edge', variant: 'd0' }, accuracyPercent: 90 },
]
const problem: Problem = { devices: 2, choices, stateSize: 0 }
const state: State = {
  features: new Float32Array(),
  goalPercent: 80,
  available: allAvailable(problem),
}
/** It believes that choices take 40, 10 and 20 ms, and twice that for the second device. */
const agent = {
  believe: (_: State, decisions: readonly Decision[]) =>
    decisions.map((decision) => ({
      responseTimesMs: Float64Array.from(
        decision,
        (choice, device) => [40, 10, 20][choice] * (device + 1),
      ),
      spreadsMs: Float64Array.from(decision, (choice) => (choice === 2 ? spreadMs : 1)),
    })),
} as unknown as Agent
let spreadMs = 1

test('one device takes another choice, and all others do as they do', () => {
  const alternatives = alternativesOf(agent, problem, state, [0, 0], 1)
  expect(alternatives?.map(({ responseTimeMs, fleetMs }) => [responseTimeMs, fleetMs])).toEqual([
    [80, 60],
    [20, 30],
    [40, 40],
  ])
  // (90 + 70) / 2 keeps the goal of 80; beside a 70 it would not.
  expect(alternatives?.map(({ meetsGoal }) => meetsGoal)).toEqual([true, true, true])
  const beside = alternativesOf(agent, problem, state, [1, 0], 1)
  expect(beside?.map(({ meetsGoal }) => meetsGoal)).toEqual([true, false, true])
})

test('of what a device cannot take no time is told', () => {
  const closed = {
    ...state,
    available: [
      [true, true, true],
      [true, true, false],
    ],
  }
  const [, , edge] = alternativesOf(agent, problem, closed, [0, 0], 1) ?? []
  expect(edge).toEqual({ choice: 2, accuracyPercent: 90, isOpen: false, meetsGoal: true })
})

test('the best fixed strategy keeps the goal, is open to all, and known well enough', () => {
  expect(bestFixed(agent, problem, state)).toEqual({ choice: 'edge/d0', responseTimeMs: 30 })
  expect(bestFixed(agent, problem, { ...state, goalPercent: 70 })?.choice).toBe('end/d7')
  const closed = {
    ...state,
    available: [
      [true, true, true],
      [true, true, false],
    ],
  }
  expect(bestFixed(agent, problem, closed)).toEqual({ choice: 'end/d0', responseTimeMs: 60 })
  spreadMs = 10
  expect(bestFixed(agent, problem, state)?.choice).toBe('end/d0')
  spreadMs = 1
})

test('an agent without a model of devices tells nothing', () => {
  const silent = {} as unknown as Agent
  expect(alternativesOf(silent, problem, state, [0, 0], 0)).toBeUndefined()
  expect(bestFixed(silent, problem, state)).toBeUndefined()
})
