/** The learning part of a run: wait while the fleet learns, then say what came of it. */
import type { ClosedRound } from '../../control/messages.ts'
import { lastFifth, type RoundLog } from './round-log.ts'

/** Converged: so many of the newest rounds, less one in twenty, ran the same joint decision. */
const CONVERGED_ROUNDS = 100
const CONVERGED_SHARE = 0.95

/** When learning is over. */
export interface LearningEnd {
  /** From the first closed round; absent: until the signal. */
  readonly forMs?: number
  readonly untilConverged: boolean
}

/** Resolves when learning is over: its time is up, it has converged, or the signal aborts. */
export async function learn(log: RoundLog, end: LearningEnd, signal: AbortSignal): Promise<void> {
  await log.next(signal)
  const timeUp = end.forMs === undefined ? [] : [AbortSignal.timeout(end.forMs)]
  const over = AbortSignal.any([signal, ...timeUp])
  while (!over.aborted) {
    if (end.untilConverged && hasConverged(log.rounds)) return
    await log.next(over)
  }
}

/** Whether the agent has settled on one joint decision. */
export function hasConverged(rounds: readonly ClosedRound[]): boolean {
  const recent = rounds.slice(-CONVERGED_ROUNDS)
  if (recent.length < CONVERGED_ROUNDS) return false
  return mostFrequent(recent).count >= CONVERGED_SHARE * CONVERGED_ROUNDS
}

/** The joint decision that most of the last fifth of the rounds ran under, by device. */
export function learnedPlacements(rounds: readonly ClosedRound[]): ClosedRound['placements'] {
  return mostFrequent(lastFifth(rounds)).placements
}

/** The first of the most frequent joint decisions, and how many rounds ran under it. */
function mostFrequent(rounds: readonly ClosedRound[]): {
  placements: ClosedRound['placements']
  count: number
} {
  const counts = new Map<string, ReturnType<typeof mostFrequent>>()
  for (const { placements } of rounds) {
    const key = JSON.stringify(Object.entries(placements).sort())
    counts.set(key, { placements, count: (counts.get(key)?.count ?? 0) + 1 })
  }
  const [best] = [...counts.values()].sort((a, b) => b.count - a.count)
  return best ?? { placements: {}, count: 0 }
}
