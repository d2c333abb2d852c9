import { expect, it } from 'vitest'
import { Random } from '../../random.ts'
import { ExactConstraint } from '../constraint/exact.ts'
import { openToAll } from '../environment/availability.fixture.ts'
import { allAvailable } from '../environment/availability.ts'
import type { Problem, State } from '../environment/environment.ts'
import { indexOf } from '../environment/feasible.ts'
import { Exploration } from './exploration.ts'

const ACCURACIES = [89.9, 88.9, 87, 83.2, 72.8]
const PROBLEM: Problem = {
  devices: 4,
  stateSize: 0,
  choices: ACCURACIES.map((accuracyPercent, index) => ({
    placement: { tier: 'end', variant: `d${index}` },
    accuracyPercent,
  })),
}

function stateOf(goalPercent: number): State {
  return { features: new Float32Array(0), goalPercent, available: allAvailable(PROBLEM) }
}

/** How many of the 20 (device, choice) pairs the first ten explorations meet. */
function coverage(exploration: Exploration, random: Random, counted: boolean): number {
  const pairs = new Set<string>()
  for (let step = 0; step < 10; step++) {
    const decision = exploration.rule(random)(stateOf(0))
    for (const [device, choice] of decision.entries()) pairs.add(`${device} ${choice}`)
    if (counted) exploration.count(decision)
  }
  return pairs.size
}

it('meets every choice of every device within twice the number of choices', () => {
  const feasible = new ExactConstraint(PROBLEM)
  expect(coverage(new Exploration(PROBLEM, feasible), new Random(1), true)).toBe(20)
  // Without counts it is as uniform as its draws.
  expect(coverage(new Exploration(PROBLEM, feasible), new Random(1), false)).toBeLessThan(20)
})

it('stays feasible', () => {
  const feasible = new ExactConstraint(PROBLEM)
  const exploration = new Exploration(PROBLEM, feasible)
  const random = new Random(2)
  for (let step = 0; step < 50; step++) {
    const decision = exploration.rule(random)(stateOf(88))
    expect(feasible.allowed(stateOf(88))).toContain(indexOf(decision, PROBLEM))
    exploration.count(decision)
  }
})

it('draws all its randomness at once, and continues after restore', () => {
  const feasible = new ExactConstraint(PROBLEM)
  const exploration = new Exploration(PROBLEM, feasible)
  const rule = exploration.rule(new Random(3))
  expect(rule(stateOf(80))).toEqual(rule(stateOf(80)))
  for (let step = 0; step < 5; step++) exploration.count(rule(stateOf(80)))
  const restored = new Exploration(PROBLEM, feasible)
  restored.restore(exploration.save())
  expect(restored.rule(new Random(4))(stateOf(0))).toEqual(
    exploration.rule(new Random(4))(stateOf(0)),
  )
})

it('knows how little is known of each joint decision', () => {
  const problem = { ...PROBLEM, devices: 2, choices: PROBLEM.choices.slice(0, 2) }
  const exploration = new Exploration(problem, new ExactConstraint(problem))
  for (let time = 0; time < 3; time++) exploration.count([0, 1])
  // Three times taken: 1/4; never: 1. Decisions 00, 01, 10, 11.
  expect([...exploration.novelties()]).toEqual([1.25, 0.5, 2, 1.25])
  expect(exploration.novelty([1, 1])).toBe(1.25)
})

it('starts anew only where something new became feasible', () => {
  const exploration = new Exploration(PROBLEM, new ExactConstraint(PROBLEM))
  const without = (lost: number, goalPercent: number) => ({
    ...stateOf(goalPercent),
    available: openToAll(
      PROBLEM,
      ACCURACIES.map((_, choice) => choice !== lost),
    ),
  })
  const onlyFirstHas = (choice: number) => ({
    ...without(choice, 85),
    available: without(choice, 85).available.with(
      0,
      ACCURACIES.map(() => true),
    ),
  })
  const ageAfter = (state: State, step: number) => {
    exploration.notice(state, step)
    return exploration.age(step)
  }
  expect(ageAfter(without(0, 85), 0)).toBe(0)
  expect(ageAfter(onlyFirstHas(0), 5)).toBe(0) // choice 0 is new to device 0
  expect(ageAfter(without(1, 85), 10)).toBe(0) // and to the others
  expect(ageAfter(stateOf(88), 20)).toBe(10) // a higher goal
  expect(ageAfter(stateOf(80), 30)).toBe(0) // a lower one
  expect(ageAfter(without(3, 85), 40)).toBe(10) // a tier lost
  expect(ageAfter(stateOf(80), 50)).toBe(20) // and back
  const restored = new Exploration(PROBLEM, new ExactConstraint(PROBLEM))
  restored.restore(structuredClone(exploration.save()))
  restored.notice(stateOf(80), 60)
  expect(restored.age(60)).toBe(30)
})
