import { mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest'
import { schedule, scheduleJson } from './schedule.fixture.ts'

const examples = fileURLToPath(new URL('../../examples/schedule/', import.meta.url))
const NODE = ['--ladder', join(examples, 'ladder.yaml'), '--deadline', '20']
const POISSON = ['--duration', '1s', '--workload', 'poisson']

let folder: string
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'tierwise-schedule-'))
})
afterEach(() => {
  rmSync(folder, { recursive: true, force: true })
  vi.restoreAllMocks()
})

describe('train', () => {
  test('learns from mixtures of workloads and traces a policy that compare takes, and goes on from it', async () => {
    const trace = join(folder, 'trace.txt')
    const [first, second] = [join(folder, 'first.json'), join(folder, 'second.json')]
    await schedule('simulate', ...NODE, ...POISSON, '--rate', '800', '--save-trace', trace)
    const mixed = ['--workload', 'gamma=2', '--workload', 'mix', '--trace', `${trace}=0.5`]
    const quick = ['train', ...NODE, '--rounds', '1']
    const trained = await schedule(...quick, ...mixed, '--out', first)
    expect(trained).toContain('Learned by hindsight for 1 worker and a deadline of 20 ms')
    const args = ['compare', ...NODE, '--duration', '2s', '--policies', `${first},uniform-fit-drop`]
    const [learned, rule] = (await scheduleJson(...args)).policies
    expect(learned.policy).toBe(first)
    expect(learned.effectiveAccuracyPercent).toBeGreaterThan(rule.effectiveAccuracyPercent - 2)
    await expect(schedule(...args, '--workers', '2')).rejects.toThrow('trained for 1 workers')
    await schedule(...quick, '--workload', 'poisson', '--from', first, '--out', second)
    const [before, after] = [first, second].map((file) => JSON.parse(readFileSync(file, 'utf8')))
    const moved = after.parameters.map(
      (one: number, index: number) => one - before.parameters[index],
    )
    const anew = Math.hypot(...after.parameters)
    expect(Math.hypot(...moved)).toBeGreaterThan(0)
    expect(Math.hypot(...moved)).toBeLessThan(anew / 2)
  }, 240_000)

  // By how much fewer depends on what is left to gain: `reproduce request-scheduling` measures it.
  test('with a price on violations a policy makes no more of them than the rule it leads', async () => {
    const load = ['--workload', 'gamma', '--set', 'gapCv=5', '--rate', '300', '--duration', '30s']
    const node = ['--ladder', join(examples, 'ladder.yaml'), '--deadline', '10']
    const out = join(folder, 'dear.json')
    const flags = ['--rounds', '2', '--seed', '5', '--violation-price', '10', '--out', out]
    await schedule('train', ...node, ...flags)
    const policies = ['--policies', `anticipating-fit,${out}`]
    const [rule, dear] = (await scheduleJson('compare', ...node, ...load, ...policies)).policies
    expect(rule.violationPercent).toBeGreaterThan(1)
    expect(dear.violationPercent).toBeLessThan(rule.violationPercent + 0.1)
  }, 240_000)
})
