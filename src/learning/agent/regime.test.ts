import { expect, it } from 'vitest'
import { InvalidInputError } from '../../errors.ts'
import type { Problem, State } from '../environment/environment.ts'
import { AllowedDecisions, sameState } from './regime.ts'

const PROBLEM: Problem = {
  devices: 2,
  stateSize: 1,
  choices: [90, 80, 70].map((accuracyPercent, index) => ({
    placement: { tier: 'end', variant: `d${index}` },
    accuracyPercent,
  })),
}

const STATE: State = {
  features: Float32Array.of(0.5),
  goalPercent: 85,
  available: [true, true, true],
}

it('masks by the goal only where accuracies are known', () => {
  // Sums of at least 170 %: 90 + 90, 90 + 80, 80 + 90
  expect([...new AllowedDecisions(PROBLEM, 'exact').indices(STATE)]).toEqual([0, 1, 3])
  expect(new AllowedDecisions(PROBLEM, 'penalty').indices(STATE)).toHaveLength(9)
})

it('never allows what is unavailable', () => {
  const state = { ...STATE, goalPercent: 99, available: [false, true, false] }
  expect([...new AllowedDecisions(PROBLEM, 'penalty').indices(state)]).toEqual([4])
  expect(() => new AllowedDecisions(PROBLEM, 'exact').indices(state)).toThrow(InvalidInputError)
})

it('spreads draws over all that is allowed', () => {
  const decisions = new AllowedDecisions(PROBLEM, 'exact')
  const drawn = [0, 0.33, 0.34, 0.66, 0.67, 0.999].map((draw) => decisions.random(STATE, draw))
  expect(drawn).toEqual([0, 0, 1, 1, 3, 3])
})

it('tells states apart by everything that matters to a decision', () => {
  expect(sameState(STATE, structuredClone(STATE))).toBe(true)
  expect(sameState(STATE, { ...STATE, features: Float32Array.of(0.25) })).toBe(false)
  expect(sameState(STATE, { ...STATE, features: Float32Array.of(0.5, 0) })).toBe(false)
  expect(sameState(STATE, { ...STATE, goalPercent: 80 })).toBe(false)
  expect(sameState(STATE, { ...STATE, available: [true, true, false] })).toBe(false)
})
