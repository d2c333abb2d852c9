/** Finished runs on disk: a file of JSON lines that only grows, so that a sweep can be broken off and gone on with. */
import {
  appendFileSync,
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  writeFileSync,
} from 'node:fs'
import { join } from 'node:path'
import type { AnyFinishedRun, AnyRun, Run, SchedulingRun } from '../../../paper/index.ts'
import { ConfigError } from '../../errors.ts'

/** Which part of a sweep this process runs: part `index` (from 1) of `count`. */
export interface Shard {
  readonly index: number
  readonly count: number
}

const SETTINGS = [
  'agent',
  'regime',
  'mode',
  'feedback',
  'overrides',
  'variants',
  'warmStart',
  'scenario',
  'users',
  'goal',
  'seed',
  'maxSteps',
  'curveSteps',
  'wander',
] as const satisfies readonly (keyof Run)[]

/** What a finished run of `beyond` has beside its settings. */
const BEYOND_RESULTS: readonly string[] = ['outcome', 'commit', 'machine']

const SCHEDULING_SETTINGS = [
  'kind',
  'node',
  'policy',
  'training',
  'mostRequests',
  'leastMs',
  'overloadMs',
  'everyScenario',
  'slowdown',
  'recalibrate',
  'seed',
] as const satisfies readonly (keyof SchedulingRun)[]

/** What makes two runs the same: their settings, whatever the order of names. */
export function keyOf(run: AnyRun | AnyFinishedRun): string {
  if ('kind' in run && run.kind === 'scheduling') {
    return JSON.stringify(SCHEDULING_SETTINGS.map((name) => sorted(run[name])))
  }
  if ('kind' in run) {
    const settings = Object.entries(run).filter(([name]) => !BEYOND_RESULTS.includes(name))
    return JSON.stringify(settings.map(([name, value]) => [name, sorted(value)]).toSorted())
  }
  const mode = run.mode ?? (run.agent === 'hybrid' ? 'verified' : null)
  const resolved = { ...run, mode }
  return JSON.stringify(SETTINGS.map((name) => sorted(resolved[name])))
}

function sorted(setting: unknown): unknown {
  const isNamed = setting && typeof setting === 'object' && !Array.isArray(setting)
  return isNamed ? Object.entries(setting).toSorted() : setting
}

/** Every shard writes a file of its own, so that processes and machines never write to the same. */
export function storePath(folder: string, shard: Shard | undefined): string {
  return join(folder, shard ? `runs-${shard.index}-of-${shard.count}.jsonl` : 'runs.jsonl')
}

/**
 * The runs of one file; none if there is no file.
 * @throws ConfigError naming file and line of what is not a run; a last line broken off while it was written is dropped
 */
export function readRuns(path: string): AnyFinishedRun[] {
  if (!existsSync(path)) return []
  const lines = readFileSync(path, 'utf8').split('\n')
  return lines.flatMap((line, index) => {
    if (line === '') return []
    const run = parseRun(line)
    if (run !== undefined) return [run]
    if (index === lines.length - 1) return []
    throw new ConfigError(
      `${path}:${index + 1} is not a finished run: delete the line, or the file`,
    )
  })
}

/** All runs of the folders, every shard's; of equal runs the first. */
export function readAllRuns(folders: readonly string[]): AnyFinishedRun[] {
  const runs = folders.filter(existsSync).flatMap((folder) => {
    const files = readdirSync(folder).filter((name) => /^runs.*\.jsonl$/.test(name))
    return files.toSorted().flatMap((name) => readRuns(join(folder, name)))
  })
  const byKey = new Map<string, AnyFinishedRun>()
  for (const run of runs) if (!byKey.has(keyOf(run))) byKey.set(keyOf(run), run)
  return [...byKey.values()]
}

/** Leaves exactly these runs in the file; appending can go on from there. */
export function writeRuns(path: string, runs: readonly AnyFinishedRun[]): void {
  mkdirSync(join(path, '..'), { recursive: true })
  writeFileSync(path, runs.map(lineOf).join(''))
}

export function appendRun(path: string, run: AnyFinishedRun): void {
  appendFileSync(path, lineOf(run))
}

function lineOf(run: AnyFinishedRun): string {
  return `${JSON.stringify(run)}\n`
}

function parseRun(line: string): AnyFinishedRun | undefined {
  try {
    const value: unknown = JSON.parse(line)
    return isRun(value) ? value : undefined
  } catch {
    return undefined
  }
}

function isRun(value: unknown): value is AnyFinishedRun {
  const { kind, policy, outcomes, part, outcome } = Object(value)
  if (kind === 'scheduling') return typeof policy === 'string' && Array.isArray(outcomes)
  if (kind === 'beyond') return typeof part === 'string' && typeof outcome === 'object'
  const { agent, users, goal, seed, maxSteps, realSteps, converged } = Object(value)
  return (
    typeof agent === 'string' &&
    [users, goal, seed, maxSteps, realSteps].every((each) => typeof each === 'number') &&
    typeof converged === 'boolean'
  )
}
