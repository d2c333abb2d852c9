import { expect, it } from 'vitest'
import { ConfigError } from '../../errors.ts'
import { DQN, HYBRID } from './hyperparameters.ts'
import { withOverrides } from './overrides.ts'

it('changes what is named and nothing else', () => {
  const changed = withOverrides(HYBRID, { 'epsilon.last': 0.5, hidden: 16 }, 'hybrid')
  expect(changed).toEqual({ ...HYBRID, epsilon: { ...HYBRID.epsilon, last: 0.5 }, hidden: 16 })
})

it('reaches any depth, and leaves the given configuration as it was', () => {
  const before = structuredClone(DQN)
  const changed = withOverrides(DQN, { 'network.optimism': 0, updatesPerStep: 10 }, 'dqn')
  expect([changed.network.optimism, changed.updatesPerStep]).toEqual([0, 10])
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
