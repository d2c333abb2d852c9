import { expect, it } from 'vitest'
import { Random } from '../../random.ts'
import { CONSTRAINT, type ConstraintHyperparameters } from '../agents/hyperparameters.ts'
import { PENALTY_MS } from '../agents/regime.ts'
import { openToAll } from '../environment/availability.fixture.ts'
import type { Problem, State, Transition } from '../environment/environment.ts'
import { decisionOf, jointDecisionCount } from '../environment/feasible.ts'
import { LearnedConstraint } from './learned.ts'
import { ViolationHead } from './violation-head.ts'

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

/** Five accuracies of Table III (HL paper). */
const PROBLEM = problemOf(2, [89.9, 88.2, 84.9, 74.2, 72.8])

function stateOf(goalPercent: number, problem = PROBLEM, lost?: number): State {
  const open = problem.choices.map((_, choice) => choice !== lost)
  const available = openToAll(problem, open)
  return { features: new Float32Array(0), goalPercent, available }
}

function constraintOf(seed: number, changes: Partial<ConstraintHyperparameters> = {}) {
  return new LearnedConstraint(
    PROBLEM,
    { ...CONSTRAINT, exploreBelow: 1, ...changes },
    new Random(seed),
  )
}

function isMet(action: number, goalPercent: number, problem = PROBLEM): boolean {
  const decision = decisionOf(action, problem)
  const tenths = decision.map((choice) =>
    Math.round(10 * (problem.choices[choice]?.accuracyPercent ?? NaN)),
  )
  return tenths.reduce((sum, value) => sum + value, 0) >= goalPercent * 10 * problem.devices - 1e-6
}

/** What really happens. */
function transitionOf(action: number, state: State, problem = PROBLEM): Transition {
  const cost = isMet(action, state.goalPercent, problem) ? 100 + action : PENALTY_MS
  const outcome = { state, responseTimesMs: [], accuracyPercent: [], cost }
  return { state, decision: decisionOf(action, problem), outcome }
}

function tryAll(constraint: LearnedConstraint, state: State, actions: Iterable<number>): boolean[] {
  return Array.from(actions, (action) => constraint.observe(transitionOf(action, state)))
}

it('starts with any decision, not with the first: that is the most accurate of all', () => {
  const state = stateOf(89)
  const first = Array.from({ length: 200 }, (_, seed) => [...constraintOf(seed).allowed(state)])
  expect(first.every((allowed) => allowed.length === 1)).toBe(true)
  // 25 decisions, 8 times each on average; hardly any should be missing, and none favoured.
  const times = new Map<number, number>()
  for (const [action = NaN] of first) times.set(action, (times.get(action) ?? 0) + 1)
  expect(times.size).toBeGreaterThan(22)
  expect(Math.max(...times.values())).toBeLessThan(25)
})

it('tells the penalty from a response time by the raw cost', () => {
  const constraint = constraintOf(1)
  const state = stateOf(85)
  const cheap = transitionOf(0, state)
  expect(constraint.observe(cheap)).toBe(true)
  const slow = { ...cheap, outcome: { ...cheap.outcome, cost: 1345 } }
  expect(constraint.observe(slow)).toBe(true)
  expect(constraint.observe(transitionOf(24, state))).toBe(false)
})

it('is cold until something meets the goal, and then lets it be taken', () => {
  const constraint = constraintOf(2)
  const state = stateOf(89)
  expect(constraint.isCold(state)).toBe(true)
  tryAll(constraint, state, [24, 18])
  expect(constraint.isCold(state)).toBe(true)
  tryAll(constraint, state, [0])
  expect(constraint.isCold(state)).toBe(false)
  expect(constraint.allowed(state)).toContain(0)
  // Choice 0 is gone, and with it all that is known to meet the goal.
  expect(constraint.isCold(stateOf(89, PROBLEM, 0))).toBe(true)
  expect(constraintOf(2, { cold: false }).isCold(state)).toBe(false)
})

it('probes what every device does alike until something meets the goal, and nothing twice', () => {
  const constraint = constraintOf(3)
  const state = stateOf(89.9)
  // In radix 5: 00 11 22 33 44
  expect([...constraint.explorable(state)]).toEqual([0, 6, 12, 18, 24])
  tryAll(constraint, state, [12, 24])
  expect([...constraint.explorable(state)]).toEqual([0, 6, 18])
  expect([...constraint.explorable(stateOf(89.9, PROBLEM, 0))]).toEqual([6, 18])
  tryAll(constraint, state, [0])
  // 25 less the two known to break it.
  expect(constraint.explorable(state)).toHaveLength(23)
  expect(constraintOf(3, { probe: false }).explorable(state)).toHaveLength(25)
})

it('never allows what broke the goal, and always what met it', () => {
  const random = new Random(4)
  for (let round = 0; round < 30; round++) {
    const constraint = constraintOf(round, { tied: round % 2 === 0 })
    const state = stateOf(80 + random.integer(10))
    const tried = Array.from({ length: 1 + random.integer(12) }, () => random.integer(25))
    tryAll(constraint, state, tried)
    const allowed = constraint.allowed(state)
    expect(allowed.length).toBeGreaterThan(0)
    for (const action of tried) {
      const met = isMet(action, state.goalPercent)
      if (met || tried.some((other) => isMet(other, state.goalPercent))) {
        expect(allowed.includes(action)).toBe(met)
      }
      expect(constraint.doubtful(state).includes(action)).toBe(false)
    }
  }
})

it('sorts decisions by the head, the slow and obvious way', () => {
  const problem = problemOf(3, [89.9, 83.2, 72.8])
  const random = new Random(5)
  for (const [tied, pooled] of [
    [false, false],
    [false, true],
    [true, false],
  ] as const) {
    for (let round = 0; round < 10; round++) {
      const hyperparameters = { ...CONSTRAINT, tied, pooled, exploreBelow: 0.9 }
      const constraint = new LearnedConstraint(problem, hyperparameters, new Random(round))
      const state = stateOf(82, problem, round % 3 === 0 ? 1 : undefined)
      const labels = new Map<number, 'met' | 'broken'>()
      for (let step = 0; step < 8; step++) {
        const action = random.integer(27)
        constraint.observe(transitionOf(action, state, problem))
        labels.set(action, isMet(action, 82, problem) ? 'met' : 'broken')
      }
      const head = new ViolationHead(problem, hyperparameters)
      const scores = head.scores(head.fit(labels))
      const probability = (action: number) => 1 / (1 + Math.exp(-scores[action]))
      const open = Array.from({ length: 27 }, (_, action) => action).filter((action) =>
        decisionOf(action, problem).every((choice, device) => state.available[device]?.[choice]),
      )
      const unknown = open.filter((action) => !labels.has(action))
      const allowed = open.filter(
        (action) => (labels.get(action) ?? (probability(action) < 0.5 ? 'met' : '')) === 'met',
      )
      if (allowed.length > 0) expect([...constraint.allowed(state)]).toEqual(allowed)
      if (!constraint.isCold(state)) {
        expect([...constraint.explorable(state)]).toEqual(
          open.filter((action) =>
            labels.has(action) ? labels.get(action) === 'met' : probability(action) < 0.9,
          ),
        )
      }
      expect([...constraint.doubtful(state)]).toEqual(
        unknown.filter((action) => probability(action) > 0.2 && probability(action) < 0.95),
      )
    }
  }
})

it('learns the threshold from half of all decisions', () => {
  const problem = problemOf(3, [89.9, 88.2, 84.9, 83.2, 74.2, 72.8])
  const count = jointDecisionCount(problem)
  for (const tied of [false, true]) {
    const constraint = new LearnedConstraint(problem, { ...CONSTRAINT, tied }, new Random(6))
    const state = stateOf(83, problem)
    const random = new Random(7)
    for (let step = 0; step < count / 2; step++) {
      constraint.observe(transitionOf(random.integer(count), state, problem))
    }
    const allowed = new Set(constraint.allowed(state))
    const wrong = Array.from({ length: count }, (_, action) => action).filter(
      (action) => allowed.has(action) !== isMet(action, 83, problem),
    )
    // 56 % are broken, so one who learns nothing is wrong of 44 %.
    expect(wrong.length / count).toBeLessThan(0.08)
  }
})

it('carries over what one goal says of another', () => {
  const constraint = constraintOf(8)
  tryAll(constraint, stateOf(89), [0])
  tryAll(constraint, stateOf(74), [24])
  // 89.9 % meets every lower goal; 72.8 % breaks every higher one.
  for (const goal of [75, 80, 85]) {
    expect(constraint.isCold(stateOf(goal))).toBe(false)
    expect(constraint.allowed(stateOf(goal))).toContain(0)
    expect(constraint.allowed(stateOf(goal))).not.toContain(24)
  }
  expect(constraint.isCold(stateOf(89.9))).toBe(true)
})

it('is not changed by being asked, of whatever goal', () => {
  const asked = constraintOf(9)
  const left = constraintOf(9)
  const random = new Random(10)
  for (let step = 0; step < 40; step++) {
    const state = stateOf([80, 85, 89][Math.floor(step / 7) % 3])
    for (const goal of [0, 80, 85, 89, 90]) asked.allowed(stateOf(goal))
    const action = random.integer(25)
    for (const each of [asked, left]) each.observe(transitionOf(action, state))
    expect(asked.allowed(state)).toEqual(left.allowed(state))
  }
  expect(asked.save()).toEqual(left.save())
})

it('continues after restore as if never interrupted', () => {
  const random = new Random(11)
  const lived = constraintOf(12)
  for (let step = 0; step < 12; step++) {
    lived.observe(transitionOf(random.integer(25), stateOf(85)))
  }
  const restored = constraintOf(13)
  tryAll(restored, stateOf(80), [1, 2, 3])
  restored.restore(structuredClone(lived.save()))
  for (let step = 0; step < 12; step++) {
    const state = stateOf(step < 6 ? 85 : 90)
    for (const ask of ['allowed', 'explorable', 'doubtful', 'isCold'] as const) {
      expect(restored[ask](state)).toEqual(lived[ask](state))
    }
    const action = random.integer(25)
    for (const each of [lived, restored]) each.observe(transitionOf(action, state))
  }
  expect(restored.save()).toEqual(lived.save())
})

it('has nothing to offer where nothing is available', () => {
  const constraint = constraintOf(14)
  const state = { ...stateOf(80), available: [[], []] }
  expect(() => constraint.allowed(state)).toThrow('no choice is available')
})
