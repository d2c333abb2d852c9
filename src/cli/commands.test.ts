import { expect, test } from 'vitest'
import { programFor } from './commands.ts'

const namesOf = async (...args: string[]) =>
  (await programFor(args)).commands.map((command) => command.name())

test('help of the program names every command, and loads none', async () => {
  const program = await programFor(['--help'])
  expect(program.commands.length).toBeGreaterThan(15)
  expect(program.commands.every(({ options }) => options.length === 0)).toBe(true)
  const help = program.helpInformation()
  expect(help).toMatch(/^ {2}node {9,}Run one node: a device \(end\), an edge or the cloud\.$/m)
  expect(help).not.toContain('it alone reads goal')
})

test('a command that is named is loaded alone, with all that it says', async () => {
  const program = await programFor(['node', '--help'])
  expect(program.commands.map((command) => command.name())).toEqual(['node'])
  const [node] = program.commands
  expect(node?.options.length).toBeGreaterThan(5)
  expect(node?.helpInformation().replaceAll(/\s+/g, ' ')).toContain('it alone reads goal')
})

test.each([
  [['help', 'goal'], ['goal']],
  [['--', 'goal'], ['goal']],
])('%j loads %j', async (args, names) => {
  expect(await namesOf(...args)).toEqual(names)
})

test.each([['fly'], ['constructor'], ['fly', 'goal']])('%j is no command', async (...args) => {
  expect((await namesOf(...args)).length).toBeGreaterThan(15)
})
