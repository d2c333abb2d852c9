/** Every printed line of Algorithm 1 acts in the default mode, and what the listing names changes a run. */
import { expect, it } from 'vitest'
import { SimulatedEnvironment } from '../../simulation/simulated-environment.ts'
import type { Transition } from '../environment/environment.ts'
import { createAgent } from './create.ts'
import { interact } from './interact.ts'
import type { TracedLine } from './line-trace.ts'
import type { Overrides } from './overrides.ts'

/** Hybrid in scenario A with a goal of 80 %. */
async function run(users: number, steps: number, overrides: Overrides = {}) {
  const environment = new SimulatedEnvironment({
    devices: users,
    scenario: 'A',
    goalPercent: 80,
    seed: 50_001,
  })
  const agent = createAgent('hybrid', environment.problem, { seed: 50_001, overrides })
  const transitions: Transition[] = []
  const onStep = (transition: Transition) => void transitions.push(transition)
  await interact(agent, environment, { seed: 50_001, steps, onStep })
  const lines = new Map((agent.trace?.() ?? []).map((line) => [line.line, line]))
  const bands = (line: TracedLine['line']) => lines.get(line)?.perEpoch ?? []
  return { decisions: transitions.map(({ decision }) => `${decision}`).join(' '), lines, bands }
}

it('acts by every printed line over 400 steps of five users, less and less for real', async () => {
  const { lines, bands } = await run(5, 400)
  const idle = [...lines.values()].filter(({ total }) => total === 0).map(({ line }) => line)
  // Q' is Q where γ = 0.
  expect(idle).toEqual(['16', '38'])
  const [early = NaN, , late = NaN, last = NaN] = bands('30 real').map(Number)
  expect(early).toBeGreaterThanOrEqual(1.3)
  expect(last).toBeLessThanOrEqual(0.2)
  for (const refreshed of bands('33').slice(2)) expect(refreshed).toBeGreaterThanOrEqual(5)
  const realSteps = bands('11').map(
    (direct, band) => Number(direct) + Number(bands('30 real')[band]),
  )
  expect(realSteps[0]).toBeGreaterThanOrEqual(3 * (realSteps[3] ?? NaN))
  expect(late).toBeLessThan(early)
})

it.each([
  ['K', { candidates: 1 }],
  ['α', { 'alpha.first': 0.5, 'alpha.last': 0.5 }],
  ['N', { epochs: 60 }],
  ['N_direct', { directSessions: 2 }],
  ['N_suggest', { suggestSessions: 4 }],
  ['T_suggest', { suggestSteps: 2 }],
] as const)('%s changes a run', async (_, overrides: Overrides) => {
  const [usual, changed] = await Promise.all([run(3, 60), run(3, 60, overrides)])
  expect(changed.decisions).not.toBe(usual.decisions)
})
