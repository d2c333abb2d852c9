/** `tierwise reproduce`: a table or figure of the papers, run anew and put beside the paper's numbers. */
import { mkdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { Command, InvalidArgumentError } from 'commander'
import type { AnyFinishedRun, AnyRun, Experiment, Report, ReportFile } from '../../paper/index.ts'
import { ConfigError } from '../errors.ts'
import { Random } from '../random.ts'
import { interruptible } from './interrupts.ts'
import { parseInteger } from './options.ts'
import { originOfRuns } from './reproduce/origin.ts'
import {
  appendRun,
  keyOf,
  readAllRuns,
  readRuns,
  type Shard,
  storePath,
  writeRuns,
} from './reproduce/run-store.ts'
import { remainingRuns, runSweep } from './reproduce/sweep.ts'

interface Flags {
  readonly quick?: boolean
  readonly seeds?: number
  readonly shard?: Shard
  readonly resume?: boolean
  readonly merge?: boolean
  readonly from?: string
  readonly only?: readonly Setting[]
  readonly out?: string
}

/** Of a run: `agent=factored`. */
interface Setting {
  readonly name: string
  readonly value: string
}

/** For bootstrap intervals: the same runs give the same report. */
const BOOTSTRAP_SEED = 1

export function reproduceCommand(): Command {
  return new Command('reproduce')
    .description(
      'Run experiments of the papers and write reports (HTML, SVG, CSV, JSON) that put our numbers beside theirs.',
    )
    .argument(
      '<experiments...>',
      'table-5, table-6, table-7, figure-3, online-learning, wandering, beyond, request-scheduling, or all',
    )
    .option('--quick', 'few cells and seeds: shows in a minute or two that everything works')
    .option(
      '--seeds <number>',
      'seeds of every cell (default 10; beyond 20, request-scheduling 5)',
      parseInteger(1, 1000),
    )
    .option('--shard <i/n>', 'run only part i of n, here or on another machine', parseShard)
    .option('--resume', 'go on with what the folder already holds')
    .option('--merge', 'run nothing: report from the runs of all shards in the folder')
    .option(
      '--from <folder>',
      'take finished runs of this folder too: table-7 has those of table-6',
    )
    .option(
      '--only <name=value>',
      'only the runs with this setting, such as agent=factored or part=drift; may be repeated',
      parseSetting,
    )
    .option(
      '--out <folder>',
      'where runs and report go (default reproduced/<experiment>); of several experiments, each in a folder of its own',
    )
    .addHelpText(
      'after',
      '\nExamples:\n  tierwise reproduce table-6 --quick\n  tierwise reproduce all --quick\n  tierwise reproduce table-7 --from reproduced/table-6\n  tierwise reproduce table-5 --shard 1/2 & tierwise reproduce table-5 --shard 2/2; wait; tierwise reproduce table-5 --merge',
    )
    .action(reproduce)
}

async function reproduce(names: readonly string[], flags: Flags): Promise<void> {
  const { quick = false, shard, merge, from, out } = flags
  if (merge && shard) throw new ConfigError('--merge takes the runs of all shards: leave --shard')
  if (from !== undefined && readAllRuns([from]).length === 0) {
    throw new ConfigError(`--from ${from} holds no finished runs: name a folder with runs.jsonl`)
  }
  const paper = await import('../../paper/index.ts')
  const chosen = namedBy(names, paper.experiments)
  const parent = out ?? 'reproduced'
  const reports: (Report & { readonly folder: string })[] = []
  // Experiments share runs: each takes those of the ones before it.
  const sources = from === undefined ? [] : [from]
  for (const experiment of chosen) {
    const { name, defaultSeeds } = experiment
    const folder = chosen.length === 1 && out ? out : join(parent, name)
    sources.unshift(folder)
    const seeds = flags.seeds ?? defaultSeeds[quick ? 'quick' : 'full']
    const sweep = experiment.sweep({ quick, seeds }).filter((run) => hasAll(run, flags.only))
    if (sweep.length === 0) throw new ConfigError(`--only leaves no run of ${name}: ask for less`)
    if (!merge && !(await runHere(sweep, folder, sources, flags))) return
    if (shard) continue
    const runs = allOf(sweep, readAllRuns(sources), folder)
    const random = new Random(BOOTSTRAP_SEED)
    const report = experiment.analyse(runs, () => random.uniform())
    const filters = (flags.only ?? []).map((setting) => `--only ${setting.name}=${setting.value}`)
    const options = [...(quick ? ['--quick'] : []), `--seeds ${seeds}`, ...filters]
    const command = ['tierwise reproduce', name, ...options]
    const provenance = { experiment: name, command: command.join(' '), quick, runs }
    write(folder, paper.filesOf(report, provenance))
    process.stdout.write(`${report.summary}\nReport: ${join(folder, 'index.html')}\n`)
    reports.push({ ...report, folder: name })
  }
  if (shard) {
    process.stdout.write(
      `Part ${shard.index} of ${shard.count} is done; when all are, report with --merge.\n`,
    )
  } else if (reports.length > 1) {
    write(parent, [paper.overviewOf(reports, quick)])
    process.stdout.write(`All reports: ${join(parent, 'index.html')}\n`)
  }
}

function write(folder: string, files: readonly ReportFile[]): void {
  mkdirSync(folder, { recursive: true })
  for (const { name, text } of files) writeFileSync(join(folder, name), text)
}

/**
 * @param folder where runs are kept
 * @param sources folders whose runs are not run again
 * @returns whether all was run; false when interrupted
 */
async function runHere(
  sweep: readonly AnyRun[],
  folder: string,
  sources: readonly string[],
  { shard, resume }: Flags,
): Promise<boolean> {
  const path = storePath(folder, shard)
  const finished = readRuns(path)
  if (finished.length > 0 && !resume) {
    throw new ConfigError(
      `${path} already holds ${finished.length} runs: add --resume to go on with them, or --out for another folder`,
    )
  }
  writeRuns(path, finished)
  const runs = remainingRuns(sweep, shard, readAllRuns(sources))
  const exitCode = await interruptible(async (interrupts) => {
    await runSweep(runs, originOfRuns(), (run) => appendRun(path, run), interrupts.signal)
    return interrupts.exitCode
  })
  if (exitCode === undefined) return true
  process.stderr.write(`Broken off; the finished runs are in ${path}. Go on with --resume.\n`)
  process.exitCode = exitCode
  return false
}

/** The finished runs of a sweep, in its order. @throws ConfigError if some are missing */
function allOf(
  sweep: readonly AnyRun[],
  finished: readonly AnyFinishedRun[],
  folder: string,
): AnyFinishedRun[] {
  const byKey = new Map(finished.map((run) => [keyOf(run), run]))
  const runs = sweep.flatMap((run) => byKey.get(keyOf(run)) ?? [])
  if (runs.length === sweep.length) return runs
  throw new ConfigError(
    `${sweep.length - runs.length} of ${sweep.length} runs are missing in ${folder}: run the other shards, or the rest with --resume, with the same --quick and --seeds`,
  )
}

/** @throws ConfigError if there is no experiment of a name */
function namedBy(names: readonly string[], experiments: readonly Experiment[]): Experiment[] {
  const known = ['all', ...experiments.map(({ name }) => name)]
  const unknown = names.find((name) => !known.includes(name))
  if (unknown !== undefined) {
    throw new ConfigError(`there is no experiment "${unknown}": use one of ${known.join(', ')}`)
  }
  return experiments.filter(({ name }) => names.includes('all') || names.includes(name))
}

/** `agent=dqn` → name and value, added to those before. */
function parseSetting(text: string, before: readonly Setting[] = []): Setting[] {
  const [, name, value] = /^(\w+)=(.+)$/.exec(text) ?? []
  if (name !== undefined && value !== undefined) return [...before, { name, value }]
  throw new InvalidArgumentError('write a setting of the runs, such as agent=factored')
}

function hasAll(run: AnyRun, settings: readonly Setting[] = []): boolean {
  const own = new Map(Object.entries(run).map(([name, value]) => [name, String(value)]))
  return settings.every(({ name, value }) => own.get(name) === value)
}

/** `2/8` → part 2 of 8. */
export function parseShard(text: string): Shard {
  const match = /^(\d+)\/(\d+)$/.exec(text)
  const [index, count] = [Number(match?.[1]), Number(match?.[2])]
  if (index >= 1 && index <= count) return { index, count }
  throw new InvalidArgumentError('write the part and their number, such as 1/4')
}
