import { expect, it } from 'vitest'
import { ConfigError } from '../../errors.ts'
import { allAvailable } from '../environment/availability.ts'
import type { Problem } from '../environment/environment.ts'
import { referenceEngine } from '../nn/reference-engine.ts'
import { createAgent } from './create.ts'
import { AGENT_NAMES } from './names.ts'

const PROBLEM: Problem = {
  devices: 2,
  stateSize: 0,
  choices: [
    { placement: { tier: 'end', variant: 'd7' }, accuracyPercent: 72.8 },
    { placement: { tier: 'edge', variant: 'd0' }, accuracyPercent: 89.9 },
  ],
}
const STATE = { features: new Float32Array(0), goalPercent: 80, available: allAvailable(PROBLEM) }

const SPECS = [
  'hybrid',
  'dqn',
  'q-learning',
  'bandit',
  'supervised',
  'fixed:edge/d0',
  'fixed:end/d7,edge/d0',
]

it.each(SPECS)('creates %s', (spec) => {
  const agent = createAgent(spec, PROBLEM, { seed: 1 })
  expect(agent.name).toBe(spec)
  expect(agent.decide(STATE)).toHaveLength(2)
})

it('takes the given engine', () => {
  const agent = createAgent('hybrid', PROBLEM, { seed: 1, engine: referenceEngine })
  expect(agent.greedy(STATE)).toHaveLength(2)
})

it.each(['', 'hybird', 'hybrid:x', 'dqn:x', 'fixed', 'fixed:', 'oracle:x'])(
  'refuses "%s", listing the names',
  (spec) => {
    const create = () => createAgent(spec, PROBLEM, { seed: 1 })
    expect(create).toThrow(ConfigError)
    expect(create).toThrow(`"${spec}": use one of ${AGENT_NAMES.join(', ')}`)
  },
)

it.each(['dqn', 'q-learning', 'bandit', 'supervised'])(
  'masks for %s unless told to learn the penalty',
  (spec) => {
    const strict = { ...STATE, goalPercent: 89.9 }
    const decisions = (options: { regime?: 'penalty' }) =>
      Array.from({ length: 20 }, (_, seed) => {
        const agent = createAgent(spec, PROBLEM, { seed, engine: referenceEngine, ...options })
        return agent.decide(strict)
      })
    expect(decisions({}).every((decision) => decision.every((choice) => choice === 1))).toBe(true)
    expect(decisions({ regime: 'penalty' }).flat()).toContain(0)
  },
)

it.each([
  [
    'dqn',
    { mode: 'literal' },
    'agent "dqn" has no mode "literal": leave --mode, or use agent hybrid',
  ],
] as const)('refuses for %s an option it has not: %j', (spec, options, message) => {
  const create = () => createAgent(spec, PROBLEM, { seed: 1, ...options })
  expect(create).toThrow(ConfigError)
  expect(create).toThrow(message)
})

it('refuses an oracle without a profile, and a hybrid of too many devices', () => {
  expect(() => createAgent('oracle', PROBLEM, { seed: 1 })).toThrow(/measured profile/)
  const large = { ...PROBLEM, devices: 25 }
  expect(() => createAgent('hybrid', large, { seed: 1 })).toThrow(/25 devices/)
})

it('takes single hyperparameters, where the agent has them', () => {
  const options = { seed: 1, engine: referenceEngine, overrides: { updatesPerStep: 3 } }
  expect(createAgent('dqn', PROBLEM, options).name).toBe('dqn')
  expect(() => createAgent('hybrid', PROBLEM, options)).toThrow(
    'no hyperparameter "updatesPerStep"',
  )
  expect(() => createAgent('fixed:edge/d0', PROBLEM, options)).toThrow('has no hyperparameters')
})
