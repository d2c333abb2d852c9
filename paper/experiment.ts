/** What an experiment is: settings to run, how one of them is run, and what the runs say beside the paper's numbers. */
import type { Report } from './report.ts'

/** All that fixes a run. Runs with equal settings are the same run, whichever experiment asks for it. */
export interface RunSettings {
  readonly seed: number
}

/** Where a run was run. */
export interface Provenance {
  /** Version of the code. */
  readonly commit: string
  readonly machine: string
}

/** A finished run: one line of `runs.jsonl`. */
export interface Run<Settings extends RunSettings = RunSettings, Result = unknown> {
  readonly settings: Settings
  readonly result: Result
  readonly provenance: Provenance
}

/** How much is run. */
export interface SweepOptions {
  /** Few cells: shows that everything works, and little else. */
  readonly quick: boolean
  /** Each cell is run with this many seeds. */
  readonly seeds: number
  /** Own agents, entered beside the experiment's; see `Experiment.entersAgents`. */
  readonly agents?: readonly string[]
}

/** What a run is told, and tells, while it goes on. */
export interface RunContext {
  /** Whatever is returned once it is aborted is thrown away. */
  readonly signal: AbortSignal
  /** To be awaited often, with what is under way: `step 30`. Lets Ctrl-C have its turn, and rejects once aborted. */
  readonly onProgress: (part: string) => Promise<void>
}

/** What the progress line calls a run. */
interface RunLabel {
  /** Runs of one kind take about as long: `hybrid exact 5 users`. */
  readonly kind: string
  /** What tells runs of a kind apart: `A 85 % seed 101`. */
  readonly cell: string
}

/** Its methods get settings of its own sweep and runs of them alone, so experiments of all kinds stand in one list. */
export interface Experiment<Settings extends RunSettings = RunSettings, Result = unknown> {
  readonly name: string
  readonly title: string
  /** Seeds of every cell. */
  /** Seeds below it are for tuning alone, those from it on for reporting alone; 101 where it is not given. */
  readonly firstReportedSeed?: number
  readonly defaultSeeds: { readonly full: number; readonly quick: number }
  /** Whether its tables have a place for agents of anyone's: see `SweepOptions.agents`. */
  readonly entersAgents?: true
  /** Seeds outermost, so that a sweep that was broken off has something of every cell. */
  sweep(options: SweepOptions): Settings[]
  label(settings: Settings): RunLabel
  run(settings: Settings, context: RunContext): Result | Promise<Result>
  /** @param uniform draws from [0, 1), for bootstrap intervals */
  analyse(runs: readonly Run<Settings, Result>[], uniform: () => number): Report
}

/** Seeds below it are for choosing hyperparameters, so no result is reported on them. */
const FIRST_SEED = 101

/** What was run of the seeds for tuning, and of those reported. */
export function seedSetsOf(
  runs: readonly Run[],
  { firstReportedSeed = FIRST_SEED }: Pick<Experiment, 'firstReportedSeed'>,
) {
  const seeds = [...new Set(runs.map(({ settings }) => settings.seed))]
  return {
    tuning: { below: firstReportedSeed, run: seeds.filter((seed) => seed < firstReportedSeed) },
    reported: { from: firstReportedSeed, run: seeds.filter((seed) => seed >= firstReportedSeed) },
  }
}

/** @returns shape [seeds] */
export function seedsOf({ seeds }: SweepOptions, first = FIRST_SEED): number[] {
  return Array.from({ length: seeds }, (_, index) => first + index)
}

/** Every combination of these values, the last name changing first: `{ a: [1, 2], b: [3] }` → `{ a: 1, b: 3 }, { a: 2, b: 3 }`. */
export function combinations<const Axes extends Readonly<Record<string, readonly unknown[]>>>(
  axes: Axes,
): { [Name in keyof Axes]: Axes[Name][number] }[] {
  type Combination = { [Name in keyof Axes]: Axes[Name][number] }
  return Object.entries(axes).reduce<object[]>(
    (before, [name, values]) =>
      before.flatMap((each) => values.map((value) => ({ ...each, [name]: value }))),
    [{}],
  ) as Combination[]
}
