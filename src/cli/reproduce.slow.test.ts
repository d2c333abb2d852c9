import { execFileSync } from 'node:child_process'
import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest'
import { changed } from '../../paper/example-run.fixture.ts'
import { experiment as table6 } from '../../paper/table-6/run.ts'
import { packageFile } from '../package-files.ts'
import type { TrainingSettings } from '../trial/training.ts'
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

const QUICK = table6.sweep({ quick: true, seeds: 1 })

/** A run as a line of the store, invented: what is tested here is not the learning. */
function finished(settings: TrainingSettings): string {
  const { result } = changed({ realSteps: 50, strictRealSteps: 50, updates: 500 })
  const provenance = { commit: 'abc', machine: 'invented' }
  return `${JSON.stringify({ settings, result, provenance })}\n`
}

function store(name: string, sweep: readonly TrainingSettings[]): void {
  mkdirSync(join(folder, name, '..'), { recursive: true })
  writeFileSync(join(folder, name), sweep.map(finished).join(''))
}

const read = (name: string) => readFileSync(join(folder, name), 'utf8')

describe('--merge', () => {
  test('reports from the runs of all shards', async () => {
    store('runs-1-of-2.jsonl', QUICK.slice(0, 7))
    store('runs-2-of-2.jsonl', QUICK.slice(7))
    const output = await reproduce('table-6', '--quick', '--seeds', '1', '--merge')
    expect(output).toContain('hybrid (exact) converges in 1 of 1 runs')
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
    const first = QUICK.find(
      ({ agent, regime, overrides }) =>
        agent === 'q-learning' && regime === 'penalty' && !overrides,
    )
    store(
      'runs.jsonl',
      QUICK.filter((run) => run !== first),
    )
    expect(first).toBeDefined()
    await reproduce('table-6', '--quick', '--seeds', '1', '--resume')
    const lines = readFileSync(join(folder, 'runs.jsonl'), 'utf8').trimEnd().split('\n')
    expect(lines).toHaveLength(QUICK.length)
    const last = JSON.parse(lines.at(-1) ?? '')
    expect(last.settings).toEqual(first)
    expect(last.provenance.machine).not.toBe('invented')
    expect(last.provenance.commit).not.toBe('')
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

describe('--only', () => {
  test('runs those with the settings alone, and the report says so', async () => {
    const output = await reproduce('beyond', '--quick', '--only', 'study=delivery')
    expect(output).toContain('Report: ')
    const runs = read('runs.jsonl').trimEnd().split('\n')
    expect(runs).toHaveLength(2)
    expect(runs.every((line) => JSON.parse(line).settings.study === 'delivery')).toBe(true)
    const { command } = JSON.parse(read('results.json'))
    expect(command).toBe('tierwise reproduce beyond --quick --seeds 1 --only study=delivery')
  })

  test('must leave something', async () => {
    const nothing = reproduce('beyond', '--quick', '--only', 'agent=nobody')
    await expect(nothing).rejects.toThrow('--only leaves no run of beyond')
    await expect(reproduce('beyond', '--only', 'agent')).rejects.toThrow('such as agent=factored')
  })
})

describe('experiments share runs', () => {
  test('one after the other, each in a folder of its own, with a page that leads to all', async () => {
    store('table-6/runs.jsonl', QUICK)
    const args = ['table-7', 'table-6', '--quick', '--seeds', '1', '--resume']
    const output = await reproduce(...args)
    expect(output.match(/Report: /g)).toHaveLength(2)
    expect(read('table-7/runs.jsonl')).toBe('')
    expect(read('table-7/index.html')).toContain('invented')
    const overview = read('index.html')
    for (const name of ['table-6', 'table-7'])
      expect(overview).toContain(`href="${name}/index.html"`)
  })

  test('or with --from', async () => {
    const elsewhere = mkdtempSync(join(tmpdir(), 'tierwise-from-'))
    writeFileSync(join(elsewhere, 'runs.jsonl'), QUICK.map(finished).join(''))
    await reproduce('table-7', '--quick', '--seeds', '1', '--from', elsewhere)
    rmSync(elsewhere, { recursive: true })
    expect(read('runs.jsonl')).toBe('')
    expect(JSON.parse(read('results.json'))).toMatchObject({ experiment: 'table-7', seeds: [101] })
  })
})

test('a quick experiment from the first step to its picture', async () => {
  const output = await reproduce('figure-3', '--quick', '--seeds', '1')
  expect(output).toContain('Within 5 % of the optimum for good: hybrid (exact) in 1 of 1 panels')
  const [run] = read('runs.jsonl').split('\n')
  const { settings, result } = JSON.parse(run ?? '')
  expect(result.curveMs).toHaveLength(settings.curveSteps.length)
  expect(result.steps).toBe(settings.maxSteps)
  expect(read('curves-exact.svg')).toContain('<svg')
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

test('results that would be committed are refused before anything is run, where the code is not', async () => {
  const git = (...args: string[]) => execFileSync('git', args, { cwd: folder })
  writeFileSync(join(folder, 'package.json'), '{}')
  git('init', '-q')
  git('add', '.')
  git('-c', 'user.name=test', '-c', 'user.email=test@example.org', 'commit', '-qm', 'first')
  writeFileSync(join(folder, 'package.json'), '{ "changed": true }')
  const results = join(folder, 'paper/table-6/results')
  const refused = (...args: string[]) =>
    expect(
      reproduceCommand(folder)
        .exitOverride()
        .parseAsync(['table-6', '--quick', ...args, '--out', results], { from: 'user' }),
    ).rejects
  await refused().toThrow('-dirty, code that is not committed: commit it and run anew')
  expect(existsSync(results)).toBe(false)
  store('paper/table-6/results/runs.jsonl', QUICK)
  await refused('--seeds', '1', '--merge').toThrow('results of abc, which is not in its history')
  expect(existsSync(join(results, 'index.html'))).toBe(false)
})

describe('bad input', () => {
  test('an experiment that does not exist', async () => {
    await expect(reproduce('table-9')).rejects.toThrow(
      'there is no experiment "table-9": use one of all, table-5, table-6',
    )
  })

  test('a folder without runs to take', async () => {
    await expect(reproduce('table-7', '--from', join(folder, 'absent'))).rejects.toThrow(
      'absent holds no finished runs: name a folder with runs.jsonl',
    )
  })

  test('shards', () => {
    expect(parseShard('2/8')).toEqual({ index: 2, count: 8 })
    for (const text of ['0/2', '3/2', '1', '1/2/3', 'a/b', '']) {
      expect(() => parseShard(text), text).toThrow('such as 1/4')
    }
  })
})

describe('--agent', () => {
  const file = packageFile('examples/library/own-agent.mjs')

  test('enters an own agent in the tables', async () => {
    const flags = ['--quick', '--agent', file, '--only', `agent=${file}`]
    const output = await reproduce('table-6', ...flags)
    expect(output).toContain(`${file} (exact) converges in 1 of 1 runs`)
    const runs = read('runs.jsonl').trimEnd().split('\n')
    expect(runs.map((line) => JSON.parse(line).settings.goal)).toEqual([85])
    expect(runs.every((line) => JSON.parse(line).result.converged)).toBe(true)
    expect(read('results.csv')).toContain(`${file} (exact)`)
    expect(JSON.parse(read('results.json')).command).toContain(`--agent ${file}`)
  })

  test('is a file, for an experiment that has a place for it', async () => {
    await expect(reproduce('table-6', '--agent', 'dqn')).rejects.toThrow('--agent is dqn: give')
    await expect(reproduce('table-5', '--agent', file)).rejects.toThrow(
      'there is no place for another agent in table-5',
    )
  })
})
