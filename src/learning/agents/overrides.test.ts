import { expect, it } from 'vitest'
import { ConfigError } from '../../errors.ts'
import {
  BANDIT,
  DQN,
  FACTORED,
  HYBRID,
  Q_LEARNING,
  SUPERVISED,
  UNIFORM_Q_LEARNING,
} from './hyperparameters.ts'
import { type Overrides, withOverrides } from './overrides.ts'

it('changes what is named and nothing else', () => {
  const changed = withOverrides(HYBRID, { 'epsilon.last': 0.5, hidden: 16 }, 'hybrid')
  expect(changed).toEqual({ ...HYBRID, epsilon: { ...HYBRID.epsilon, last: 0.5 }, hidden: 16 })
})

it('reaches any depth, and leaves the given configuration as it was', () => {
  const before = structuredClone(DQN)
  const changed = withOverrides(DQN, { 'network.spread': 0, updatesPerStep: 10 }, 'dqn')
  expect([changed.network.spread, changed.updatesPerStep]).toEqual([0, 10])
  expect(DQN).toEqual(before)
})

it('can set a value to 0', () => {
  expect(withOverrides({ one: 1 }, { one: 0 }, 'agent')).toEqual({ one: 0 })
})

it('takes 0 and 1 for no and yes', () => {
  const set = (tied: number) => withOverrides(DQN, { 'constraint.tied': tied }, 'dqn').constraint
  expect(set(0).tied).toBe(false)
  expect(set(1)).toEqual({ ...DQN.constraint, tied: true })
})

it.each(['epsilon', 'epsilon.', 'epsilom.last', 'epsilon.last.x', '', 'toString'])(
  'refuses "%s", listing what there is',
  (path) => {
    const change = () => withOverrides(HYBRID, { [path]: 1 }, 'hybrid')
    expect(change).toThrow(ConfigError)
    expect(change).toThrow(`no hyperparameter "${path}": use one of epsilon.first, epsilon.last`)
  },
)

it.each([
  ['batchSize', 0, 'a whole number from 1 to 10000'],
  ['batchSize', 1.5, 'a whole number from 1 to 10000'],
  ['hidden', -3, 'a whole number from 1 to 10000'],
  ['stateHidden', 1e9, 'a whole number from 1 to 10000'],
  ['directSteps', 0, 'a whole number from 1 to 10000000'],
  ['replayCapacity', 1e12, 'a whole number from 1 to 10000000'],
  ['draws', 0.5, 'a whole number from 0 to 10000'],
  ['learningRate', 0, 'a number above 0'],
  ['scaledMean', -8, 'a number above 0'],
  ['spread', -1, 'a number from 0'],
  ['wide.noise', 0, 'a number above 0'],
  ['epsilon.last', 1.01, 'a number from 0 to 1'],
  ['discount', 1, 'a number from 0 to below 1'],
  ['constraint.exploreBelow', 0, 'a number above 0, at most 1'],
  ['constraint.head', 2, '0 for no or 1 for yes'],
  ['scaledLimit', Number.NaN, 'a number above 0'],
  ['weightDecay', Infinity, 'a number from 0'],
])('refuses %s = %s, and says to give %s', (path, value, remedy) => {
  const change = () => withOverrides(HYBRID, { [path]: value }, 'hybrid')
  expect(change).toThrow(ConfigError)
  expect(change).toThrow(`hyperparameter "${path}" of agent "hybrid" is ${value}: give ${remedy}`)
})

it.each([
  ['batchSize', 1],
  ['draws', 0],
  ['suggestSessions', 0],
  ['epsilon.first', 0],
  ['epsilon.first', 1],
  ['discount', 0.99],
  ['constraint.exploreBelow', 1],
  ['priorityExponent', 0],
])('takes %s = %s', (path, value) => {
  expect(() => withOverrides(HYBRID, { [path]: value }, 'hybrid')).not.toThrow()
})

it.each([
  ['hybrid', HYBRID],
  ['dqn', DQN],
  ['q-learning', Q_LEARNING],
  ['q-learning', UNIFORM_Q_LEARNING],
  ['bandit', BANDIT],
  ['supervised', SUPERVISED],
  ['factored', FACTORED],
])('takes all defaults of %s', (name, defaults) => {
  expect(withOverrides(defaults, numbersOf(defaults), name)).toEqual(defaults)
})

/** Every value by its path, booleans as 0 and 1. */
function numbersOf(configuration: object, prefix = ''): Overrides {
  const entries = Object.entries(configuration).map(
    ([key, value]): Overrides =>
      typeof value === 'object'
        ? numbersOf(value, `${prefix}${key}.`)
        : { [prefix + key]: Number(value) },
  )
  return Object.assign({}, ...entries)
}
