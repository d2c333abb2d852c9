import { expect, it } from 'vitest'
import { Random } from '../../random.ts'
import { allAvailable } from '../environment/availability.ts'
import type { Decision, Problem, State } from '../environment/environment.ts'
import { referenceEngine } from '../nn/reference-engine.ts'
import { type CreateAgentOptions, createAgent } from './create.ts'
import { PENALTY_MS, type Regime, sameState } from './regime.ts'

const STATE: State = {
  features: Float32Array.of(0.5),
  goalPercent: 85,
  available: [[true, true, true]],
}

it('tells states apart by everything that matters to a decision', () => {
  expect(sameState(STATE, structuredClone(STATE))).toBe(true)
  expect(sameState(STATE, { ...STATE, features: Float32Array.of(0.25) })).toBe(false)
  expect(sameState(STATE, { ...STATE, features: Float32Array.of(0.5, 0) })).toBe(false)
  expect(sameState(STATE, { ...STATE, goalPercent: 80 })).toBe(false)
  expect(sameState(STATE, { ...STATE, available: [[true, true, false]] })).toBe(false)
  expect(sameState(STATE, { ...STATE, available: [[true, true]] })).toBe(false)
  expect(sameState(STATE, { ...STATE, available: [] })).toBe(false)
})

const ACCURACIES = [89.9, 83.2, 72.8]
const ALONE_MS = [465, 108, 72]

/** What it decides and would decide, as long as it is told these accuracies and two devices meet a goal of 80 by the true ones. */
function lived(
  agent: string,
  regime: Regime,
  told: readonly number[],
  options: Partial<CreateAgentOptions> = {},
): Decision[] {
  const problem: Problem = {
    devices: 2,
    stateSize: 1,
    choices: told.map((accuracyPercent, index) => ({
      placement: { tier: 'end', variant: `d${index}` },
      accuracyPercent,
    })),
  }
  const learner = createAgent(agent, problem, {
    ...{ seed: 1, engine: referenceEngine, regime },
    ...options,
  })
  const random = new Random(2)
  const available = allAvailable(problem)
  const state = { features: Float32Array.of(0), goalPercent: 80, available }
  return Array.from({ length: 40 }, () => {
    const decision = learner.decide(state)
    const accuracyPercent = decision.map((choice) => ACCURACIES[choice] ?? Number.NaN)
    const responseTimesMs = decision.map(
      (choice) => (ALONE_MS[choice] ?? Number.NaN) * (1 + 0.02 * random.normal()),
    )
    const met = mean(accuracyPercent) >= 80
    const cost = met ? mean(responseTimesMs) : PENALTY_MS
    learner.observe({
      state,
      decision,
      outcome: { state, responseTimesMs, accuracyPercent, cost },
    })
    return [...decision, ...learner.greedy(state)]
  })
}

function mean(values: readonly number[]): number {
  return values.reduce((sum, value) => sum + value, 0) / values.length
}

const SMALL = { hidden: 16, batchSize: 16, worldSessions: 20, planSessions: 20 }

const LEARNERS: readonly (readonly [string, Partial<CreateAgentOptions>])[] = [
  ['hybrid', { overrides: SMALL }],
  ['hybrid', { mode: 'repaired', overrides: SMALL }],
  ['hybrid', { mode: 'literal', overrides: SMALL }],
  ['dqn', {}],
  ['q-learning', {}],
  ['bandit', {}],
  ['supervised', { overrides: { exploreSteps: 20, firstUpdates: 50 } }],
]

it.each(LEARNERS)(
  '%s, settings %#: what it is told of accuracies changes nothing in the penalty regime',
  (agent, options) => {
    const untold = lived(agent, 'penalty', [50, 50, 50], options)
    expect(lived(agent, 'penalty', ACCURACIES, options)).toEqual(untold)
    expect(lived(agent, 'penalty', ACCURACIES.toReversed(), options)).toEqual(untold)
  },
)

it('is told of accuracies in the exact regime, and uses them', () => {
  const wrong = lived('q-learning', 'exact', ACCURACIES.toReversed())
  expect(lived('q-learning', 'exact', ACCURACIES)).not.toEqual(wrong)
})
