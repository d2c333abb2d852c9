import { expect, test } from 'vitest'
import { TierwiseError } from '../errors.ts'
import { DEFAULT_CHOICES } from '../simulation/calibration.ts'
import { checkOrchestration } from './check-orchestration.ts'

const fleet = { goal: 85, agent: 'hybrid', devices: 5 }

test.each(['hybrid', 'fixed:end/d4', 'fixed:edge/d0;end/d0'])('%s can work', (agent) => {
  expect(() => checkOrchestration({ ...fleet, agent }, DEFAULT_CHOICES)).not.toThrow()
})

test.each([
  [{ agent: 'nonsense' }, /there is no agent "nonsense"/],
  [{ agent: 'fixed:fog/d0' }, /fog\/d0/],
  [{ agent: 'fixed:edge/d9' }, /edge\/d9/],
  [{ agent: 'oracle' }, /needs a measured profile/],
  [{ devices: 7 }, /10000000 joint decisions/],
  [{ goal: 95 }, /a goal of 95 % cannot be kept: .* 89.9 %, so give 89.9 or less/],
])('%j is refused before anything starts', (wrong, message) => {
  const check = () => checkOrchestration({ ...fleet, ...wrong }, DEFAULT_CHOICES)
  expect(check).toThrow(TierwiseError)
  expect(check).toThrow(message)
})
