import { expect, it } from 'vitest'
import { openToAll } from '../../environment/availability.fixture.ts'
import { allAvailable } from '../../environment/availability.ts'
import type { Decision, Problem, State } from '../../environment/environment.ts'
import type { Engine } from '../../nn/engine.ts'
import { createOnnxEngine } from '../../nn/onnx-engine.ts'
import { referenceEngine } from '../../nn/reference-engine.ts'
import { CONSTRAINT, DQN, type DqnHyperparameters } from '../hyperparameters.ts'
import { PENALTY_MS, type Regime } from '../regime.ts'
import { DqnAgent } from './dqn.ts'

const ENGINE = createOnnxEngine() ?? referenceEngine

const PROBLEM: Problem = {
  devices: 2,
  stateSize: 1,
  choices: [90, 80, 70].map((accuracyPercent, index) => ({
    placement: { tier: 'end', variant: `d${index}` },
    accuracyPercent,
  })),
}
const CHOICE_MS = [300, 200, 100]

function stateOf(feature = 0, goalPercent = 0): State {
  return { features: Float32Array.of(feature), goalPercent, available: allAvailable(PROBLEM) }
}

function agentOf(
  changes: Partial<DqnHyperparameters> = {},
  { regime = 'exact', engine = ENGINE }: { regime?: Regime; engine?: Engine } = {},
): DqnAgent {
  const hyperparameters = { ...DQN, warmUpSteps: 10, ...changes }
  return new DqnAgent(PROBLEM, { seed: 1, engine, regime, hyperparameters })
}

function costOf(decision: Decision): number {
  return decision.reduce((sum, choice) => sum + (CHOICE_MS[choice] ?? NaN), 0) / 2
}

/** Breaking the goal costs the penalty, where there is one. */
function run(agent: DqnAgent, steps: number, state = stateOf(), penaltyMs?: number): Decision[] {
  return Array.from({ length: steps }, () => {
    const decision = agent.decide(state)
    const accuracy = decision.reduce((sum, choice) => sum + 90 - 10 * choice, 0) / 2
    const cost = penaltyMs && accuracy < state.goalPercent ? penaltyMs : costOf(decision)
    const outcome = { state, responseTimesMs: [], accuracyPercent: [], cost }
    agent.observe({ state, decision, outcome })
    return decision
  })
}

/** Counts how often every joint decision was scored. */
function countingScores(): { engine: Engine; count: () => number } {
  let scores = 0
  return {
    count: () => scores,
    engine: {
      ...referenceEngine,
      scoring: (shape) => {
        const score = referenceEngine.scoring(shape)
        return (...given) => {
          scores += 1
          score(...given)
        }
      },
    },
  }
}

it('is random until it learns, then mostly greedy', () => {
  const agent = agentOf({ warmUpSteps: 50, updatesPerStep: 5 })
  const warm = new Set(run(agent, 50).map(String))
  expect(warm.size).toBeGreaterThanOrEqual(8)
  run(agent, 100)
  expect(agent.greedy(stateOf())).toEqual([2, 2])
  const best = run(agent, 400).filter((decision) => String(decision) === '2,2').length / 400
  // 0.8 greedy, and a ninth of the random ones: 0.822, standard error 0.02
  expect(best).toBeGreaterThan(0.75)
  expect(best).toBeLessThan(0.9)
})

it('explores less and less where told so', () => {
  const agent = agentOf({ epsilon: { first: 1, last: 0.01, steps: 100 }, updatesPerStep: 5 })
  const isOther = (decision: Decision) => String(decision) !== String(agent.greedy(stateOf()))
  const early = run(agent, 60).filter(isOther).length
  run(agent, 200)
  expect(early).toBeGreaterThan(20)
  // 0.01 · 8/9 of 200 is 1.8.
  expect(run(agent, 200).filter(isOther).length).toBeLessThan(10)
})

it.each([1, 10])('makes %i updates for every real step since the warm-up', (updatesPerStep) => {
  const agent = agentOf({ updatesPerStep })
  run(agent, 9)
  expect(agent.progress.updates).toBe(0)
  run(agent, 21)
  expect(agent.progress).toEqual({ realSteps: 30, plannedSteps: 0, updates: 21 * updatesPerStep })
})

it('keeps a greedy decision in force until the next refresh, and scores no more than that', () => {
  const { engine, count } = countingScores()
  const agent = agentOf({ greedyRefreshSteps: 5 }, { engine })
  run(agent, 15)
  const before = count()
  let inForce = agent.greedy(stateOf())
  for (let step = 16; step <= 60; step++) {
    run(agent, 1)
    if (step % 5 !== 0) expect(agent.greedy(stateOf())).toEqual(inForce)
    inForce = agent.greedy(stateOf())
  }
  expect(count() - before).toBe(9)
})

it('does not stay with a decision that another state or goal asks not to be taken', () => {
  const agent = agentOf({ greedyRefreshSteps: 1000 })
  run(agent, 100)
  expect(agent.greedy(stateOf(0, 90))).toEqual([0, 0])
  const available = openToAll(PROBLEM, [false, true, false])
  expect(agent.greedy({ ...stateOf(), available })).toEqual([1, 1])
})

it.each([true, false])('learns the cliff where the penalty tells of it (head: %s)', (head) => {
  const constraint = { ...CONSTRAINT, head }
  const agent = agentOf({ updatesPerStep: 10, constraint }, { regime: 'penalty' })
  const state = stateOf(0, 85)
  const decisions = run(agent, 200, state, PENALTY_MS)
  // It may break the goal, and did.
  expect(decisions.map(String)).toContain('2,2')
  expect(['0,1', '1,0']).toContain(String(agent.greedy(state)))
})

it('explores only, and learns nothing, until something meets the goal', () => {
  const agent = agentOf({ warmUpSteps: 1 }, { regime: 'penalty' })
  const state = { ...stateOf(0, 90), available: openToAll(PROBLEM, [false, true, true]) }
  // Whatever is available breaks this goal.
  const decisions = run(agent, 30, state, PENALTY_MS).map(String)
  expect(agent.progress).toEqual({ realSteps: 30, plannedSteps: 0, updates: 0 })
  expect(new Set(decisions)).toEqual(new Set(['1,1', '1,2', '2,1', '2,2']))
  // First what both devices do alike, until that is known to break it.
  expect(['1,1', '2,2']).toContain(decisions[0])
  run(agent, 30, stateOf(0, 90), PENALTY_MS)
  expect(agent.greedy(stateOf(0, 90))).toEqual([0, 0])
  expect(agent.progress.updates).toBeGreaterThan(0)
})

it('gives up a decision in force as soon as it breaks the goal', () => {
  const agent = agentOf({ greedyRefreshSteps: 1000 }, { regime: 'penalty' })
  const state = stateOf(0, 85)
  for (let step = 0; step < 300; step++) {
    const [decision = []] = run(agent, 1, state, PENALTY_MS)
    const isBroken = decision.reduce((sum, choice) => sum + choice, 0) > 1
    if (isBroken) expect(agent.greedy(state)).not.toEqual(decision)
  }
})

it('has the same argmin with and without a discount, where the state does not depend on the decision', () => {
  for (const discount of [0, 0.9]) {
    const agent = agentOf({ discount, targetRefreshSteps: 5, updatesPerStep: 5 })
    run(agent, 150)
    expect(agent.greedy(stateOf())).toEqual([2, 2])
  }
})

it('bootstraps from the target network, not from the one that learns', () => {
  // A target never refreshed is the untrained network, whose lowest value is the same constant for all: still the argmin.
  const frozen = agentOf({ discount: 0.9, targetRefreshSteps: 1e9, updatesPerStep: 5 })
  const fresh = agentOf({ discount: 0.9, targetRefreshSteps: 1, updatesPerStep: 5 })
  run(frozen, 150)
  run(fresh, 150)
  expect(frozen.greedy(stateOf())).toEqual([2, 2])
  expect(frozen.save()).not.toEqual(fresh.save())
})
