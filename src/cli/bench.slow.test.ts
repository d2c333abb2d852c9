import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest'
import { TestNodes, testCatalogueFile } from '../node/start-node.fixture.ts'
import { benchCommand } from './bench.ts'

let folder: string
let catalogue: string
const nodes = new TestNodes()
beforeEach(async () => {
  folder = mkdtempSync(join(tmpdir(), 'tierwise-bench-test-'))
  catalogue = await testCatalogueFile()
})
afterEach(async () => {
  rmSync(folder, { recursive: true, force: true })
  vi.restoreAllMocks()
  vi.unstubAllEnvs()
  await nodes.closeAll()
  process.exitCode = 0
})

/** Runs the command as typed. @returns what it wrote to standard output */
async function bench(...args: string[]): Promise<string> {
  let output = ''
  vi.spyOn(process.stdout, 'write').mockImplementation((text) => {
    output += text
    return true
  })
  vi.spyOn(process.stderr, 'write').mockReturnValue(true)
  const all = ['--catalogue', catalogue, ...args]
  await benchCommand().exitOverride().parseAsync(all, { from: 'user' })
  return output
}

/** Processes started with this test's folder in their environment. */
function startedHere(): string[] {
  return readdirSync('/proc').filter((pid) => {
    try {
      return readFileSync(`/proc/${pid}/environ`, 'utf8').includes(`RUN_OF_A_TEST=${folder}`)
    } catch {
      return false
    }
  })
}

/** Room enough for a crowded machine. */
const CALM = ['--deadline', '900', '--transit', '100', '--rate', '12']

test('an overloaded node refuses at once what it cannot serve, and is itself again', async () => {
  const room = ['--deadline', '1200', '--transit', '200', '--min-accuracy', '89.9']
  const load = ['--overload', '3', '--load', '0.2', '--burst', '5s', '--slowdown', '2']
  const output = await bench(...room, ...load, '--policies', 'anticipating-fit', '--json')
  const { live } = JSON.parse(output).policies[0]
  // Times are those of a crowded machine: that it is said on arrival is the node's own doing.
  const { refused, expired, 'queue-full': full } = live.dropped
  expect(refused).toBeGreaterThan(0)
  expect(refused + full).toBeGreaterThan(expired)
  expect(live.refusals).toMatchObject({
    count: refused + full + expired + live.dropped['given-up'],
  })
  expect(live.recoveryMs).not.toBeNull()
}, 120_000)

describe('a node of its own', () => {
  test('is driven under every policy in turn, the simulator beside it, and drawn', async () => {
    const trace = join(folder, 'trace.txt')
    writeFileSync(trace, Array.from({ length: 20 }, (_, i) => `${i / 15}\n`).join(''))
    const plot = join(folder, 'bench.html')
    const args = [...CALM, '--trace', trace, '--plot', plot, '--json']
    const output = await bench(...args, '--policies', 'smallest,largest', '--slowdown', '1.5')
    const result = JSON.parse(output)
    expect(result).toMatchObject({ requests: 20, deadlineMs: 900, transitMs: 100, slowdown: 1.5 })
    expect(result.ladder.variants.length).toBeGreaterThan(1)
    const [smallest, largest] = result.policies
    for (const { live } of result.policies) {
      const { onTime, late, dropped } = live
      const counts = [...Object.values(onTime), late, ...Object.values(dropped)] as number[]
      expect(counts.reduce((sum, count) => sum + count)).toBe(20)
      expect(live.unanswered).toEqual({})
    }
    const names = result.ladder.variants.map(({ name }: { name: string }) => name)
    expect(smallest.live.onTime[names[0]]).toBeGreaterThan(0)
    expect(largest.live.onTime[names[0]]).toBe(0)
    expect(largest.live.policyAtEnd).toBe('largest')
    expect(readFileSync(plot, 'utf8')).toContain('answered by (%): largest, simulated')
  })

  test('refuses a policy that it cannot use, saying why', async () => {
    const policy = join(folder, 'odd.json')
    writeFileSync(policy, '{"format": "onnx"}')
    const refused = bench(...CALM, '--workload', 'poisson', '--policies', policy)
    await expect(refused).rejects.toThrow('format "onnx" is not a scheduling network')
  })
})

describe('a node that runs already', () => {
  test('is driven under the policy that it has, and described', async () => {
    const scheduling = { policy: 'smallest' }
    const node = await nodes.start({ name: 'there', tier: 'edge', scheduling })
    await node.ready
    const workload = ['--workload', 'poisson', '--duration', '1s']
    const output = await bench('--url', node.url, ...CALM, ...workload)
    expect(output).toContain('live | simulated')
    expect(output).toMatch(/\nsmallest +\d/)
    expect(output).toContain('One policy alone tells nothing of an order')
    expect(output).not.toContain('largest ')
  })

  test('must be there', async () => {
    const missing = bench('--url', 'http://127.0.0.1:9', ...CALM)
    await expect(missing).rejects.toThrow('is a Tierwise node running there?')
    await expect(bench('--url', 'there')).rejects.toThrow(
      '--url: url is "there": write one http:// or https:// URL',
    )
    const slow = bench('--url', 'http://127.0.0.1:9', '--slowdown', '1.2')
    await expect(slow).rejects.toThrow('--slowdown needs a node of its own')
  })
})

describe('a fleet', () => {
  test('keeps its goal: its devices ask the edge, no answer is below it, and rounds close', async () => {
    const trace = join(folder, 'trace.txt')
    writeFileSync(trace, Array.from({ length: 40 }, (_, i) => `${i / 15}\n`).join(''))
    const args = [...CALM, '--goal', '85', '--trace', trace, '--policies', 'smallest', '--json']
    const { ladder, policies } = JSON.parse(await bench(...args))
    const [{ live, simulated }] = policies
    const { onTime, late, dropped } = live
    const counts = [...Object.values(onTime), late, ...Object.values(dropped)] as number[]
    expect(counts.reduce((sum, count) => sum + count)).toBe(40)
    expect(live.unanswered).toEqual({})
    expect(live.policyAtEnd).toBe('smallest')
    expect(live.goal).toMatchObject({ goalPercent: 85, goalViolations: 0 })
    const { meanAccuracyPercent, lowestWindowPercent, lowestAnswerPercent } = live.goal
    expect(lowestAnswerPercent).toBeGreaterThanOrEqual(85)
    expect(lowestWindowPercent).toBeGreaterThanOrEqual(lowestAnswerPercent)
    expect(meanAccuracyPercent).toBeGreaterThanOrEqual(lowestWindowPercent)
    expect(live.goal.closedRounds).toBeGreaterThan(0)
    expect(live.goal.answeredByDevices).toBeLessThan(40)
    // The edge's smallest variant is below the goal: not even there may it answer.
    expect(ladder.variants[0].accuracyPercent).toBeLessThan(85)
    expect(simulated.onTime[ladder.variants[0].name]).toBe(0)
  }, 60_000)

  test('has a goal that some variant meets, and is its own', async () => {
    await expect(bench(...CALM, '--goal', '95')).rejects.toThrow('a goal of 95 % cannot be met')
    const url = ['--url', 'http://127.0.0.1:9', '--goal', '85']
    await expect(bench(...CALM, ...url)).rejects.toThrow('--goal needs a fleet of its own')
  })

  test('given up while it starts, leaves nothing behind', async () => {
    vi.stubEnv('RUN_OF_A_TEST', folder)
    const ended = bench(...CALM, '--policies', 'smallest', '--goal', '85')
    const assertion = expect(ended).rejects.toThrow('broken off before the first policy')
    setTimeout(() => process.emit('SIGINT'), 1500)
    await assertion
    expect(process.exitCode).toBe(130)
    expect(startedHere()).toEqual([])
  })
})

test('Ctrl-C before the first policy is through ends the node and says so', async () => {
  const ended = bench(...CALM, '--policies', 'smallest', '--burst', '60s')
  const assertion = expect(ended).rejects.toThrow('broken off before the first policy')
  setTimeout(() => process.emit('SIGINT'), 4000)
  await assertion
  expect(process.exitCode).toBe(130)
})

test.each([
  [['--slowdown', '0.5'], 'cannot be emulated'],
  [['--deadline', '100', '--transit', '60'], 'leaves too little'],
])('%j is refused', async (args, message) => {
  const node = await nodes.start({ name: 'there', tier: 'edge' })
  await node.ready
  const url = message === 'leaves too little' ? ['--url', node.url] : []
  await expect(bench(...url, ...args)).rejects.toThrow(message)
})
