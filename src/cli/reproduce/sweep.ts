/** Runs what is left of a sweep, one after another, and keeps each as soon as it is finished. */
import type { AnyFinishedRun, AnyRun } from '../../../paper/index.ts'
import { formatBar, formatSeconds, Progress } from '../progress.ts'
import { train } from '../simulate/training.ts'
import { trainWandering } from '../simulate/wandering.ts'
import { runBeyond } from './beyond.ts'
import { keyOf } from './run-store.ts'
import { runScheduling } from './scheduling.ts'

/** Where a run was run. */
export interface Origin {
  readonly commit: string
  readonly machine: string
}

/** @returns the runs that this process must still do: its shard's, less those already finished */
export function remainingRuns(
  sweep: readonly AnyRun[],
  shard: { readonly index: number; readonly count: number } | undefined,
  finished: readonly AnyFinishedRun[],
): AnyRun[] {
  const done = new Set(finished.map(keyOf))
  return sweep
    .filter((_, index) => shard === undefined || index % shard.count === shard.index - 1)
    .filter((run) => !done.has(keyOf(run)))
}

/**
 * Runs all, in order, until done or aborted; a run under way when aborted is given up.
 * @param keep called with each finished run
 */
export async function runSweep(
  runs: readonly AnyRun[],
  origin: Origin,
  keep: (run: AnyFinishedRun) => void,
  signal: AbortSignal,
): Promise<void> {
  const progress = new Progress()
  const durations = new Durations()
  for (const [index, run] of runs.entries()) {
    const startMs = performance.now()
    const onProgress = (part: string) =>
      progress.update(() => {
        const elapsedSeconds = (performance.now() - startMs) / 1000
        const left = durations.secondsLeft(runs.slice(index), elapsedSeconds)
        return `${formatBar(index / runs.length)} · run ${index + 1} of ${runs.length}${left === undefined ? '' : ` · ${formatSeconds(left)} left`} · ${describe(run)} · ${part}`
      })
    const finished = await finish(run, { signal, onProgress })
    if (finished === undefined || signal.aborted) break
    durations.add(run, (performance.now() - startMs) / 1000)
    keep({ ...finished, ...origin })
  }
  progress.end()
}

/** @returns undefined when aborted, or what there is then */
async function finish(
  run: AnyRun,
  options: { readonly signal: AbortSignal; readonly onProgress: (part: string) => void },
) {
  const { signal, onProgress } = options
  if ('kind' in run && run.kind === 'beyond') return runBeyond(run, { signal, onProgress })
  if ('kind' in run) {
    const result = await runScheduling(run, { signal, onProgress })
    return result && { ...run, ...result }
  }
  const { wander } = run
  const steps = { signal, onStep: (step: number) => onProgress(`step ${step}`) }
  const { result, ...training } = wander
    ? await trainWandering({ ...run, wander }, steps)
    : await train(run, steps)
  return { ...run, ...result, ...training }
}

/** How long runs take, to tell the time left: by part, learner and users or policy and node, or over all where such a run is the first of its kind. */
export class Durations {
  private readonly byKind = new Map<string, number[]>()

  add(run: AnyRun, seconds: number): void {
    const kind = kindOf(run)
    this.byKind.set(kind, [...(this.byKind.get(kind) ?? []), seconds])
  }

  /** @param runs the first is under way since `elapsedSeconds`. @returns undefined while no run has ended */
  secondsLeft(runs: readonly AnyRun[], elapsedSeconds: number): number | undefined {
    const all = [...this.byKind.values()].flat()
    if (all.length === 0) return undefined
    const overall = average(all)
    const each = runs.map((run) => average(this.byKind.get(kindOf(run)) ?? [overall]))
    const whole = each.reduce((sum, seconds) => sum + seconds, 0)
    return whole - Math.min(elapsedSeconds, each[0] ?? 0)
  }
}

function kindOf(run: AnyRun): string {
  if ('kind' in run && run.kind === 'beyond') {
    return JSON.stringify([run.part, run.agent, run.overrides, run.users])
  }
  if ('kind' in run) return JSON.stringify([run.policy, run.node])
  const { agent, regime, mode, overrides, users } = run
  return JSON.stringify([agent, regime, mode, overrides, users])
}

function describe(run: AnyRun): string {
  if ('kind' in run && run.kind === 'beyond') {
    const { part, agent, fleet, users, goal, seed } = run
    return `${part} ${agent} ${fleet} ${users} users ${goal} % seed ${seed}`
  }
  if ('kind' in run) {
    const { policy, node, seed } = run
    return `${policy} ${node.profile} ${node.workers} workers ${node.deadlineMs} ms seed ${seed}`
  }
  const { agent, regime, mode, feedback, overrides, scenario, users, goal, seed } = run
  const settings = Object.entries(overrides ?? {}).map(([name, value]) => `${name}=${value}`)
  const learner = [agent, regime, mode, feedback, ...settings].filter(Boolean).join(' ')
  return `${learner} ${scenario} ${users} users ${goal} % seed ${seed}`
}

function average(values: readonly number[]): number {
  return values.reduce((sum, value) => sum + value, 0) / values.length
}
