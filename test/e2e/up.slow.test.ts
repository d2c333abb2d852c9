/** The main job, `tierwise up`, from start to report. */
import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { afterAll, beforeAll, expect, test, vi } from 'vitest'
import { overview } from '../../src/views/schemas.ts'

const main = fileURLToPath(new URL('../../dist/src/cli/main.js', import.meta.url))

let folder: string
let config: string

beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'tierwise-up-test-'))
  config = join(folder, 'tierwise.yaml')
  // Faster than the default, so that the test ends soon.
  writeFileSync(config, 'devices: 2\nport: 0\nemulation: { timeScale: 0.08 }\n')
})
afterAll(() => rmSync(folder, { recursive: true, force: true }))

function up(...args: string[]): { child: ChildProcess; output: () => string } {
  const child = spawn(process.execPath, [main, 'up', '--config', config, ...args], {
    env: { ...process.env, RUN_OF_A_TEST: folder },
  })
  let text = ''
  for (const stream of [child.stdout, child.stderr]) {
    stream.on('data', (chunk) => {
      text += chunk
    })
  }
  return { child, output: () => text }
}

/** Places of the pictures that the live page is told of, once learning has ended. */
async function shownPictures(output: () => string): Promise<number[]> {
  await vi.waitFor(() => expect(output()).toContain('measuring'), 60_000)
  const [, url] = /Live page: (\S+)/.exec(output()) ?? []
  const answer = await fetch(`${url}v2/tierwise/fleet`)
  const { tests } = overview.parse(await answer.json())
  expect(tests?.answers.every(({ image }) => image?.startsWith('data:image/png'))).toBe(true)
  return (tests?.answers ?? []).map(({ picture }) => picture)
}

/** Processes of this machine that a run of this test has started, and that still live. */
function leftBehind(): string[] {
  return readdirSync('/proc')
    .filter((name) => /^\d+$/.test(name))
    .filter((pid) => {
      try {
        return readFileSync(`/proc/${pid}/environ`, 'utf8').includes(`RUN_OF_A_TEST=${folder}`)
      } catch {
        return false
      }
    })
}

test('learns for the time given, compares, reports, and stops its processes', async () => {
  const file = join(folder, 'out.json')
  const page = join(folder, 'out.html')
  const { child, output } = up('--for', '4s', '--goal', '80', '--json', file, '--html', page)
  const exit = once(child, 'exit')
  const shown = await shownPictures(output)
  const [status] = await exit
  expect(output()).toContain('Average response time')
  expect(status).toBe(0)
  const report = JSON.parse(readFileSync(file, 'utf8'))
  expect(report).toMatchObject({
    goal: 80,
    agent: 'factored',
    mode: 'pushed',
    failedRequests: 0,
    goalViolations: 0,
    responseTimeMs: {
      first: expect.any(Number),
      last: expect.any(Number),
      oracle: expect.any(Number),
    },
    decisions: [{ device: 'device-1' }, { device: 'device-2' }],
    emulation: { dilationErrorPercent: expect.any(Number) },
  })
  expect(report.rounds).toBeGreaterThan(5)
  expect(report.realSteps).toBeGreaterThan(5)
  expect(report.requests).toBeGreaterThan(2 * report.rounds)
  expect(report.accuracyPercent).toBeGreaterThanOrEqual(80)
  // Each of the shipped ladder's ten variants on the devices, and the most accurate on the edge and in the cloud.
  const tiers = Object.keys(report.strategies).map((name) => name.split('/')[0])
  expect(tiers.sort()).toEqual(['cloud', 'edge', ...Array<string>(10).fill('end')].sort())
  expect(Object.values(report.strategies)).toContainEqual(expect.objectContaining({ rounds: 20 }))
  // The page and the report show the same pictures, with their answers.
  expect(shown).toEqual(report.answers.map(({ picture }: { picture: number }) => picture))
  expect(shown).toHaveLength(6)
  expect(readFileSync(page, 'utf8').match(/<img src="data:image\/png;base64,/g)).toHaveLength(6)
  expect(report.measured.answers).toBeGreaterThanOrEqual(2 * report.rounds)
  expect(leftBehind()).toEqual([])
}, 90_000)

test('Ctrl-C ends learning and a second one the comparison: the report comes all the same', async () => {
  const { child, output } = up()
  while (!output().includes('learning ·')) await once(child.stderr ?? child, 'data')
  expect(leftBehind()).toHaveLength(5)
  child.kill('SIGINT')
  while (!output().includes('measuring')) await once(child.stderr ?? child, 'data')
  child.kill('SIGINT')
  const [status] = await once(child, 'exit')
  expect(status).toBe(0)
  expect(output()).toContain('Average response time')
  expect(output()).toContain('oracle –')
  expect(leftBehind()).toEqual([])
}, 60_000)

test('consulted: decisions are asked for on every request', async () => {
  const { child, output } = up('--mode', 'consulted', '--for', '3s', '--no-compare', '--json', '-')
  const [status] = await once(child, 'exit')
  expect(status).toBe(0)
  const report = JSON.parse(output().slice(output().indexOf('{\n')))
  expect(report).toMatchObject({ mode: 'consulted', failedRequests: 0, goalViolations: 0 })
  expect(report.rounds).toBeGreaterThan(5)
}, 60_000)
