import { mkdtempSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect, it } from 'vitest'
import { ConfigError } from '../../errors.ts'
import type { Problem } from '../environment/environment.ts'
import { createAgent } from './create.ts'
import { loadOwnAgents } from './own-agent-files.ts'

const folder = mkdtempSync(join(tmpdir(), 'tierwise-agents-'))
const PROBLEM: Problem = {
  devices: 1,
  stateSize: 0,
  choices: [{ placement: { tier: 'end', variant: 'd0' }, accuracyPercent: 89.9 }],
}

function fileOf(name: string, text: string): string {
  const file = join(folder, name)
  writeFileSync(file, text)
  return file
}

const VERBS = 'decide: () => [0], greedy: () => [0], observe() {}, save() {}, restore() {}'

it('makes the agent of a module', async () => {
  const file = fileOf('good.mjs', `export const createAgent = () => ({ ${VERBS} })`)
  await loadOwnAgents([undefined, 'factored', file])
  const agent = createAgent(file, PROBLEM, { seed: 1, feedback: 'per-device' })
  expect(agent.name).toBe(file)
  expect(() => createAgent(file, PROBLEM, { seed: 1, mode: 'literal' })).toThrow(/has no mode/)
  expect(() => createAgent(file, PROBLEM, { seed: 1, regime: 'penalty' })).toThrow(
    'leave --regime penalty',
  )
})

it('makes none of a module that was not named at the start', () => {
  const create = () => createAgent('/elsewhere/other.mjs', PROBLEM, { seed: 1 })
  expect(create).toThrow(ConfigError)
  expect(create).toThrow('agent /elsewhere/other.mjs is not loaded')
})

it.each([
  ['absent.mjs', undefined, /there is no file .*absent\.mjs/],
  ['wrong.mjs', 'export const make = 1', /exports no function createAgent.*it exports make/],
  ['empty.mjs', '', /it exports nothing/],
  ['syntax.mjs', 'export const = 1', /syntax\.mjs cannot be loaded: .*/],
  ['needs.mjs', "import 'no-such-package'", /cannot be loaded: .*no-such-package/],
])('names %s and what it lacks', async (name, text, message) => {
  const file = text === undefined ? join(folder, name) : fileOf(name, text)
  const loading = loadOwnAgents([file])
  await expect(loading).rejects.toThrow(ConfigError)
  await expect(loading).rejects.toThrow(message)
})
