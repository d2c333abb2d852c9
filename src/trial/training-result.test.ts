import { describe, expect, test } from 'vitest'
import type { Agent, LearningProgress } from '../learning/agents/agent.ts'
import type { Transition } from '../learning/environment/environment.ts'
import { SimulatedEnvironment } from '../simulation/simulated-environment.ts'
import { TimedAgent } from './timed-agent.ts'
import { expected, TrainingRecord } from './training-result.ts'

/** Index of a choice: end/d0 … end/d7, then the edge and the cloud. */
const [D0, D7, EDGE] = [0, 7, 8] as const
const environment = new SimulatedEnvironment({ devices: 2, scenario: 'A', goalPercent: 85 })
const state = environment.currentState()

/** Every call of its clock is a millisecond later; every step plans twice and updates thrice. */
function timedAgent() {
  let nowMs = 0
  let realSteps = 0
  const agent: Agent = {
    name: 'counting',
    get progress(): LearningProgress {
      return { realSteps, plannedSteps: 2 * realSteps, updates: 3 * realSteps }
    },
    decide: () => [D0, D0],
    greedy: () => [D0, D0],
    observe: () => {
      realSteps++
    },
    save: () => undefined,
    restore: () => {},
  }
  return new TimedAgent(agent, { nowMs: () => nowMs++ })
}

function transitionOf(
  responseTimesMs: readonly number[],
  accuracyPercent: readonly number[] = [89.9, 89.9],
): Transition {
  const outcome = { state, responseTimesMs, accuracyPercent, cost: 0 }
  return { state, decision: [D0, D0], outcome }
}

/** One step after another. @param steps response times, accuracies and whether the greedy decision was good then */
function recorded(steps: readonly { transition: Transition; isGood: boolean }[]): TrainingRecord {
  const agent = timedAgent()
  const record = new TrainingRecord(agent, environment)
  for (const { transition, isGood } of steps) {
    agent.observe(transition)
    record.add(transition, isGood)
  }
  return record
}

const repeated = (count: number, transition: Transition, isGood: boolean) =>
  Array.from({ length: count }, () => ({ transition, isGood }))

describe('the result of a training', () => {
  test('counts all steps where it did not converge', () => {
    const record = recorded([
      { transition: transitionOf([100, 300]), isGood: false },
      // (89.9 + 72.8) / 2 = 81.35 is below the goal of 85.
      { transition: transitionOf([50, 70], [89.9, 72.8]), isGood: true },
      { transition: transitionOf([10, 10], [80, 90]), isGood: true },
    ])
    expect(record.hasConverged).toBe(false)
    expect(record.resultOf([EDGE, D7], 99)).toEqual({
      converged: false,
      realSteps: 3,
      plannedSteps: 6,
      updates: 9,
      responseTimeMs: environment.expectedResponseTimeMs([EDGE, D7]),
      oracleResponseTimeMs: 99,
      accuracyPercent: 81.35,
      goalViolations: 1,
      decisions: ['edge/d0', 'end/d7'],
      // 200 + 60 + 10
      experienceSeconds: 0.27,
      // From one call of the clock to the next, once for each step.
      computationSeconds: 0.003,
      steps: 3,
      strictRealSteps: null,
    })
  })

  test('counts up to the step of convergence alone, which later steps prove', () => {
    const record = recorded([
      ...repeated(2, transitionOf([400, 400], [72.8, 72.8]), false),
      ...repeated(1, transitionOf([100, 200]), true),
      ...repeated(500, transitionOf([1000, 1000], [72.8, 72.8]), true),
    ])
    expect(record.steps).toBe(503)
    expect(record.resultOf([D0, D0], 99)).toMatchObject({
      converged: true,
      realSteps: 3,
      plannedSteps: 6,
      updates: 9,
      goalViolations: 2,
      // 400 + 400 + 150
      experienceSeconds: 0.95,
      computationSeconds: 0.003,
      steps: 503,
      strictRealSteps: 3,
    })
  })
})

describe('beside its counts a result', () => {
  test('has the first hundred steps, whenever it converged, and not of a run that was shorter', () => {
    const slow = repeated(50, transitionOf([200, 400]), true)
    const fast = repeated(451, transitionOf([100, 100]), true)
    expect(recorded([...slow, ...fast.slice(0, 49)]).resultOf([D0, D0], 1)).not.toHaveProperty(
      'firstHundredMs',
    )
    const whole = recorded([...slow, ...fast]).resultOf([D0, D0], 1)
    expect(whole).toMatchObject({ realSteps: 1, firstHundredMs: 200 })
  })

  test('is of nothing where nothing was done', () => {
    expect(recorded([]).resultOf([D0, D0], 99)).toMatchObject({
      converged: false,
      realSteps: 0,
      plannedSteps: 0,
      goalViolations: 0,
      experienceSeconds: 0,
      steps: 0,
    })
  })

  test('says how far from the best the agent believes to be, where it does', () => {
    const explanation = { decision: [D0, D0], responseTimeMs: 20, lowerBoundMs: 15, gap: 0.25 }
    expect(recorded([]).resultOf([D0, D0], 99, explanation)).toMatchObject({
      lowerBoundMs: 15,
      gap: 0.25,
    })
  })
})

describe('what a decision is worth', () => {
  test('is its noise-free average, and whether it meets the goal of the moment', () => {
    const own = new SimulatedEnvironment({ devices: 2, scenario: 'A', goalPercent: 85 })
    // Table V, fitted: 58.6 ms and 0.714 ms for each of 569 million, whoever else does so.
    const alone = expected(own, [D0, D0])
    expect(alone.responseTimeMs).toBeCloseTo(58.6 + 569 * 0.714, 9)
    expect(alone).toMatchObject({ accuracyPercent: 89.9, isGoalMet: true })
    expect(expected(own, [D0, D7])).toMatchObject({ accuracyPercent: 81.35, isGoalMet: false })
    own.setGoal(81.35)
    expect(expected(own, [D0, D7]).isGoalMet).toBe(true)
    own.setGoal(81.36)
    expect(expected(own, [D0, D7]).isGoalMet).toBe(false)
  })
})
