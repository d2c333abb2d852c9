/** `kill`: any process of a fleet, killed at a random moment under load, again and again. */
import { median } from 'simple-statistics'
import { formatBar, formatSeconds, Progress } from '../../src/cli/progress.ts'
import { Random } from '../../src/random.ts'
import { type Recovery, WatchedFleet } from './watched-fleet.ts'

/** Of each application. */
const RATE_PER_S = 10
/** Of a kill, after the fleet has settled from the one before. */
const EARLIEST_MS = 500
const LATEST_MS = 2500
/** Bounds that are told beside what was measured. */
const FIRST_DECISION_MS = 5000
const GOAL_CHANGE_MS = 50

/** What is asked of it. */
export interface KillOptions {
  readonly times: number
  readonly seed: number
  readonly signal: AbortSignal
}

/** Ends early, with what it has, when the signal aborts. */
export async function measureKills({ times, seed, signal }: KillOptions) {
  const progress = new Progress()
  const random = new Random(seed)
  const watched = await WatchedFleet.start(random.fork('fleet'), signal, RATE_PER_S)
  const kills: (Recovery & { readonly aboveGoalPercent: number })[] = []
  try {
    const { fleet, record } = watched
    while (kills.length < times && !signal.aborted) {
      const node = fleet.names[random.integer(fleet.names.length)] ?? 'cloud'
      const delayMs = EARLIEST_MS + (LATEST_MS - EARLIEST_MS) * random.uniform()
      const recovery = await watched.killAfter(delayMs, node, signal)
      if (signal.aborted) break
      kills.push({ ...recovery, aboveGoalPercent: record.aboveGoalPercent() })
      const last = `${node} is back after ${formatSeconds(recovery.readyMs / 1000)}`
      progress.update(() => `${formatBar(kills.length / times)} · kill ${kills.length} · ${last}`)
    }
  } finally {
    progress.end()
    await watched.stop()
  }
  watched.record.judge([])
  const { record, wishes } = watched
  return {
    seed,
    kills,
    promisesLost: kills.filter(({ isPromiseKept }) => !isPromiseKept).length,
    acknowledged: wishes.tookMs.length,
    /** From asking for a goal or a revert to its acknowledgement; null where none was. */
    goalChangeMs: wishes.tookMs.length > 0 ? median(wishes.tookMs) : null,
    answered: record.answered,
    unanswered: record.unanswered,
    /** Lowest, over the windows that ended with each kill; null without one. */
    aboveGoalPercent:
      kills.length > 0 ? Math.min(...kills.map(({ aboveGoalPercent }) => aboveGoalPercent)) : null,
    /** Longest; null where one never came, or nothing was killed. */
    firstDecisionMs: longest(kills.map(({ firstDecisionMs }) => firstDecisionMs)),
  }
}

function longest(timesMs: readonly (number | null)[]): number | null {
  if (timesMs.length === 0) return null
  return timesMs.reduce((most, ms) => (most === null || ms === null ? null : Math.max(most, ms)))
}

/** Of the first of them. */
export function reasonsOf(unanswered: readonly { device: string; why: string }[]): string[] {
  return unanswered.slice(0, 5).map(({ device, why }) => `  ${device}: ${why}`)
}

/** The result as lines for people. */
export function describeKills(result: Awaited<ReturnType<typeof measureKills>>): string[] {
  const { kills, seed, promisesLost, acknowledged, answered, unanswered } = result
  const shown = (value: number | null) => value?.toFixed(2) ?? '–'
  const counts = new Map<string, number>()
  for (const { node } of kills) counts.set(node, (counts.get(node) ?? 0) + 1)
  return [
    `${kills.length} kills (seed ${seed}): ${[...counts].map(([node, count]) => `${node} ${count}`).join(', ')}`,
    `promises lost: ${promisesLost} of ${acknowledged} goals and reverts that were acknowledged (bound 0)`,
    `requests outside of the killed process without an answer: ${unanswered.length} of ${answered + unanswered.length} (bound 0)`,
    ...reasonsOf(unanswered),
    `served above the goal over a minute, at least: ${shown(result.aboveGoalPercent)} % (bound 0)`,
    `first decision after a restart, at most: ${shown(result.firstDecisionMs)} ms (bound ${FIRST_DECISION_MS}); models were warm within ${shown(longest(kills.map(({ readyMs }) => readyMs)))} ms`,
    `a durable change of the goal, median: ${shown(result.goalChangeMs)} ms (bound ${GOAL_CHANGE_MS})`,
  ]
}
