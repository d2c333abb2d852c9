import { expect, it } from 'vitest'
import { allAvailable } from '../../environment/availability.ts'
import type { Decision, Problem, State } from '../../environment/environment.ts'
import {
  Q_LEARNING,
  type QLearningHyperparameters,
  UNIFORM_Q_LEARNING,
} from '../hyperparameters.ts'
import type { Regime } from '../regime.ts'
import { QLearningAgent } from './q-learning.ts'

/** Three devices, ten choices: a thousand joint decisions. */
const PROBLEM: Problem = {
  devices: 3,
  stateSize: 1,
  choices: Array.from({ length: 10 }, (_, index) => ({
    placement: { tier: 'end', variant: `d${index}` },
    accuracyPercent: 90 - index,
  })),
}

function stateOf(feature = 0, goalPercent = 0): State {
  return {
    features: Float32Array.of(feature),
    goalPercent,
    available: allAvailable(PROBLEM),
  }
}

function agentOf(
  seed: number,
  changes: Partial<QLearningHyperparameters> = {},
  regime: Regime = 'exact',
): QLearningAgent {
  const hyperparameters = { ...Q_LEARNING, ...changes }
  return new QLearningAgent(PROBLEM, { seed, regime, hyperparameters })
}

/** Best where every device takes choice 9. */
function costOf(decision: Decision): number {
  return decision.reduce((sum, choice) => sum + 100 - choice, 0) / decision.length
}

function teach(
  agent: QLearningAgent,
  decision: Decision,
  cost: number,
  from = stateOf(),
  to = from,
) {
  const outcome = { state: to, responseTimesMs: [], accuracyPercent: [], cost }
  agent.observe({ state: from, decision, outcome })
}

function steps(agent: QLearningAgent, count: number, state = stateOf()): Decision[] {
  return Array.from({ length: count }, () => {
    const decision = agent.decide(state)
    teach(agent, decision, costOf(decision), state)
    return decision
  })
}

it('tries every joint decision once, from zero and without chance, then takes the best', () => {
  const agent = agentOf(1, { epsilon: 0 })
  const tried = steps(agent, 1000)
  expect(new Set(tried.map(String)).size).toBe(1000)
  expect(agent.greedy(stateOf())).toEqual([9, 9, 9])
  expect(steps(agent, 3)).toEqual([
    [9, 9, 9],
    [9, 9, 9],
    [9, 9, 9],
  ])
})

it('begins anywhere: what is equal has no order of its own', () => {
  const firsts = Array.from({ length: 20 }, (_, seed) => agentOf(seed).greedy(stateOf()))
  expect(new Set(firsts.map(String)).size).toBeGreaterThan(15)
  for (const regime of ['exact', 'penalty'] as const) {
    const meanChoice =
      Array.from({ length: 200 }, (_, seed) => agentOf(seed, {}, regime).greedy(stateOf()))
        .flat()
        .reduce((sum, choice) => sum + choice, 0) / 600
    // 4.5 expected, standard error 2.87 / √600 = 0.12
    expect(Math.abs(meanChoice - 4.5)).toBeLessThan(0.5)
  }
})

it("needs the coupon collector's time with uniform exploration", () => {
  const agent = agentOf(2, UNIFORM_Q_LEARNING)
  const seen = new Set<string>()
  let count = 0
  while (seen.size < 1000) {
    seen.add(String(steps(agent, 1)[0]))
    count++
  }
  // 1000 · H(1000) = 7485, standard deviation 1283
  expect(count).toBeGreaterThan(4500)
  expect(count).toBeLessThan(12_000)
})

it("follows the last cost at AutoScale's rate, and averages at the default one", () => {
  const bestAfterLuck = (hyperparameters: QLearningHyperparameters) => {
    const agent = agentOf(8, { ...hyperparameters, initialCostMs: 1000, epsilon: 0 })
    for (let time = 0; time < 20; time++) teach(agent, [1, 1, 1], 100)
    for (let time = 0; time < 20; time++) teach(agent, [2, 2, 2], 110)
    teach(agent, [2, 2, 2], 80)
    return agent.greedy(stateOf())
  }
  // 110 + 0.9 · (80 − 110) = 83; 110 + 21^-0.7 · (80 − 110) = 106.4
  expect(bestAfterLuck({ ...Q_LEARNING, learningRate: 0.9, learningRateExponent: 0 })).toEqual([
    2, 2, 2,
  ])
  expect(bestAfterLuck(Q_LEARNING)).toEqual([1, 1, 1])
})

it('weighs the future by γ, in the unit of a cost', () => {
  const agent = agentOf(3, { discount: 0.5, epsilon: 0, initialCostMs: 80 })
  const [here, there] = [stateOf(0), stateOf(1)]
  // (1 − 0.5) · 10 + 0.5 · 80, what nothing is known of there
  teach(agent, [1, 1, 1], 10, here, there)
  teach(agent, [2, 2, 2], 5, there, there)
  // There is now (1 − 0.5) · 5 + 0.5 · 80 = 42.5 at best; first updates, so the values are the targets.
  teach(agent, [3, 3, 3], 20, here, there)
  // [1, 1, 1]: 45; [3, 3, 3]: 10 + 21.25 = 31.25
  expect(agent.greedy(here)).toEqual([3, 3, 3])
  expect(agent.greedy(there)).toEqual([2, 2, 2])
})

it('keeps what it knows at another goal, where costs do not depend on it', () => {
  const agent = agentOf(4, { initialCostMs: 1000, epsilon: 0 })
  teach(agent, [9, 9, 9], 10)
  teach(agent, [5, 5, 5], 20)
  teach(agent, [0, 0, 0], 30)
  expect(agent.greedy(stateOf(0, 0))).toEqual([9, 9, 9])
  expect(agent.greedy(stateOf(0, 84))).toEqual([5, 5, 5])
  expect(agent.greedy(stateOf(0, 90))).toEqual([0, 0, 0])
})

it('takes anything available where the penalty must be learned, for each goal anew', () => {
  const agent = agentOf(5, { initialCostMs: 1000, epsilon: 0 }, 'penalty')
  const strict = stateOf(0, 90)
  teach(agent, [9, 9, 9], 600, strict)
  expect(agent.greedy(strict)).toEqual([9, 9, 9])
  teach(agent, [0, 0, 0], 30, strict)
  expect(agent.greedy(strict)).toEqual([0, 0, 0])
  teach(agent, [9, 9, 9], 10, stateOf(0, 0))
  expect(agent.greedy(stateOf(0, 0))).toEqual([9, 9, 9])
  expect(agent.greedy(strict)).toEqual([0, 0, 0])
})

it('knows no more states than it may', () => {
  const agent = agentOf(6, { mostStates: 2, initialCostMs: 1000, epsilon: 0 })
  for (const feature of [0, 1]) teach(agent, [1, 1, 1], 10, stateOf(feature))
  teach(agent, [1, 1, 1], 10, stateOf(0))
  teach(agent, [1, 1, 1], 10, stateOf(2))
  const knows = (feature: number) => agent.greedy(stateOf(feature)).every((choice) => choice === 1)
  expect([0, 1, 2].map(knows)).toEqual([true, false, true])
})

it('is not misled by a state object that changes under it', () => {
  const agent = agentOf(7, { initialCostMs: 1000, epsilon: 0 })
  const state = stateOf(0)
  teach(agent, [1, 1, 1], 10, state)
  expect(agent.greedy(state)).toEqual([1, 1, 1])
  state.features[0] = 1
  expect(agent.greedy(state)).not.toEqual([1, 1, 1])
})
