/** `tierwise reproduce`: a table or figure of the papers, run anew and put beside the paper's numbers. */
import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { Command, InvalidArgumentError } from 'commander'
import type { Experiment, Provenance, Run, RunSettings } from '../../paper/experiment.ts'
import type { NamedReport, ReportFile } from '../../paper/page.ts'
import { ConfigError } from '../errors.ts'
import { makeFolder } from '../files.ts'
import { isOwnAgent } from '../learning/agents/names.ts'
import { loadOwnAgents } from '../learning/agents/own-agent-files.ts'
import { packageFile } from '../package-files.ts'
import { Random } from '../random.ts'
import { interruptible } from './interrupts.ts'
import { parseInteger } from './options.ts'
import { provenanceHere, refuseUnrepeatable } from './reproduce/provenance.ts'
import {
  appendRun,
  keyOf,
  readAllRuns,
  readRuns,
  type Shard,
  storePath,
  writeRuns,
} from './reproduce/run-store.ts'
import { remaining, runSweep } from './reproduce/run-sweep.ts'

interface Flags {
  readonly quick?: boolean
  readonly seeds?: number
  readonly shard?: Shard
  readonly resume?: boolean
  readonly merge?: boolean
  readonly from?: string
  readonly only?: readonly Setting[]
  readonly agent?: string
  readonly out?: string
}

/** Of a run: `agent=factored`. */
interface Setting {
  readonly name: string
  readonly value: string
}

/** For bootstrap intervals: the same runs give the same report. */
const BOOTSTRAP_SEED = 1

/**
 * `tierwise reproduce`
 * @param root of the checkout that is run; results that it would commit must be of commits that it holds
 */
export function reproduceCommand(root = packageFile('.')): Command {
  return new Command('reproduce')
    .argument(
      '<experiments...>',
      'folders of paper/, such as table-5 or beyond, or all; what does not exist lists them',
    )
    .option('--quick', 'few cells and seeds: shows within minutes that everything works')
    .option(
      '--seeds <number>',
      'seeds of every cell (default: as many as each experiment asks for, 5 or 10)',
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
      '--agent <file>',
      'your own agent, entered beside those of table-6, table-7 or generality; with --only agent=FILE it alone',
    )
    .option(
      '--out <folder>',
      'where runs and report go (default reproduced/<experiment>); of several experiments, each in a folder of its own',
    )
    .addHelpText(
      'after',
      '\nExamples:\n  tierwise reproduce table-6 --quick\n  tierwise reproduce all --quick\n  tierwise reproduce table-6 --quick --agent ./mine.mjs --only agent=./mine.mjs\n  tierwise reproduce table-7 --from reproduced/table-6\n  tierwise reproduce table-5 --shard 1/2 & tierwise reproduce table-5 --shard 2/2; wait; tierwise reproduce table-5 --merge',
    )
    .action((names: readonly string[], flags: Flags) => reproduce(names, flags, root))
}

async function reproduce(names: readonly string[], flags: Flags, root: string): Promise<void> {
  const { quick = false, shard, merge, from, out } = flags
  if (merge && shard) throw new ConfigError('--merge takes the runs of all shards: leave --shard')
  if (from !== undefined && readAllRuns([from]).size === 0) {
    throw new ConfigError(`--from ${from} holds no finished runs: name a folder with runs.jsonl`)
  }
  const { experiments } = await import('../../paper/index.ts')
  const chosen = namedBy(names, experiments)
  await enter(flags.agent, chosen)
  const parent = out ?? 'reproduced'
  const provenance = provenanceHere(root)
  const reports: NamedReport[] = []
  // Experiments share runs: each takes those of the ones before it.
  const sources = from === undefined ? [] : [from]
  for (const experiment of chosen) {
    const folder = chosen.length === 1 && out ? out : join(parent, experiment.name)
    sources.unshift(folder)
    const sweep = sweepOf(experiment, flags)
    const commits = finishedOf(sweep, sources).map((run) => run.provenance.commit)
    refuseUnrepeatable(root, folder, [
      ...new Set(merge ? commits : [provenance.commit, ...commits]),
    ])
    if (!merge && !(await runHere(experiment, sweep, sources, provenance, flags))) return
    if (!shard) reports.push(await report(experiment, allOf(sweep, sources), folder, flags))
  }
  if (shard) {
    process.stdout.write(
      `Part ${shard.index} of ${shard.count} is done; when all are, report with --merge.\n`,
    )
  } else if (reports.length > 1) {
    const { overviewOf } = await import('../../paper/page.ts')
    write(parent, [overviewOf(reports, quick)])
    process.stdout.write(`All reports: ${join(parent, 'index.html')}\n`)
  }
}

/** Loads an own agent. @throws ConfigError if it is none, or an experiment has no place for one */
async function enter(agent: string | undefined, chosen: readonly Experiment[]): Promise<void> {
  if (agent === undefined) return
  if (!isOwnAgent(agent)) {
    throw new ConfigError(`--agent is ${agent}: give the file of an agent, such as ./mine.mjs`)
  }
  const without = chosen.filter(({ entersAgents }) => !entersAgents).map(({ name }) => name)
  if (without.length > 0) {
    throw new ConfigError(
      `--agent ${agent}: there is no place for another agent in ${without.join(', ')}; enter it in table-6, table-7 or generality`,
    )
  }
  await loadOwnAgents([agent])
}

function seedsOf({ defaultSeeds }: Experiment, { quick, seeds }: Flags): number {
  return seeds ?? defaultSeeds[quick ? 'quick' : 'full']
}

/** @throws ConfigError if nothing is left of it */
function sweepOf(experiment: Experiment, flags: Flags): RunSettings[] {
  const { quick = false, only = [], agent } = flags
  const sweep = experiment
    .sweep({ quick, seeds: seedsOf(experiment, flags), ...(agent && { agents: [agent] }) })
    .filter((settings) => {
      const own = new Map(Object.entries(settings).map(([name, value]) => [name, String(value)]))
      return only.every(({ name, value }) => own.get(name) === value)
    })
  if (sweep.length > 0) return sweep
  throw new ConfigError(`--only leaves no run of ${experiment.name}: ask for less`)
}

/** Writes the report of these runs. */
async function report(
  experiment: Experiment,
  runs: readonly Run[],
  folder: string,
  flags: Flags,
): Promise<NamedReport> {
  const { filesOf } = await import('../../paper/files.ts')
  const { seedSetsOf } = await import('../../paper/experiment.ts')
  const { name, title } = experiment
  const { quick = false, only = [], agent } = flags
  const random = new Random(BOOTSTRAP_SEED)
  const analysed = experiment.analyse(runs, () => random.uniform())
  const command = [
    `tierwise reproduce ${name}`,
    ...(quick ? ['--quick'] : []),
    `--seeds ${seedsOf(experiment, flags)}`,
    ...(agent === undefined ? [] : [`--agent ${agent}`]),
    ...only.map((setting) => `--only ${setting.name}=${setting.value}`),
  ].join(' ')
  const { firstReportedSeed } = experiment
  const seeds = firstReportedSeed === undefined ? {} : { firstReportedSeed }
  write(folder, filesOf(analysed, { name, title, command, quick, runs, ...seeds }))
  process.stdout.write(`${analysed.summary}\nReport: ${join(folder, 'index.html')}\n`)
  const { reported } = seedSetsOf(runs, experiment)
  return { ...analysed, name, title, seeds: reported.run.length }
}

function write(folder: string, files: readonly ReportFile[]): void {
  makeFolder(folder)
  for (const { name, text } of files) writeFileSync(join(folder, name), text)
}

/**
 * @param sources folders whose runs are not run again; the first is where runs are kept
 * @returns whether all was run; false when interrupted
 */
async function runHere(
  experiment: Experiment,
  sweep: readonly RunSettings[],
  sources: readonly string[],
  provenance: Provenance,
  { shard, resume }: Flags,
): Promise<boolean> {
  const path = storePath(sources[0] ?? '.', shard)
  const finished = readRuns(path)
  if (finished.length > 0 && !resume) {
    throw new ConfigError(
      `${path} already holds ${finished.length} runs: add --resume to go on with them, or --out for another folder`,
    )
  }
  writeRuns(path, finished)
  const left = remaining(sweep, shard, readAllRuns(sources))
  const exitCode = await interruptible(async (interrupts) => {
    const keep = (run: Run) => appendRun(path, run)
    await runSweep(experiment, left, provenance, keep, interrupts.signal)
    return interrupts.exitCode
  })
  if (exitCode === undefined) return true
  process.stderr.write(`Broken off; the finished runs are in ${path}. Go on with --resume.\n`)
  process.exitCode = exitCode
  return false
}

/** The runs of a sweep that the folders hold, in its order. */
function finishedOf(sweep: readonly RunSettings[], sources: readonly string[]): Run[] {
  const finished = readAllRuns(sources)
  return sweep.flatMap((settings) => finished.get(keyOf(settings)) ?? [])
}

/** The finished runs of a sweep, all of them. @throws ConfigError if some are missing */
function allOf(sweep: readonly RunSettings[], sources: readonly string[]): Run[] {
  const runs = finishedOf(sweep, sources)
  if (runs.length === sweep.length) return runs
  throw new ConfigError(
    `${sweep.length - runs.length} of ${sweep.length} runs are missing in ${sources[0]}: run the other shards, or the rest with --resume, with the same --quick and --seeds`,
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

/** `2/8` → part 2 of 8. */
export function parseShard(text: string): Shard {
  const match = /^(\d+)\/(\d+)$/.exec(text)
  const [index, count] = [Number(match?.[1]), Number(match?.[2])]
  if (index >= 1 && index <= count) return { index, count }
  throw new InvalidArgumentError('write the part and their number, such as 1/4')
}
