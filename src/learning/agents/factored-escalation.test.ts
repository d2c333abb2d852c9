import { expect, test } from 'vitest'
import { choicesOf, formatChoice } from '../../fleet/choice.ts'
import { SimulatedEnvironment } from '../../simulation/simulated-environment.ts'
import { Traffic } from '../../simulation/traffic/traffic.ts'
import { ofPaperSize, paperWorld } from '../../simulation/worlds/paper-world.ts'
import { plan } from '../planner/plan.ts'
import { createAgent } from './create.ts'

const ladder = ofPaperSize([
  { name: 'big', accuracyPercent: 92.7, megaMacs: 8.6, precision: 'FP32' as const },
  { name: 'small', accuracyPercent: 89.8, megaMacs: 0.2, precision: 'FP32' as const },
])
const points = [5, 10, 20, 30].map((escalatedPercent) => ({
  margin: escalatedPercent / 40,
  escalatedPercent,
  accuracyPercent: 92.6 - 2.8 * Math.exp(-escalatedPercent / 8),
}))
const choices = choicesOf(ladder, [{ small: 'small', large: 'big', points }])
/** Easy pictures, usual ones, hard ones. */
const FACTORS = [0.3, 1, 2.5]
const world = {
  ...paperWorld({ devices: FACTORS.length, scenario: 'D', choices, delivery: 'pushed' }),
  shares: FACTORS.map((factor) =>
    choices.map(({ escalation }) => factor * (escalation?.share ?? 0)),
  ),
}

test.each([
  ['where devices hold the large variant', undefined],
  ['where they do not', FACTORS.map(() => ['small'])],
])('rounds: near the best, goal kept, %s', (_, held) => {
  const options = { goalPercent: 92, seed: 3, ...(held && { held }) }
  const environment = new SimulatedEnvironment({ world, ...options })
  const agent = createAgent('factored', environment.problem, { seed: 1 })
  let state = environment.currentState()
  for (let step = 0; step < 200; step++) {
    const decision = agent.decide(state)
    const outcome = environment.step(decision)
    agent.observe({ state, decision, outcome })
    state = outcome.state
  }
  const decision = agent.greedy(state)
  const best = plan(environment.planningProblem())
  expect(environment.expectedResponseTimeMs(decision) / best.responseTimeMs).toBeLessThan(1.05)
  expect(decision.some((choice) => choices[choice]?.escalation)).toBe(true)
  const accuracies = decision.map((choice) => choices[choice]?.accuracyPercent ?? 0)
  expect(accuracies.reduce((sum, each) => sum + each, 0) / FACTORS.length).toBeGreaterThan(91.99)
})

test('single answers teach it each device’s share', () => {
  const options = { goalPercent: 92, pausesMs: FACTORS.map(() => 200) }
  const all = (text: string) =>
    FACTORS.map(() => choices.findIndex((choice) => formatChoice(choice) === text))
  const traffic = new Traffic(world, options, all('end/small>edge/big@0.5'), 1)
  const environment = new SimulatedEnvironment({ world, goalPercent: 92 })
  const agent = createAgent('factored', environment.problem, { seed: 1 })
  for (const next of ['end/small>end/big@0.5', 'end/small>cloud/big@0.5', 'end/big', 'edge/big']) {
    for (const answer of traffic.advance(100_000)) agent.hear?.(answer)
    traffic.decide(all(next))
  }
  const believed = agent.explain?.(environment.currentState())
  const expectedMs = environment.expectedResponseTimeMs(believed?.decision ?? [])
  expect((believed?.responseTimeMs ?? 0) / expectedMs).toBeGreaterThan(0.9)
  expect((believed?.responseTimeMs ?? 0) / expectedMs).toBeLessThan(1.1)
  const best = plan(environment.planningProblem())
  expect(expectedMs / best.responseTimeMs).toBeLessThan(1.1)
})
