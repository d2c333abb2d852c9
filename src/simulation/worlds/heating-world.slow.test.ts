import { expect, it } from 'vitest'
import { formatPlacement } from '../../fleet/placement.ts'
import { createAgent } from '../../learning/agents/create.ts'
import type { Decision, State } from '../../learning/environment/environment.ts'
import { decisionOf } from '../../learning/environment/feasible.ts'
import { Random } from '../../random.ts'
import { SimulatedEnvironment } from '../simulated-environment.ts'
import type { World } from '../world.ts'
import { heatingWorld } from './heating-world.fixture.ts'

const DEVICES = 2
const COOLING = 0.3
const TIMES = [100, 120, 0]
const idle = { processor: 0, memory: 0, bandwidth: 0 }

/** A fast choice, which heats; a gentle one; and an edge that is slower, and far slower for two. */
const plain: World = {
  choices: (['end/d3', 'end/d7', 'edge/d0'] as const).map((name, index) => ({
    placement: { tier: index === 2 ? 'edge' : 'end', variant: name.slice(-2) },
    accuracyPercent: 80,
  })),
  edgeOf: [0, 0],
  start: { devices: [idle, idle], edges: [idle], cloud: idle },
  times: () => ({
    own: [0, 1].map(() => TIMES.map((computeMs) => ({ computeMs, linkMs: 0 }))),
    curvesMs: [Float64Array.of(150, 260), Float64Array.of(500, 900)],
  }),
}
const world = heatingWorld(plain, { heavy: ['d3'], factor: 1.8, cooling: COOLING })

function environmentOf(seed: number) {
  return new SimulatedEnvironment({ world, goalPercent: 0, seed, noise: 0.02 })
}

/** The fleet whose hot devices are the bits of a number. */
function fleetOf(hot: number): World['start'] {
  const devices = [0, 1].map((device) => ({ ...idle, processor: (hot >> device) & 1 }))
  return { ...world.start, devices }
}

type Rule = (state: State) => Decision

/** Everything there is to know: long-run average of the best policy, and of one, by value iteration over the four states. */
function longRunMs(policy?: Rule): number {
  const environment = environmentOf(1)
  const { problem } = environment
  const decisions = Array.from({ length: 3 ** DEVICES }, (_, index) => decisionOf(index, problem))
  const states = [0, 1, 2, 3].map((hot) => {
    environment.setFleet(fleetOf(hot))
    const taken = policy ? [policy(environment.currentState())] : decisions
    return taken.map((decision) => {
      const next = [0, 1, 2, 3].map((to) => chance(hot, decision, to))
      return { costMs: environment.expectedResponseTimeMs(decision), next }
    })
  })
  let values = [0, 0, 0, 0]
  let averageMs = 0
  for (let sweep = 0; sweep < 2000; sweep++) {
    const later = states.map((options) =>
      Math.min(
        ...options.map(({ costMs, next }) =>
          next.reduce((sum, p, to) => sum + p * (values[to] ?? NaN), costMs),
        ),
      ),
    )
    // Half a step each: no policy that goes round in circles keeps it from settling.
    const halfway = later.map((value, state) => (value + (values[state] ?? NaN)) / 2)
    averageMs = 2 * ((halfway[0] ?? NaN) - (values[0] ?? NaN))
    values = halfway
  }
  return averageMs
}

/** Of a state after a decision. */
function chance(hot: number, decision: Decision, to: number): number {
  return decision.reduce((product, choice, device) => {
    const isHot = (hot >> device) & 1
    const hotNext = choice === 0 ? 1 : isHot * (1 - COOLING)
    return product * ((to >> device) & 1 ? hotNext : 1 - hotNext)
  }, 1)
}

/** The long-run average of what an agent has learned. */
function learned(discount: number, seed: number, steps: number): number {
  const environment = environmentOf(seed)
  const agent = createAgent('hybrid', environment.problem, {
    seed,
    overrides: { discount, 'epsilon.first': 0.3, 'epsilon.last': 0.05, hidden: 16, batchSize: 32 },
  })
  let state = environment.reset(seed)
  for (let step = 0; step < steps; step++) {
    const decision = agent.decide(state)
    const outcome = environment.step(decision)
    agent.observe({ state, decision, outcome })
    state = outcome.state
  }
  return longRunMs((at) => agent.greedy(at))
}

it('heats by heavy work alone, cools by chance, and slows down what is computed there', () => {
  const environment = environmentOf(3)
  expect(environment.problem.choices.map(({ placement }) => formatPlacement(placement))).toEqual([
    'end/d3',
    'end/d7',
    'edge/d0',
  ])
  expect(environment.expectedResponseTimesMs([0, 1])).toEqual([100, 120])
  environment.step([0, 1])
  expect([...environment.currentState().features.slice(0, 6)]).toEqual([1, 0, 0, 0, 0, 0])
  expect(environment.expectedResponseTimesMs([1, 1])).toEqual([216, 120])
  expect(environment.expectedResponseTimesMs([2, 1])).toEqual([150, 120])
  const random = new Random(1)
  const cooled = Array.from({ length: 1000 }, () => world.nextState?.(fleetOf(1), [1, 1], random))
  const share = cooled.filter((fleet) => fleet?.devices[0]?.processor === 0).length / 1000
  expect(share).toBeCloseTo(COOLING, 1)
})

it('is slow for good where only this round counts', () => {
  const environment = environmentOf(1)
  const myopic: Rule = ({ features }) => {
    environment.setFleet(fleetOf((features[0] ?? 0) + 2 * (features[3] ?? 0)))
    const all = Array.from({ length: 9 }, (_, index) => decisionOf(index, environment.problem))
    const cost = (decision: Decision) => environment.expectedResponseTimeMs(decision)
    return all.reduce((best, other) => (cost(other) < cost(best) ? other : best))
  }
  expect(longRunMs()).toBeCloseTo(120, 3)
  expect(longRunMs(myopic)).toBeGreaterThan(1.1 * longRunMs())
})

it("is learned by Q' and s' (γ = 0.9), and not by the next response times alone (γ = 0)", () => {
  const [ahead, myopic] = [0.9, 0].map((discount) => learned(discount, 50_001, 300))
  expect(ahead).toBeLessThan(1.02 * longRunMs())
  expect(myopic).toBeGreaterThan(1.1 * longRunMs())
})
