import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest'
import type { Run } from '#paper'
import { sweep } from '../../paper/table-6/sweep.ts'
import { parseShard, reproduceCommand } from './reproduce.ts'

let folder: string

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'tierwise-reproduce-'))
})
afterEach(() => {
  rmSync(folder, { recursive: true, force: true })
  vi.restoreAllMocks()
})

/** Runs the command as typed. @returns what it wrote to standard output */
async function reproduce(...args: string[]): Promise<string> {
  let output = ''
  vi.spyOn(process.stdout, 'write').mockImplementation((text) => {
    output += text
    return true
  })
  vi.spyOn(process.stderr, 'write').mockReturnValue(true)
  await reproduceCommand()
    .exitOverride()
    .parseAsync([...args, '--out', folder], { from: 'user' })
  return output
}

const QUICK = sweep({ quick: true, seeds: 1 })

/** A run as a line of the store, invented: what is tested here is not the learning. */
function finished(run: Run): string {
  return `${JSON.stringify({
    ...run,
    mode: run.mode ?? null,
    converged: true,
    realSteps: 50,
    strictRealSteps: 50,
    plannedSteps: 0,
    updates: 500,
    responseTimeMs: 100,
    oracleResponseTimeMs: 100,
    accuracyPercent: 90,
    goalViolations: 0,
    decisions: [],
    experienceSeconds: 1,
    computationSeconds: 1,
    steps: 550,
    commit: 'abc',
    machine: 'invented',
  })}\n`
}

function store(name: string, runs: readonly Run[]): void {
  writeFileSync(join(folder, name), runs.map(finished).join(''))
}

describe('--merge', () => {
  test('reports from the runs of all shards', async () => {
    store('runs-1-of-2.jsonl', QUICK.slice(0, 7))
    store('runs-2-of-2.jsonl', QUICK.slice(7))
    const output = await reproduce('table-6', '--quick', '--seeds', '1', '--merge')
    expect(output).toContain('2 of 2 runs of hybrid (exact)')
    for (const name of ['index.html', 'results.csv', 'results.json', 'steps.svg', 'ratios.svg']) {
      expect(existsSync(join(folder, name)), name).toBe(true)
    }
    const results = JSON.parse(readFileSync(join(folder, 'results.json'), 'utf8'))
    expect(results.command).toBe('tierwise reproduce table-6 --quick --seeds 1')
    expect(results.machines).toEqual(['invented'])
    expect(results.seeds).toEqual([101])
  })

  test('says how many runs are missing', async () => {
    store('runs.jsonl', QUICK.slice(1))
    await expect(reproduce('table-6', '--quick', '--seeds', '1', '--merge')).rejects.toThrow(
      `1 of ${QUICK.length} runs are missing in ${folder}`,
    )
  })

  test('goes with no shard', async () => {
    await expect(reproduce('table-6', '--merge', '--shard', '1/2')).rejects.toThrow('leave --shard')
  })
})

describe('--resume', () => {
  test('runs only what is missing, then reports', async () => {
    const [first, ...others] = QUICK.filter(
      ({ agent, regime, overrides }) =>
        agent === 'q-learning' && regime === 'penalty' && !overrides,
    )
    store(
      'runs.jsonl',
      QUICK.filter((run) => run !== first),
    )
    expect(others).toHaveLength(1)
    await reproduce('table-6', '--quick', '--seeds', '1', '--resume')
    const lines = readFileSync(join(folder, 'runs.jsonl'), 'utf8').trimEnd().split('\n')
    expect(lines).toHaveLength(QUICK.length)
    const last = JSON.parse(lines.at(-1) ?? '')
    expect(last).toMatchObject({ ...first })
    expect(last.machine).not.toBe('invented')
    expect(last.commit).not.toBe('')
  })

  test('must be asked for where there are runs already', async () => {
    store('runs.jsonl', QUICK.slice(0, 2))
    await expect(reproduce('table-6', '--quick')).rejects.toThrow(
      'already holds 2 runs: add --resume',
    )
    expect(readFileSync(join(folder, 'runs.jsonl'), 'utf8').split('\n')).toHaveLength(3)
  })
})

test('--shard runs its part and leaves the report to --merge', async () => {
  store('runs-1-of-2.jsonl', QUICK)
  const output = await reproduce('table-6', '--quick', '--seeds', '1', '--shard', '1/2', '--resume')
  expect(output).toContain('Part 1 of 2 is done')
  expect(existsSync(join(folder, 'index.html'))).toBe(false)
})

test('Ctrl-C keeps what is finished and says how to go on', async () => {
  const exitCode = process.exitCode
  const running = reproduce('table-6', '--quick', '--seeds', '1')
  setTimeout(() => process.emit('SIGINT'), 300)
  expect(await running).toBe('')
  expect(process.exitCode).toBe(130)
  process.exitCode = exitCode
  expect(existsSync(join(folder, 'runs.jsonl'))).toBe(true)
  expect(existsSync(join(folder, 'index.html'))).toBe(false)
})

describe('bad input', () => {
  test('an experiment that does not exist', async () => {
    await expect(reproduce('table-9')).rejects.toThrow(
      'there is no experiment "table-9": use one of all, table-5, table-6',
    )
  })

  test('shards', () => {
    expect(parseShard('2/8')).toEqual({ index: 2, count: 8 })
    for (const text of ['0/2', '3/2', '1', '1/2/3', 'a/b', '']) {
      expect(() => parseShard(text), text).toThrow('such as 1/4')
    }
  })
})
