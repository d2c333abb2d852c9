/** `soak`: mixed load for minutes while one node is killed every half a minute; whether the memory of the others grows. */
import { setTimeout as sleep } from 'node:timers/promises'
import { formatBar, Progress } from '../../src/cli/progress.ts'
import { Random } from '../../src/random.ts'
import { reasonsOf } from './kills.ts'
import { WatchedFleet } from './watched-fleet.ts'

const KILL_EVERY_MS = 30_000
const SAMPLE_EVERY_MS = 1000
/** Of each application: the garbage of so many requests is collected within a few minutes. */
const RATE_PER_S = 30
/** Of the run: until memory is taken for settled, and the parts of which the lowest is compared. */
const WARM_UP_SHARE = 0.2
const PART_SHARE = 0.4
const GROWTH_PERCENT = 5

/** What is asked of it. */
export interface SoakOptions {
  readonly minutes: number
  readonly seed: number
  readonly signal: AbortSignal
}

interface Sample {
  readonly atMs: number
  readonly residentMiB: number
}

/** Ends early, with what it has, when the signal aborts. */
export async function measureSoak({ minutes, seed, signal }: SoakOptions) {
  const random = new Random(seed)
  const watched = await WatchedFleet.start(random.fork('fleet'), signal, RATE_PER_S)
  const { fleet, record } = watched
  // Edge and first device in turn: cloud and other devices live through it all.
  const [, edge = '', device = '', ...others] = fleet.names
  const survivors = ['cloud', ...others]
  const progress = new Progress()
  const samples = new Map(survivors.map((name): [string, Sample[]] => [name, []]))
  const startedAtMs = performance.now()
  const goneMs = () => performance.now() - startedAtMs
  const durationMs = minutes * 60_000
  let kills = 0
  let promisesLost = 0
  const sampling = setInterval(() => {
    for (const [name, taken] of samples) {
      taken.push({ atMs: goneMs(), residentMiB: fleet.residentMiB(name) })
    }
    progress.update(() => `${formatBar(goneMs() / durationMs)} · ${kills} kills`)
  }, SAMPLE_EVERY_MS)
  try {
    while (goneMs() + KILL_EVERY_MS <= durationMs && !signal.aborted) {
      const node = kills % 2 === 0 ? edge : device
      const { isPromiseKept } = await watched.killAfter(
        Math.max(0, (kills + 1) * KILL_EVERY_MS - goneMs()),
        node,
        signal,
      )
      kills += 1
      if (!isPromiseKept) promisesLost += 1
    }
    await sleep(Math.max(0, durationMs - goneMs()), undefined, { signal }).catch(() => undefined)
  } finally {
    clearInterval(sampling)
    progress.end()
    await watched.stop()
  }
  record.judge([])
  const ranMs = samples.get('cloud')?.at(-1)?.atMs ?? 0
  return {
    seed,
    minutes: ranMs / 60_000,
    kills,
    promisesLost,
    answered: record.answered,
    unanswered: record.unanswered,
    memory: [...samples].map(([node, taken]) => ({ node, ...growthOf(taken, ranMs) })),
  }
}

/** Of the lowest in each part: what lies above it is garbage that nobody has collected yet. */
function growthOf(samples: readonly Sample[], ranMs: number) {
  const lowest = (fromMs: number, toMs: number) => {
    const within = samples.filter(({ atMs }) => atMs >= fromMs && atMs < toMs)
    return Math.min(...within.map(({ residentMiB }) => residentMiB))
  }
  const warmMiB = lowest(WARM_UP_SHARE * ranMs, (WARM_UP_SHARE + PART_SHARE) * ranMs)
  const endMiB = lowest((1 - PART_SHARE) * ranMs, Infinity)
  return { warmMiB, endMiB, growthPercent: 100 * (endMiB / warmMiB - 1) }
}

/** The result as lines for people. */
export function describeSoak(result: Awaited<ReturnType<typeof measureSoak>>): string[] {
  const { seed, minutes, kills, promisesLost, answered, unanswered, memory } = result
  return [
    `${minutes.toFixed(1)} minutes (seed ${seed}), ${kills} kills of edge and first device in turn: ${answered} requests answered, ${unanswered.length} outside of the killed process not (bound 0), ${promisesLost} promises lost (bound 0)`,
    ...reasonsOf(unanswered),
    ...memory.map(
      ({ node, warmMiB, endMiB, growthPercent }) =>
        `${node}: ${warmMiB.toFixed(1)} MiB resident at least when warm, ${endMiB.toFixed(1)} at the end: ${growthPercent.toFixed(1)} % more (bound ${GROWTH_PERCENT})`,
    ),
  ]
}
