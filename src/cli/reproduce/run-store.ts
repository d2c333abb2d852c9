/** Finished runs on disk: a file of JSON lines that only grows, so that a sweep can be broken off and gone on with. */
import { appendFileSync, existsSync, readdirSync, readFileSync, writeFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { z } from 'zod'
import type { Run, RunSettings } from '../../../paper/experiment.ts'
import { ConfigError } from '../../errors.ts'
import { makeFolder } from '../../files.ts'

/** Which part of a sweep this process runs: part `index` (from 1) of `count`. */
export interface Shard {
  readonly index: number
  readonly count: number
}

const RUN = z.object({
  settings: z.looseObject({ seed: z.number() }),
  result: z.record(z.string(), z.unknown()),
  provenance: z.object({ commit: z.string(), machine: z.string() }),
})

/** What makes two runs the same: their settings as JSON, names in order. */
export function keyOf(settings: RunSettings): string {
  return JSON.stringify(settings, (_, value: unknown) => {
    const isNamed = typeof value === 'object' && value !== null && !Array.isArray(value)
    return isNamed ? Object.fromEntries(Object.entries(value).toSorted(byName)) : value
  })
}

function byName([one]: [string, unknown], [other]: [string, unknown]): number {
  return one < other ? -1 : 1
}

/** Every shard writes a file of its own, so that processes and machines never write to the same. */
export function storePath(folder: string, shard: Shard | undefined): string {
  return join(folder, shard ? `runs-${shard.index}-of-${shard.count}.jsonl` : 'runs.jsonl')
}

/**
 * The runs of one file; none if there is no file.
 * @throws ConfigError naming file and line of what is not a run; a last line broken off while it was written is dropped
 */
export function readRuns(path: string): Run[] {
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

function parseRun(line: string): Run | undefined {
  try {
    return RUN.safeParse(JSON.parse(line)).data
  } catch {
    return undefined
  }
}

/** All runs of the folders, every shard's, by the key of their settings; of equal runs the first. */
export function readAllRuns(folders: readonly string[]): Map<string, Run> {
  const runs = folders.filter(existsSync).flatMap((folder) => {
    const files = readdirSync(folder).filter((name) => /^runs.*\.jsonl$/.test(name))
    return files.toSorted().flatMap((name) => readRuns(join(folder, name)))
  })
  const byKey = new Map<string, Run>()
  for (const run of runs) {
    const key = keyOf(run.settings)
    if (!byKey.has(key)) byKey.set(key, run)
  }
  return byKey
}

/** Leaves exactly these runs in the file; appending can go on from there. */
export function writeRuns(path: string, runs: readonly Run[]): void {
  makeFolder(dirname(path))
  writeFileSync(path, runs.map(lineOf).join(''))
}

/** One line more, at once on disk. */
export function appendRun(path: string, run: Run): void {
  appendFileSync(path, lineOf(run))
}

function lineOf(run: Run): string {
  return `${JSON.stringify(run)}\n`
}
