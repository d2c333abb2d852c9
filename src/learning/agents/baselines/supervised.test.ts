import { expect, it } from 'vitest'
import { openToAll } from '../../environment/availability.fixture.ts'
import { allAvailable } from '../../environment/availability.ts'
import type { Decision, Problem, State } from '../../environment/environment.ts'
import { createOnnxEngine } from '../../nn/onnx-engine.ts'
import { referenceEngine } from '../../nn/reference-engine.ts'
import { SUPERVISED, type SupervisedHyperparameters } from '../hyperparameters.ts'
import { PENALTY_MS } from '../regime.ts'
import { SupervisedAgent } from './supervised.ts'

const PROBLEM: Problem = {
  devices: 3,
  stateSize: 0,
  choices: [90, 80, 70].map((accuracyPercent, index) => ({
    placement: { tier: 'end', variant: `d${index}` },
    accuracyPercent,
  })),
}

function stateOf(goalPercent = 0): State {
  return { features: new Float32Array(0), goalPercent, available: allAvailable(PROBLEM) }
}

function agentOf(changes: Partial<SupervisedHyperparameters> = {}): SupervisedAgent {
  return new SupervisedAgent(PROBLEM, {
    seed: 1,
    engine: createOnnxEngine() ?? referenceEngine,
    regime: 'exact',
    hyperparameters: { ...SUPERVISED, exploreSteps: 40, ...changes },
  })
}

function run(agent: SupervisedAgent, steps: number, costsMs: readonly number[], goal = 0) {
  const state = stateOf(goal)
  return Array.from({ length: steps }, (): Decision => {
    const decision = agent.decide(state)
    const cost = decision.reduce((sum, choice) => sum + (costsMs[choice] ?? NaN), 0) / 3
    const outcome = { state, responseTimesMs: [], accuracyPercent: [], cost }
    agent.observe({ state, decision, outcome })
    return decision
  })
}

it('explores at random, then takes what is best by the fit and nothing else', () => {
  const agent = agentOf()
  const explored = run(agent, 40, [300, 200, 100])
  expect(new Set(explored.map(String)).size).toBeGreaterThan(15)
  expect(new Set(run(agent, 40, [300, 200, 100]).map(String))).toEqual(new Set(['2,2,2']))
})

it('needs no new data for another goal', () => {
  const agent = agentOf()
  run(agent, 40, [300, 200, 100])
  expect(agent.greedy(stateOf(90))).toEqual([0, 0, 0])
  // 80 on average at the least cost: all sums of 240 % cost the same here, 600 ms.
  const decision = agent.greedy(stateOf(80))
  expect(decision.reduce((sum, choice) => sum + choice, 0)).toBe(3)
})

it('fits once after exploring, then a little every few steps', () => {
  const agent = agentOf({ firstUpdates: 30, refitSteps: 4, refitUpdates: 7 })
  const updatesAfter = (steps: number) => {
    run(agent, steps, [300, 200, 100])
    return agent.progress.updates
  }
  expect(updatesAfter(39)).toBe(0)
  expect(updatesAfter(1)).toBe(30)
  expect(updatesAfter(3)).toBe(30)
  expect(updatesAfter(1)).toBe(37)
  expect(updatesAfter(8)).toBe(51)
  expect(agent.progress.realSteps).toBe(52)
})

it('gives up a decision that turns out slow', () => {
  const agent = agentOf()
  run(agent, 60, [300, 200, 100])
  expect(agent.greedy(stateOf())).toEqual([2, 2, 2])
  run(agent, 200, [300, 200, 900])
  expect(agent.greedy(stateOf())).toEqual([1, 1, 1])
})

it('goes on exploring while nothing meets the goal, then fits what did', () => {
  const agent = new SupervisedAgent(PROBLEM, {
    seed: 2,
    engine: createOnnxEngine() ?? referenceEngine,
    regime: 'penalty',
    hyperparameters: { ...SUPERVISED, exploreSteps: 5, firstUpdates: 100 },
  })
  const lost = { ...stateOf(90), available: openToAll(PROBLEM, [false, true, true]) }
  const observe = (state: State) => {
    const decision = agent.decide(state)
    // Only 90 % on every device meets a goal of 90 %.
    const cost = decision.some((choice) => choice > 0) ? PENALTY_MS : 300
    const outcome = { state, responseTimesMs: [], accuracyPercent: [], cost }
    agent.observe({ state, decision, outcome })
    return String(decision)
  }
  expect(new Set(Array.from({ length: 20 }, () => observe(lost))).size).toBe(8)
  expect(agent.progress.updates).toBe(0)
  for (let step = 0; step < 15; step++) observe(stateOf(90))
  expect(agent.greedy(stateOf(90))).toEqual([0, 0, 0])
  // The first fit, then further ones.
  expect(agent.progress.updates).toBeGreaterThanOrEqual(100)
})
