import { expect, it } from 'vitest'
import { Random } from '../../../random.ts'
import { allAvailable } from '../../environment/availability.ts'
import type { Decision, Problem, State } from '../../environment/environment.ts'
import { BANDIT, type BanditHyperparameters } from '../hyperparameters.ts'
import { PENALTY_MS, type Regime } from '../regime.ts'
import { BanditAgent } from './bandit.ts'

/** Three devices with a local choice each of two variants, an edge and a cloud. */
const PROBLEM: Problem = {
  devices: 3,
  stateSize: 1,
  choices: [
    { placement: { tier: 'end', variant: 'd0' }, accuracyPercent: 90 },
    { placement: { tier: 'end', variant: 'd7' }, accuracyPercent: 70 },
    { placement: { tier: 'edge', variant: 'd0' }, accuracyPercent: 90 },
    { placement: { tier: 'cloud', variant: 'd0' }, accuracyPercent: 90 },
  ],
}

function stateOf(weak = 0, goalPercent = 90): State {
  return {
    features: Float32Array.of(weak),
    goalPercent,
    available: allAvailable(PROBLEM),
  }
}

function agentOf(
  seed: number,
  changes: Partial<BanditHyperparameters> = {},
  regime: Regime = 'exact',
): BanditAgent {
  return new BanditAgent(PROBLEM, { seed, regime, hyperparameters: { ...BANDIT, ...changes } })
}

/** The edge and the cloud take 100 and 150 ms for each device on them; a weak link makes the edge useless. */
function costOf(decision: Decision, weak: number): number {
  const users = (choice: number) => decision.filter((other) => other === choice).length
  const times = [400, 120, (100 + 500 * weak) * users(2), 150 * users(3)]
  return decision.reduce((sum, choice) => sum + (times[choice] ?? NaN), 0) / decision.length
}

function run(agent: BanditAgent, steps: number, noise = 0.02, weakAt = (_step: number) => 0) {
  const random = new Random(99)
  return Array.from({ length: steps }, (_, step): Decision => {
    const state = stateOf(weakAt(step))
    const decision = agent.decide(state)
    const cost = costOf(decision, weakAt(step)) * (1 + noise * random.normal())
    const outcome = { state, responseTimesMs: [], accuracyPercent: [], cost }
    agent.observe({ state, decision, outcome })
    return decision
  })
}

/** Lowest cost whose average accuracy is 90 %, by trying everything. */
function leastCost(weak: number): number {
  let least = Infinity
  for (const first of [0, 2, 3]) {
    for (const second of [0, 2, 3]) {
      for (const third of [0, 2, 3]) least = Math.min(least, costOf([first, second, third], weak))
    }
  }
  return least
}

it.each([1, 2, 3])('finds how many devices each shared tier can take (seed %i)', (seed) => {
  const agent = agentOf(seed)
  run(agent, 60)
  // Two at the edge and one in the cloud: (200 + 200 + 150) / 3
  expect(leastCost(0)).toBeCloseTo(183.33, 2)
  expect(costOf(agent.greedy(stateOf()), 0)).toBeCloseTo(leastCost(0), 6)
})

it.each([1, 2, 3])('decides by the state (seed %i)', (seed) => {
  const agent = agentOf(seed)
  run(agent, 300, 0.02, (step) => (step % 3 === 0 ? 1 : 0))
  for (const weak of [0, 1]) {
    const cost = costOf(agent.greedy(stateOf(weak)), weak)
    expect(cost / leastCost(weak)).toBeLessThan(1.01)
  }
})

it('tries less and less of what is not best', () => {
  const agent = agentOf(4)
  const isBest = (decision: Decision) => costOf(decision, 0) < leastCost(0) + 1e-6
  const early = run(agent, 30).filter(isBest).length
  run(agent, 100)
  expect(run(agent, 30).filter(isBest).length).toBeGreaterThan(Math.max(early, 25))
})

it('follows the expected cost alone without exploration', () => {
  const agent = agentOf(5, { exploration: 0 })
  for (let step = 0; step < 20; step++) {
    expect(agent.decide(stateOf())).toEqual(agent.greedy(stateOf()))
    run(agent, 1)
  }
})

it('begins anywhere: what is equal has no order of its own', () => {
  for (const regime of ['exact', 'penalty'] as const) {
    const firsts = Array.from({ length: 30 }, (_, seed) =>
      String(agentOf(seed, {}, regime).greedy(stateOf(0, 0))),
    )
    expect(new Set(firsts).size).toBeGreaterThan(10)
  }
})

it('learns alike whatever the unit of time of the fleet is', () => {
  const decisions = [0.001, 1000].map((factor) => {
    const agent = agentOf(6)
    for (let step = 0; step < 40; step++) {
      const state = stateOf()
      const decision = agent.decide(state)
      const cost = factor * costOf(decision, 0)
      agent.observe({
        state,
        decision,
        outcome: { state, responseTimesMs: [], accuracyPercent: [], cost },
      })
    }
    return agent.greedy(stateOf())
  })
  expect(decisions[0]).toEqual(decisions[1])
})

it('learns from the penalty what breaks the goal, and from response times alone what is slow', () => {
  const agent = agentOf(7, {}, 'penalty')
  // Of the accurate choices alone; choice 1 is far faster, and breaks it.
  const state = stateOf(0, 90)
  for (let step = 0; step < 150; step++) {
    const decision = agent.decide(state)
    const cost = decision.includes(1) ? PENALTY_MS : costOf(decision, 0)
    agent.observe({
      state,
      decision,
      outcome: { state, responseTimesMs: [], accuracyPercent: [], cost },
    })
  }
  expect(costOf(agent.greedy(state), 0)).toBeCloseTo(leastCost(0), 6)
  expect(agent.greedy(state)).not.toContain(1)
})
