/** The examples of the library compile strictly against what is published, and do what they say. */
import { execFile } from 'node:child_process'
import { promisify } from 'node:util'
import { expect, test } from 'vitest'
import { packageFile } from '../src/package-files.ts'

const run = promisify(execFile)

/** Runs a program of Node's in the package's folder. @returns its standard output; rejects with its standard error */
async function outputOf(...args: string[]): Promise<string> {
  const { stdout } = await run(process.execPath, args, { cwd: packageFile('.'), timeout: 60_000 })
  return stdout
}

/** @param name of the file, without extension */
const example = (name: string) => outputOf('--import', 'tsx', `examples/library/${name}.ts`)

test('all compile strictly', async () => {
  expect(await outputOf('node_modules/typescript/bin/tsc', '-p', 'examples/library')).toBe('')
})

test('plan() proves the best decision', async () => {
  // By hand: (5 + 70) + 40 + (8 + 70) ms over three devices; (90 + 80 + 90) / 3 percent.
  expect(await example('plan')).toBe(
    'edge/large, end/small, edge/large: 64.3 ms at 86.7 %\nno decision is below 64.3 ms: proven\n',
  )
})

test('an agent learns in an environment of one’s own', async () => {
  // By hand: 40 and 30 ms; both at the edge are 120 each, and both small break the goal.
  expect(await example('own-environment')).toMatch(
    /^(end\/small and edge\/large|edge\/large and end\/small): 85 %/,
  )
})

test('a scheduling rule of one’s own is compared with a built-in one', async () => {
  const output = await example('own-scheduling-rule')
  const accuracies = [...output.matchAll(/(\S+): effective accuracy ([\d.]+) %/g)]
  expect(accuracies.map(([, name]) => name)).toEqual(['sharing', 'slack-fit'])
  for (const [, , percent] of accuracies) {
    expect(Number(percent)).toBeGreaterThan(70)
    expect(Number(percent)).toBeLessThan(90)
  }
})

test('a fleet of one’s own program serves and learns', async () => {
  const output = await example('start')
  const [, , accuracy] =
    /(\d+) requests by (?:end|cloud)\/.*\naverage accuracy ([\d.]+) %/s.exec(output) ?? []
  expect(Number(accuracy)).toBeGreaterThanOrEqual(92)
}, 90_000)

test('an own agent acts in a live fleet', async () => {
  const flags = ['--devices', '2', '--for', '8s', '--no-compare', '--json', '-']
  const agent = ['--agent', 'examples/library/own-agent.mjs']
  const report = JSON.parse(await outputOf('dist/src/cli/main.js', 'up', ...flags, ...agent))
  expect(report.agent).toMatch(/own-agent\.mjs$/)
  expect(report.rounds).toBeGreaterThan(5)
}, 90_000)
