/** Runs what is left of a sweep, one after another, and keeps each as soon as it is finished. */
import { mean, sum } from 'simple-statistics'
import type { Experiment, Provenance, Run, RunSettings } from '../../../paper/experiment.ts'
import { Pace } from '../pace.ts'
import { formatBar, formatSeconds, Progress } from '../progress.ts'
import { keyOf, type Shard } from './run-store.ts'

/** @returns what this process must still run: its shard's, less what is finished */
export function remaining(
  sweep: readonly RunSettings[],
  shard: Shard | undefined,
  finished: ReadonlyMap<string, Run>,
): RunSettings[] {
  return sweep
    .filter((_, index) => shard === undefined || index % shard.count === shard.index - 1)
    .filter((settings) => !finished.has(keyOf(settings)))
}

/**
 * Runs all, in order, until done or aborted; a run under way when aborted is given up.
 * @param keep called with each finished run
 */
export async function runSweep(
  experiment: Pick<Experiment, 'label' | 'run'>,
  sweep: readonly RunSettings[],
  provenance: Provenance,
  keep: (run: Run) => void,
  signal: AbortSignal,
): Promise<void> {
  const progress = new Progress()
  const pace = new Pace()
  const durations = new Durations()
  const kindOf = (settings: RunSettings) => experiment.label(settings).kind
  try {
    for (const [index, settings] of sweep.entries()) {
      const { kind, cell } = experiment.label(settings)
      const startMs = performance.now()
      const elapsedSeconds = () => (performance.now() - startMs) / 1000
      const onProgress = async (part: string) => {
        progress.update(() => {
          const left = durations.secondsLeft(sweep.slice(index).map(kindOf), elapsedSeconds())
          return `${formatBar(index / sweep.length)} · run ${index + 1} of ${sweep.length}${left === undefined ? '' : ` · ${formatSeconds(left)} left`} · ${kind} ${cell} · ${part}`
        })
        await pace.rest()
        signal.throwIfAborted()
      }
      const result = await experiment.run(settings, { signal, onProgress })
      signal.throwIfAborted()
      durations.add(kind, elapsedSeconds())
      keep({ settings, result, provenance })
    }
  } catch (error) {
    if (!signal.aborted) throw error
  } finally {
    progress.end()
  }
}

/** How long runs take, to tell the time left: by their kind, or over all where such a run is the first of its kind. */
export class Durations {
  private readonly byKind = new Map<string, number[]>()

  add(kind: string, seconds: number): void {
    this.byKind.set(kind, [...(this.byKind.get(kind) ?? []), seconds])
  }

  /** @param kinds of the runs left: the first is under way since `elapsedSeconds`. @returns undefined while no run has ended */
  secondsLeft(kinds: readonly string[], elapsedSeconds: number): number | undefined {
    const all = [...this.byKind.values()].flat()
    if (all.length === 0) return undefined
    const each = kinds.map((kind) => mean(this.byKind.get(kind) ?? all))
    return sum(each) - Math.min(elapsedSeconds, each[0] ?? 0)
  }
}
