import { expect, test } from 'vitest'
import { agentName } from './agent-name.ts'

test('an agent is called by its name, unless that is a list', () => {
  expect(['factored', 'fixed:end/d0'].map(agentName)).toEqual(['factored', 'fixed:end/d0'])
  expect(agentName('fixed:end/d0,edge/d0')).toBe('fixed: one choice for each device')
  expect(agentName('fixed:end/d0,edge/d0;end/d4,edge/d0')).toBe('fixed: 2 decisions in turn')
})
