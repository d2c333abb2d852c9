/** Runs what is left of a sweep, one training after another, and keeps each as soon as it is finished. */
import type { FinishedRun, Run } from '#paper'
import { formatBar, formatSeconds, Progress } from '../progress.ts'
import { train } from '../simulate/training.ts'
import { trainWandering } from '../simulate/wandering.ts'
import { keyOf } from './run-store.ts'

/** Where a run was run. */
export interface Origin {
  readonly commit: string
  readonly machine: string
}

/** @returns the runs that this process must still do: its shard's, less those already finished */
export function remainingRuns(
  sweep: readonly Run[],
  shard: { readonly index: number; readonly count: number } | undefined,
  finished: readonly FinishedRun[],
): Run[] {
  const done = new Set(finished.map(keyOf))
  return sweep
    .filter((_, index) => shard === undefined || index % shard.count === shard.index - 1)
    .filter((run) => !done.has(keyOf(run)))
}

/**
 * Runs all, in order, until done or aborted; a training under way when aborted is given up.
 * @param keep called with each finished run
 */
export async function runSweep(
  runs: readonly Run[],
  origin: Origin,
  keep: (run: FinishedRun) => void,
  signal: AbortSignal,
): Promise<void> {
  const progress = new Progress()
  const durations = new Durations()
  for (const [index, run] of runs.entries()) {
    const startMs = performance.now()
    const onStep = (step: number) =>
      progress.update(() => {
        const elapsedSeconds = (performance.now() - startMs) / 1000
        const left = durations.secondsLeft(runs.slice(index), elapsedSeconds)
        return `${formatBar(index / runs.length)} · run ${index + 1} of ${runs.length}${left === undefined ? '' : ` · ${formatSeconds(left)} left`} · ${describe(run)} · step ${step}`
      })
    const { wander } = run
    const options = { signal, onStep }
    const { result, ...training } = wander
      ? await trainWandering({ ...run, wander }, options)
      : await train(run, options)
    if (signal.aborted) break
    durations.add(run, (performance.now() - startMs) / 1000)
    keep({ ...run, ...result, ...training, ...origin })
  }
  progress.end()
}

/** How long runs take, to tell the time left: by learner and users, or over all where such a run is the first of its kind. */
export class Durations {
  private readonly byKind = new Map<string, number[]>()

  add(run: Run, seconds: number): void {
    const kind = kindOf(run)
    this.byKind.set(kind, [...(this.byKind.get(kind) ?? []), seconds])
  }

  /** @param runs the first is under way since `elapsedSeconds`. @returns undefined while no run has ended */
  secondsLeft(runs: readonly Run[], elapsedSeconds: number): number | undefined {
    const all = [...this.byKind.values()].flat()
    if (all.length === 0) return undefined
    const overall = average(all)
    const each = runs.map((run) => average(this.byKind.get(kindOf(run)) ?? [overall]))
    const whole = each.reduce((sum, seconds) => sum + seconds, 0)
    return whole - Math.min(elapsedSeconds, each[0] ?? 0)
  }
}

function kindOf({ agent, regime, mode, overrides, users }: Run): string {
  return JSON.stringify([agent, regime, mode, overrides, users])
}

function describe(run: Run) {
  const { agent, regime, mode, head, feedback, overrides, scenario, users, goal, seed } = run
  const settings = Object.entries(overrides ?? {}).map(([name, value]) => `${name}=${value}`)
  const learner = [agent, regime, mode, head, feedback, ...settings].filter(Boolean).join(' ')
  return `${learner} ${scenario} ${users} users ${goal} % seed ${seed}`
}

function average(values: readonly number[]): number {
  return values.reduce((sum, value) => sum + value, 0) / values.length
}
