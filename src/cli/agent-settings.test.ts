import { Command } from 'commander'
import { expect, test } from 'vitest'
import { addAgentOptions, withAgentFlags } from './agent-settings.ts'

function parsed(...args: string[]) {
  const command = addAgentOptions(new Command('test')).exitOverride()
  command.configureOutput({ writeErr: () => {} })
  return command.parse(args, { from: 'user' }).opts()
}

test('flags are read, and a budget is a number of percent', () => {
  expect(parsed('--shadow', 'hybrid', '--exploration-budget', '2.5')).toEqual({
    shadow: 'hybrid',
    explorationBudget: 2.5,
  })
  for (const wrong of ['0', '-1', 'much', '']) {
    expect(() => parsed('--exploration-budget', wrong)).toThrow(/in percent, above 0/)
  }
})

test('the budget of a flag goes before that of a file', () => {
  const file = { goal: 85, exploration: { budgetPercent: 9 } }
  expect(withAgentFlags({ ...file, explorationBudget: undefined })).toEqual(file)
  expect(withAgentFlags({ ...file, explorationBudget: 4 })).toEqual({
    goal: 85,
    exploration: { budgetPercent: 4 },
  })
})
