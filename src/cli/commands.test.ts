import type { Command } from 'commander'
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

/** With what stands after the options. */
function helpOf(command: Command): string {
  let text = ''
  command.configureOutput({ writeOut: (part) => (text += part) }).outputHelp()
  return text
}

test('an example in the help of a command has a line of its own', async () => {
  const names = (await programFor(['--help'])).commands.map((command) => command.name())
  const programs = await Promise.all(names.map((name) => programFor([name])))
  const all = programs.flatMap(({ commands: [command] }) => command ?? [])
  const helps = [...all, ...all.flatMap(({ commands }) => commands)].map(helpOf)
  const examples = helps.flatMap((help) => help.split(/^Examples?:$/m)[1]?.split('\n') ?? [])
  expect(examples.length).toBeGreaterThan(40)
  expect(examples.filter((line) => /\S {2,}tierwise /.test(line))).toEqual([])
})
