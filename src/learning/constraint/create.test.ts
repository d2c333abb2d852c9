import { expect, it } from 'vitest'
import { InvalidInputError } from '../../errors.ts'
import { Random } from '../../random.ts'
import { CONSTRAINT } from '../agents/hyperparameters.ts'
import { PENALTY_MS, type Regime } from '../agents/regime.ts'
import { openToAll } from '../environment/availability.fixture.ts'
import { allAvailable } from '../environment/availability.ts'
import type { Problem, State } from '../environment/environment.ts'
import { drawn } from './constraint.ts'
import { createConstraint } from './create.ts'
import { ExactConstraint } from './exact.ts'
import { LearnedConstraint } from './learned.ts'
import { SmoothCliff } from './smooth-cliff.ts'

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
  available: allAvailable(PROBLEM),
}

/** The best of the decisions, but its cost is the penalty. */
const BROKEN = {
  state: STATE,
  decision: [0, 0],
  outcome: { state: STATE, responseTimesMs: [], accuracyPercent: [], cost: PENALTY_MS },
}

function constraintOf(regime: Regime, head = true) {
  return createConstraint(PROBLEM, regime, { ...CONSTRAINT, head }, new Random(1))
}

it('chooses by what is known and what is to be learned', () => {
  expect(constraintOf('exact')).toBeInstanceOf(ExactConstraint)
  expect(constraintOf('exact', false)).toBeInstanceOf(ExactConstraint)
  expect(constraintOf('penalty')).toBeInstanceOf(LearnedConstraint)
  expect(constraintOf('penalty', false)).toBeInstanceOf(SmoothCliff)
})

it('masks by the goal where accuracies are known', () => {
  const exact = constraintOf('exact')
  // Sums of at least 170 %: 90 + 90, 90 + 80, 80 + 90
  expect([...exact.allowed(STATE)]).toEqual([0, 1, 3])
  expect([...exact.explorable(STATE)]).toEqual([0, 1, 3])
  expect(() => exact.allowed({ ...STATE, goalPercent: 91 })).toThrow(InvalidInputError)
})

it('leaves the cliff to the cost where there is no head', () => {
  const cliff = constraintOf('penalty', false)
  expect(cliff.allowed(STATE)).toHaveLength(9)
  expect(cliff.explorable({ ...STATE, goalPercent: 99 })).toHaveLength(9)
  const onlyOne = { ...STATE, available: openToAll(PROBLEM, [false, true, false]) }
  expect([...cliff.allowed(onlyOne)]).toEqual([4])
  const unequal = { ...STATE, available: [onlyOne.available[0], [true, false, true]] }
  expect([...cliff.allowed(unequal)]).toEqual([3, 5])
})

it('has no doubt, and learns from every cost, without a head', () => {
  for (const constraint of [constraintOf('exact'), constraintOf('penalty', false)]) {
    expect(constraint.doubtful(STATE)).toHaveLength(0)
    expect(constraint.isCold(STATE)).toBe(false)
    expect(constraint.observe(BROKEN)).toBe(true)
    constraint.restore(structuredClone(constraint.save()))
    expect(constraint.allowed(STATE)).toContain(0)
  }
})

it('spreads draws over all indices', () => {
  const draws = [0, 0.33, 0.34, 0.66, 0.67, 0.999]
  expect(draws.map((draw) => drawn(Uint32Array.of(4, 7, 9), draw))).toEqual([4, 4, 7, 7, 9, 9])
})
