/** Small worlds that isolate one thing each that an agent may get wrong. */
import type { Profile } from '../../learning/agents/baselines/oracle.ts'
import { PENALTY_MS } from '../../learning/agents/regime.ts'
import { allAvailable } from '../../learning/environment/availability.ts'
import type { Decision, Outcome, Problem, State } from '../../learning/environment/environment.ts'
import { decisionOf, jointDecisionCount } from '../../learning/environment/feasible.ts'
import { Random } from '../../random.ts'

export interface World {
  readonly name: string
  readonly problem: Problem
  /** Real steps within which an agent must have solved it. */
  readonly steps: number
  /** γ that it takes to solve it. */
  readonly discount: number
  /** Its states; the first is the initial one. */
  readonly states: readonly State[]
  /** What an oracle is told; without it no profile can hold this world. */
  readonly profile?: Profile
  /** Noise-free, ms. Shape [devices]. */
  responseTimesMs(decision: Decision, state: State): number[]
  /** The state that follows. */
  next(state: State, decision: Decision, step: number): State
}

/** Relative standard deviation of every response time. */
const NOISE = 0.02

const ACCURACIES = [89.9, 83.2, 72.8, 89.9]
/** Response time of each choice, alone: three local variants and the edge. */
const ALONE_MS = [465, 108, 72, 351]

/** The last choice is the edge. */
function problemOf(devices: number, stateSize: number, accuracies = ACCURACIES): Problem {
  return {
    devices,
    stateSize,
    choices: accuracies.map((accuracyPercent, index) => ({
      placement: { tier: index === accuracies.length - 1 ? 'edge' : 'end', variant: `d${index}` },
      accuracyPercent,
    })),
  }
}

/** Of two devices. @param lost choice that none of them may take */
function stateOf(features: readonly number[], goalPercent = 0, lost?: number): State {
  return {
    features: Float32Array.from(features),
    goalPercent,
    available: allAvailable(problemOf(2, features.length)).map((row) =>
      row.map((_, choice) => choice !== lost),
    ),
  }
}

/** Two devices, of which the second is 20 % slower; goals and availability change every few steps. */
export const changingGoals: World = {
  name: 'changing goals',
  problem: problemOf(2, 1),
  steps: 60,
  discount: 0,
  states: [
    stateOf([0], 80),
    stateOf([0], 89),
    stateOf([1], 80, 3),
    stateOf([1], 0, 2),
    stateOf([0], 89.9),
    stateOf([0], 70, 3),
  ],
  profile: profileOf((choice) => ALONE_MS[choice] ?? NaN, 1.2),
  responseTimesMs: (decision) =>
    decision.map((choice, device) => (ALONE_MS[choice] ?? NaN) * (device === 0 ? 1 : 1.2)),
  next: (_, __, step) => changingGoals.states[Math.floor(step / 5) % 6],
}

/** Nothing matters: whatever an agent learns but the constant is an error. */
export function constantCost(costMs: number): World {
  return {
    ...changingGoals,
    name: `constant cost of ${costMs} ms`,
    profile: profileOf(() => costMs, 1),
    responseTimesMs: (decision) => decision.map(() => costMs),
  }
}

/** A weak link (feature 1) makes the edge slow, which is otherwise best. */
export const stateDependentCost: World = {
  name: 'state-dependent cost',
  problem: problemOf(2, 1),
  steps: 700,
  discount: 0,
  states: [stateOf([0]), stateOf([1])],
  responseTimesMs: (decision, { features: [weak = 0] }) =>
    decision.map((choice) => (choice === 3 ? 40 + 400 * weak : (ALONE_MS[choice] ?? NaN))),
  next: (_, __, step) => stateDependentCost.states[new Random(step).integer(2)],
}

/** The edge is best for one device, and by far the worst for two. */
export const sharedEdge: World = {
  name: 'two-device coupling by a shared edge',
  problem: problemOf(2, 0),
  steps: 200,
  discount: 0,
  states: [stateOf([])],
  profile: {
    responseTimesMs: {
      ...profileOf((choice) => ALONE_MS[choice] ?? NaN, 1).responseTimesMs,
      'edge/d3': [
        [40, 400],
        [40, 400],
      ],
    },
  },
  responseTimesMs: (decision) => {
    const users = decision.filter((choice) => choice === 3).length
    return decision.map((choice) => (choice === 3 ? [40, 400][users - 1] : ALONE_MS[choice]) ?? NaN)
  },
  next: (state) => state,
}

/** Two choices that are good only together. */
export const agreement: World = {
  ...sharedEdge,
  name: 'two-device coupling by agreement',
  responseTimesMs: ([first = 0, second = 0]) =>
    first === 1 && second === 2 ? [50, 50] : [200, 200 + 10 * (first + second)],
}

/** What is best without the goal breaks it, and the best that meets it is next to what does not. */
export const goalCliff: World = {
  ...sharedEdge,
  name: 'a goal at the edge of a cliff',
  // Two of choice 1 have 83.2 % at 108 ms; with choice 2 for one of them it would be 78 % at 90 ms.
  states: [stateOf([], 82)],
  profile: profileOf((choice) => ALONE_MS[choice] ?? NaN, 1),
  responseTimesMs: (decision) => decision.map((choice) => ALONE_MS[choice] ?? NaN),
}

/** One device holds a variant, the other none; then the other way round. The edge is theirs both, but slow for two. */
export const unequalDevices: World = {
  ...sharedEdge,
  name: 'devices that hold different variants',
  states: [
    {
      ...stateOf([], 80),
      available: [
        [false, false, true, true],
        [false, false, false, true],
      ],
    },
    {
      ...stateOf([], 80),
      available: [
        [false, false, false, true],
        [false, true, false, true],
      ],
    },
  ],
  next: (_, __, step) => unequalDevices.states[Math.floor(step / 5) % 2],
}

/** The choice that is fast now makes the next round slow for everyone, whatever is chosen then. */
export const delayedCost: World = {
  name: 'delayed cost',
  problem: problemOf(1, 1, [70, 70]),
  steps: 300,
  discount: 0.5,
  states: [0, 1].map((busy) => ({
    features: Float32Array.of(busy),
    goalPercent: 0,
    available: [[true, true]],
  })),
  responseTimesMs: ([choice], { features: [busy = 0] }) => [(choice === 0 ? 10 : 30) + 100 * busy],
  next: (_, [choice]) => delayedCost.states[choice === 0 ? 1 : 0],
}

/**
 * The noise depends on the step alone, so that a run can be continued by another agent. A decision that breaks the goal, which
 * no agent takes that knows accuracies, costs the penalty.
 */
export function outcomeOf(world: World, state: State, decision: Decision, step: number): Outcome {
  const random = new Random(step)
  const responseTimesMs = world
    .responseTimesMs(decision, state)
    .map((ms) => ms * (1 + NOISE * random.normal()))
  const accuracyPercent = decision.map(
    (choice) => world.problem.choices[choice]?.accuracyPercent ?? NaN,
  )
  const isBroken = mean(accuracyPercent) < state.goalPercent - 1e-9
  return {
    state: world.next(state, decision, step + 1),
    responseTimesMs,
    accuracyPercent,
    cost: isBroken ? PENALTY_MS : mean(responseTimesMs),
  }
}

/** Every decision that is available in this state and meets its goal, the slow and obvious way. */
export function feasibleDecisions({ problem }: World, state: State): Decision[] {
  return Array.from({ length: jointDecisionCount(problem) }, (_, index) =>
    decisionOf(index, problem),
  ).filter((decision) => {
    const accuracies = decision.map((choice) => problem.choices[choice]?.accuracyPercent ?? NaN)
    return (
      decision.every((choice, device) => state.available[device]?.[choice]) &&
      mean(accuracies) >= state.goalPercent - 1e-9
    )
  })
}

/** How many times the least possible response time this decision has, if only the step itself counts. */
export function regretRatio(world: World, decision: Decision, state: State): number {
  const responseTimeMs = (other: Decision) => mean(world.responseTimesMs(other, state))
  const leastMs = Math.min(...feasibleDecisions(world, state).map(responseTimeMs))
  return responseTimeMs(decision) / leastMs
}

function profileOf(aloneMs: (choice: number) => number, secondFactor: number): Profile {
  const rows = (choice: number, loads: number) =>
    [1, secondFactor].map((factor) => Array<number>(loads).fill(aloneMs(choice) * factor))
  return {
    responseTimesMs: {
      'end/d0': rows(0, 1),
      'end/d1': rows(1, 1),
      'end/d2': rows(2, 1),
      'edge/d3': rows(3, 2),
    },
  }
}

function mean(values: readonly number[]): number {
  return values.reduce((sum, value) => sum + value, 0) / values.length
}
