import { expect, it } from 'vitest'
import { ConfigError, InvalidInputError } from '../../errors.ts'
import { Random } from '../../random.ts'
import { allAvailable } from '../environment/availability.ts'
import type { Decision, Problem, State } from '../environment/environment.ts'
import { referenceEngine } from '../nn/reference-engine.ts'
import type { Experience } from '../replay/experience.ts'
import { alternativesOf, bestFixed } from './beliefs.ts'
import { HybridAgent } from './hybrid.ts'
import type { HybridOptions } from './hybrid-options.ts'
import { HYBRID } from './hyperparameters.ts'
import { PENALTY_MS } from './regime.ts'

const ACCURACIES = [89.9, 83.2, 72.8, 89.9]
/** Response time of each choice, alone: three local variants and the edge. */
const ALONE_MS = [465, 108, 72, 351]
const PROBLEM: Problem = {
  devices: 3,
  stateSize: 1,
  choices: ACCURACIES.map((accuracyPercent, index) => ({
    placement: { tier: index === 3 ? 'edge' : 'end', variant: `d${index}` },
    accuracyPercent,
  })),
}
const SMALL = {
  ...HYBRID,
  hidden: 16,
  batchSize: 16,
}

function agentFor(options: Partial<HybridOptions>, seed = 1): HybridAgent {
  return new HybridAgent(PROBLEM, {
    seed,
    engine: referenceEngine,
    hyperparameters: SMALL,
    ...options,
  })
}

function stateOf(busy: number, goalPercent = 0): State {
  return {
    features: Float32Array.of(busy),
    goalPercent,
    available: allAvailable(PROBLEM),
  }
}

interface Step {
  readonly decision: Decision
  readonly cost: number
}

/** Lets the agent act where costs are sums; a decision below the goal costs the penalty. */
function live(
  agent: HybridAgent,
  steps: number,
  goalPercent = 0,
  busyOf = (_: number) => 0,
): Step[] {
  const random = new Random(steps)
  return Array.from({ length: steps }, (_, step) => {
    const state = stateOf(busyOf(step), goalPercent)
    const decision = agent.decide(state)
    const responseTimesMs = decision.map(
      (choice) => (ALONE_MS[choice] ?? NaN) * (1 + 0.02 * random.normal()),
    )
    const accuracyPercent = decision.map((choice) => ACCURACIES[choice] ?? NaN)
    const cost = mean(accuracyPercent) < goalPercent - 1e-9 ? PENALTY_MS : mean(responseTimesMs)
    const next = stateOf(busyOf(step + 1), goalPercent)
    agent.observe({
      state,
      decision,
      outcome: { state: next, responseTimesMs, accuracyPercent, cost },
    })
    return { decision, cost }
  })
}

function mean(values: readonly number[]): number {
  return values.reduce((sum, value) => sum + value, 0) / values.length
}

/** What was in the buffers when the epoch began that is under way. */
function buffersOf(agent: HybridAgent): Record<'direct' | 'world' | 'plan', readonly Experience[]> {
  const { memory } = Object(agent.save()).knowledge.epochStart.parts
  const { direct, world, plan } = memory
  return {
    direct: direct.experiences,
    world: world.experiences,
    plan: plan.buffer.experiences,
  }
}

it('verified: what is suggested is tried, and teaches all three buffers', () => {
  const agent = agentFor({})
  live(agent, 30)
  const { direct, world, plan } = buffersOf(agent)
  expect(agent.progress.realSteps).toBe(30)
  expect(direct).toEqual(world)
  const tried = plan.filter(({ predicted }) => !predicted)
  expect(tried.length).toBeGreaterThan(4)
  const taken = new Set(direct.map(({ decision }) => `${decision}`))
  expect(tried.every(({ decision }) => taken.has(`${decision}`))).toBe(true)
})

it.each(['repaired', 'literal'] as const)(
  '%s: what is suggested is predicted, costs no real step, and is in D_plan once per decision',
  (mode) => {
    const agent = agentFor({ mode })
    live(agent, 8)
    const { direct, world, plan } = buffersOf(agent)
    expect([direct.length, world.length]).toEqual([8, 8])
    expect(plan.length).toBeGreaterThanOrEqual(SMALL.candidates)
    expect(plan.every(({ predicted }) => predicted === true)).toBe(true)
    live(agent, 60)
    const decisions = buffersOf(agent).plan.map(({ decision }) => `${decision}`)
    expect(decisions.length).toBeGreaterThan(SMALL.candidates)
    expect(new Set(decisions).size).toBe(decisions.length)
    expect(buffersOf(agent).world.length).toBe(agent.progress.realSteps)
  },
)

it('literal: r stays what it was first predicted to be, and s becomes the newest (line 33)', () => {
  // In a second suggestion step s would be imagined.
  const agent = agentFor({ mode: 'literal', hyperparameters: { ...SMALL, suggestSteps: 1 } })
  live(agent, 8)
  const first = buffersOf(agent).plan
  live(agent, 40, 0, () => 1)
  const later = buffersOf(agent).plan
  expect(first.every(({ features }) => features[0] === 0)).toBe(true)
  for (const [slot, { decision, cost }] of first.entries()) {
    expect(later[slot]).toMatchObject({ decision, cost })
  }
  // Some were suggested again, in the busy state.
  expect(later.slice(0, first.length).some(({ features }) => features[0] === 1)).toBe(true)
})

it('repaired: all of D_plan is what the System Model predicts now', () => {
  const agent = agentFor({ mode: 'repaired' })
  live(agent, 8)
  const first = buffersOf(agent).plan
  live(agent, 5)
  const later = buffersOf(agent).plan
  for (const [slot, { decision, cost }] of first.entries()) {
    expect(later[slot]?.decision).toEqual(decision)
    expect(later[slot]?.cost).not.toBe(cost)
  }
})

it('of the penalty: learns response times from rounds that met the goal alone, and repeats no suggestion that broke it', () => {
  const agent = agentFor({ regime: 'penalty' })
  const steps = live(agent, 120, 88)
  const broken = steps.filter(({ cost }) => cost === PENALTY_MS)
  expect(broken.length).toBeGreaterThan(8)
  const { direct, world, plan } = buffersOf(agent)
  for (const { cost } of [...direct, ...world, ...plan]) expect(cost).not.toBe(PENALTY_MS)
  // Exploration never draws what is known to break the goal, so nothing that did is tried again.
  expect(new Set(broken.map(({ decision }) => `${decision}`)).size).toBe(broken.length)
  expect(
    mean(agent.greedy(stateOf(0, 88)).map((choice) => ACCURACIES[choice] ?? NaN)),
  ).toBeGreaterThan(88)
})

it('of the penalty: learns nothing and guesses on while every round breaks the goal', () => {
  const agent = agentFor({ regime: 'penalty' })
  // No choice meets it, which the agent cannot know.
  const decisions = live(agent, 40, 95).map(({ decision }) => `${decision}`)
  expect(agent.progress).toEqual({ realSteps: 40, plannedSteps: 0, updates: 0 })
  expect(new Set(decisions).size).toBe(40)
})

it('literal, of the penalty: the penalty is one more cost, to Q, System and D_plan', () => {
  const agent = agentFor({ regime: 'penalty', mode: 'literal' })
  live(agent, 60, 88)
  const { direct, world } = buffersOf(agent)
  expect([direct.length, world.length]).toEqual([60, 60])
  expect(direct.some(({ cost }) => cost === PENALTY_MS)).toBe(true)
})

it('refuses single devices where the penalty is one more cost', () => {
  const create = () => agentFor({ regime: 'penalty', mode: 'literal', feedback: 'per-device' })
  expect(create).toThrow(ConfigError)
  expect(create).toThrow('leave --feedback per-device')
})

it.each([
  { mode: 'literal' },
  { regime: 'penalty' },
  { feedback: 'per-device' },
  { hyperparameters: { ...SMALL, discount: 0.5 } },
] as const)('does not restore into itself what it is not: %j', (options) => {
  const saved = agentFor({}).save()
  expect(() => agentFor(options).restore(saved)).toThrow(InvalidInputError)
})

it.each(['verified', 'repaired'] as const)(
  'tells what alternatives take, and decides as a twin that nobody asked (%s)',
  (mode) => {
    const options = { mode, feedback: 'per-device' } as const
    const [asked, left] = [agentFor(options), agentFor(options)]
    const state = stateOf(0)
    expect(alternativesOf(asked, PROBLEM, state, [0, 0, 0], 1)?.[0]?.responseTimeMs).toBe(undefined)
    const decisions: Decision[][] = [[], []]
    for (let session = 0; session < 4; session++) {
      for (const [index, agent] of [asked, left].entries()) {
        decisions[index]?.push(...live(agent, 20 + session).map(({ decision }) => decision))
      }
      for (const busy of [0, 1]) {
        alternativesOf(asked, PROBLEM, stateOf(busy), [0, 1, 3], 1)
        bestFixed(asked, PROBLEM, stateOf(busy))
      }
    }
    expect(decisions[0]).toEqual(decisions[1])
    expect(asked.save()).toEqual(left.save())
    const alternatives = alternativesOf(asked, PROBLEM, state, [1, 1, 1], 1) ?? []
    for (const { choice, responseTimeMs = NaN, spreadMs = NaN } of alternatives) {
      expect(Math.abs(responseTimeMs - (ALONE_MS[choice] ?? NaN))).toBeLessThan(4 * spreadMs + 20)
    }
    expect(bestFixed(asked, PROBLEM, state)?.choice).toBe('end/d2')
  },
)
