import { expect, test } from 'vitest'
import { TierwiseError } from '../errors.ts'
import { DEFAULT_CHOICES } from '../simulation/worlds/paper-world.ts'
import { checkOrchestration } from './check-orchestration.ts'

const fleet = {
  choices: DEFAULT_CHOICES,
  goalPercent: 85,
  agent: 'hybrid',
  expectedDevices: 5,
  seed: 1,
}

test.each(['hybrid', 'fixed:end/d4', 'fixed:edge/d0;end/d0'])('%s can work', (agent) => {
  expect(() => checkOrchestration({ ...fleet, agent })).not.toThrow()
})

test('a shadow, a budget and a rule can work', () => {
  const guarded = {
    ...fleet,
    agent: 'factored',
    shadow: 'hybrid',
    hyperparameters: { factored: { explorationBudget: 0.04 } },
    revert: { to: 'fixed:end/d4', rounds: 20 },
  }
  expect(() => checkOrchestration(guarded)).not.toThrow()
})

test.each([
  [{ agent: 'nonsense' }, /there is no agent "nonsense"/],
  [{ agent: 'fixed:fog/d0' }, /fog\/d0/],
  [{ agent: 'fixed:edge/d9' }, /edge\/d9/],
  [{ agent: 'oracle' }, /needs a measured profile/],
  [{ expectedDevices: 7 }, /10000000 joint decisions/],
  [{ shadow: 'nonsense' }, /there is no agent "nonsense"/],
  [{ hyperparameters: { hybrid: { nonsense: 1 } } }, /"hybrid" has no hyperparameter "nonsense"/],
  [{ revert: { to: 'hybrid', rounds: 20 } }, /"hybrid" is no fixed rule/],
  [
    { revert: { to: 'fixed:end/d7', rounds: 20 } },
    /fixed:end\/d7, has an average accuracy of 72\.8 %.*85 %/,
  ],
  [{ profile: { responseTimesMs: { 'end/d0': [[9]] } } }, /of 1 devices, but the fleet has 5/],
  [{ goalPercent: 95 }, /a goal of 95 % cannot be met: .* 89\.9 %/],
])('%j is refused before anything starts', (wrong, message) => {
  const check = () => checkOrchestration({ ...fleet, ...wrong })
  expect(check).toThrow(TierwiseError)
  expect(check).toThrow(message)
})
