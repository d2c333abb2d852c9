import { expect, test } from 'vitest'
import { ConfigError } from '../../errors.ts'
import { refuseUnknownVariables, withoutSettings } from './environment.ts'

test.each([
  [{}],
  [{ PATH: '/bin', HOME: '/root' }],
  [{ TIERWISE_HOME: '/models', TIERWISE_GOAL: '85' }],
  [{ TIERWISE_WORKERS__END: '1', TIERWISE_TIMEOUT_MS: '5', TIERWISE_IN_FLIGHT: '9' }],
])('%j: all of them are settings of some command', async (environment) => {
  await expect(refuseUnknownVariables(environment)).resolves.toBeUndefined()
})

test.each([
  ['TIERWISE_GAOL', 'TIERWISE_GOAL'],
  ['TIERWISE_WORKERS_END', 'TIERWISE_WORKERS__END'],
  ['TIERWISE_HOEM', 'TIERWISE_HOME'],
  ['TIERWISE_brokerPort', 'TIERWISE_BROKER_PORT'],
])('%s is none: the nearest is %s', async (unknown, nearest) => {
  const refused = refuseUnknownVariables({ TIERWISE_SEED: '1', [unknown]: '1' })
  await expect(refused).rejects.toThrow(ConfigError)
  await expect(refused).rejects.toThrow(
    `there is no setting ${unknown}: did you mean ${nearest}? Else unset it`,
  )
})

test('a process whose settings are complete gets none from the environment', () => {
  const environment = { PATH: '/bin', TIERWISE_HOME: '/models', TIERWISE_GOAL: '85' }
  expect(withoutSettings(environment)).toEqual({ PATH: '/bin', TIERWISE_HOME: '/models' })
})
