import { mkdtempSync, readFileSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, expect, test, vi } from 'vitest'
import { packageFile } from '../package-files.ts'
import type { CheckResult } from '../trial/conformance/agent-checks.ts'
import { checkAgentCommand } from './check-agent.ts'

afterEach(() => {
  vi.restoreAllMocks()
  process.exitCode = 0
})

/** Runs the command as typed. @returns what it wrote to standard output */
async function checkAgent(...args: string[]): Promise<string> {
  let output = ''
  vi.spyOn(process.stdout, 'write').mockImplementation((text) => {
    output += text
    return true
  })
  await checkAgentCommand().exitOverride().parseAsync(args, { from: 'user' })
  return output
}

test('the example keeps every promise, and solves what it can see', async () => {
  const output = await checkAgent(packageFile('examples/library/own-agent.mjs'))
  expect(output).toContain('✓ repeats a run from its seed, to the bit\n')
  expect(output).toMatch(/keeps (\d+) of \1 promises, and solves [4-8] of 10 small worlds\.\n$/)
  expect(process.exitCode ?? 0).toBe(0)
})

test('so does the agent that the document shows', async () => {
  const text = readFileSync(packageFile('docs/library.md'), 'utf8')
  const [, code = ''] = /### A whole agent[\s\S]*?```js\n([\s\S]*?)```/.exec(text) ?? []
  const file = join(mkdtempSync(join(tmpdir(), 'tierwise-check-')), 'documented.mjs')
  writeFileSync(file, code)
  const { keepsAll, checks } = JSON.parse(await checkAgent(file, '--json'))
  expect(checks.filter(({ kind, passed }: CheckResult) => kind === 'promise' && !passed)).toEqual(
    [],
  )
  expect(keepsAll).toBe(true)
})

test('a broken promise is told with what happened, and is the exit status', async () => {
  const file = join(mkdtempSync(join(tmpdir(), 'tierwise-check-')), 'forgetful.mjs')
  writeFileSync(
    file,
    `export function createAgent({ choices }, { allows, random, parameters }) {
      let steps = 0
      function greedy(state) {
        const all = choices.flatMap((_, one) => choices.map((_, other) => [one, other]))
        const open = all.filter((decision) => allows(state, decision))
        return open[(steps * parameters.stride) % open.length]
      }
      return { greedy, decide: greedy, observe: () => steps++, save: () => null, restore() {} }
    }`,
  )
  const result = JSON.parse(await checkAgent(file, '--set', 'stride=1', '--json'))
  expect(process.exitCode).toBe(1)
  expect(result).toMatchObject({ agent: file, keepsAll: false })
  expect(result.checks).toContainEqual({
    name: 'continues after step 7 as if never interrupted',
    kind: 'promise',
    passed: false,
    reason: 'restored, it takes other decisions: save() leaves something out',
  })
})

test('what is no agent is an error', async () => {
  await expect(checkAgent('./absent.mjs')).rejects.toThrow('there is no file')
})
