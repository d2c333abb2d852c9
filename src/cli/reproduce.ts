/** `tierwise reproduce`: a table or figure of the papers, run anew and put beside the paper's numbers. */
import { mkdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { Command, InvalidArgumentError } from 'commander'
import type { FinishedRun, Run } from '#paper'
import { ConfigError } from '../errors.ts'
import { Random } from '../random.ts'
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
  readonly out?: string
}

/** For bootstrap intervals: the same runs give the same report. */
const BOOTSTRAP_SEED = 1

export function reproduceCommand(): Command {
  return new Command('reproduce')
    .description(
      'Run an experiment of the papers and write a report (HTML, SVG, CSV, JSON) that puts our numbers beside theirs.',
    )
    .argument('<experiment>', 'table-5 or table-6')
    .option('--quick', 'few cells and seeds: shows in a minute or two that everything works')
    .option('--seeds <number>', 'seeds of every cell (default 10)', parseInteger(1, 1000))
    .option('--shard <i/n>', 'run only part i of n, here or on another machine', parseShard)
    .option('--resume', 'go on with what the folder already holds')
    .option('--merge', 'run nothing: report from the runs of all shards in the folder')
    .option('--out <folder>', 'where runs and report go (default reproduced/<experiment>)')
    .addHelpText(
      'after',
      '\nExamples:\n  tierwise reproduce table-6 --quick\n  tierwise reproduce table-5 --shard 1/2 & tierwise reproduce table-5 --shard 2/2; wait; tierwise reproduce table-5 --merge',
    )
    .action(reproduce)
}

async function reproduce(name: string, flags: Flags): Promise<void> {
  const { filesOf, experiment } = await load(name)
  const { quick = false, shard, resume, merge, out = join('reproduced', name) } = flags
  if (merge && shard) throw new ConfigError('--merge takes the runs of all shards: leave --shard')
  const seeds = flags.seeds ?? experiment.defaultSeeds[quick ? 'quick' : 'full']
  const sweep = experiment.sweep({ quick, seeds })
  if (!merge && !(await runHere(sweep, out, shard, resume === true))) return
  if (shard) {
    process.stdout.write(
      `Part ${shard.index} of ${shard.count} is done; when all are, report with --merge.\n`,
    )
    return
  }
  const runs = allOf(sweep, readAllRuns(out), out)
  const random = new Random(BOOTSTRAP_SEED)
  const report = experiment.analyse(runs, () => random.uniform())
  const command = ['tierwise reproduce', name, ...(quick ? ['--quick'] : []), `--seeds ${seeds}`]
  mkdirSync(out, { recursive: true })
  const provenance = { experiment: name, command: command.join(' '), quick, runs }
  for (const { name: file, text } of filesOf(report, provenance)) {
    writeFileSync(join(out, file), text)
  }
  process.stdout.write(`${report.summary}\nReport: ${join(out, 'index.html')}\n`)
}

/** @returns whether all was run; false when interrupted */
async function runHere(
  sweep: readonly Run[],
  folder: string,
  shard: Shard | undefined,
  resume: boolean,
): Promise<boolean> {
  const path = storePath(folder, shard)
  const finished = readRuns(path)
  if (finished.length > 0 && !resume) {
    throw new ConfigError(
      `${path} already holds ${finished.length} runs: add --resume to go on with them, or --out for another folder`,
    )
  }
  writeRuns(path, finished)
  const runs = remainingRuns(sweep, shard, readAllRuns(folder))
  const interrupted = new AbortController()
  const interrupt = () => interrupted.abort()
  process.on('SIGINT', interrupt)
  process.on('SIGTERM', interrupt)
  try {
    await runSweep(runs, originOfRuns(), (run) => appendRun(path, run), interrupted.signal)
  } finally {
    process.off('SIGINT', interrupt)
    process.off('SIGTERM', interrupt)
  }
  if (!interrupted.signal.aborted) return true
  process.stderr.write(`Broken off; the finished runs are in ${path}. Go on with --resume.\n`)
  process.exitCode = 130
  return false
}

/** The finished runs of a sweep, in its order. @throws ConfigError if some are missing */
function allOf(
  sweep: readonly Run[],
  finished: readonly FinishedRun[],
  folder: string,
): FinishedRun[] {
  const byKey = new Map(finished.map((run) => [keyOf(run), run]))
  const runs = sweep.flatMap((run) => byKey.get(keyOf(run)) ?? [])
  if (runs.length === sweep.length) return runs
  throw new ConfigError(
    `${sweep.length - runs.length} of ${sweep.length} runs are missing in ${folder}: run the other shards, or the rest with --resume, with the same --quick and --seeds`,
  )
}

/**
 * The experiments are no part of `src`: they are compiled beside it, into `dist/paper`, where a path relative to this source
 * does not lead. So they are loaded by the address they have at run time; `#paper` (tsconfig.json) stands for their types.
 */
async function load(name: string) {
  const compiled = import.meta.url.replace('/src/cli/', '/dist/cli/')
  const { href } = new URL('../paper/index.js', compiled)
  const { experiments, filesOf }: typeof import('#paper') = await import(href)
  const experiment = experiments.find((each) => each.name === name)
  if (experiment) return { experiment, filesOf }
  throw new ConfigError(
    `there is no experiment "${name}": use one of ${experiments.map((each) => each.name).join(', ')}`,
  )
}

/** `2/8` → part 2 of 8. */
export function parseShard(text: string): Shard {
  const match = /^(\d+)\/(\d+)$/.exec(text)
  const [index, count] = [Number(match?.[1]), Number(match?.[2])]
  if (index >= 1 && index <= count) return { index, count }
  throw new InvalidArgumentError('write the part and their number, such as 1/4')
}
