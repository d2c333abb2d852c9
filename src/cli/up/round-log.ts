/** Collects the rounds that an agent has decided, as the orchestrator announces them closed. */
import { EventEmitter, once } from 'node:events'
import { mean } from 'simple-statistics'
import type { ClosedRound, JointDecision } from '../../control/messages.ts'

/** Rounds kept; older ones are dropped, two at a time from the middle so that first and last stay. */
const LIMIT = 200_000

/** The rounds of a run, oldest first. */
export class RoundLog {
  readonly rounds: ClosedRound[] = []
  /** The newest announcement. */
  latest: JointDecision | undefined
  private session: string | undefined
  private readonly news = new EventEmitter()

  add(message: JointDecision): void {
    const { closed, session } = message
    const seen = this.latest?.closed?.round
    const repeated = session === this.session && closed?.round === seen
    this.session = session
    this.latest = message
    if (!closed || repeated) return
    // What the orchestrator itself decides is nobody's learning.
    if (closed.byRule) return
    if (this.rounds.length >= LIMIT) this.rounds.splice(LIMIT / 2, 2)
    this.rounds.push(closed)
    this.news.emit('closed')
  }

  /** Resolves when a round closes or the signal aborts. */
  async next(signal: AbortSignal): Promise<void> {
    await once(this.news, 'closed', { signal }).catch(() => {})
  }
}

/** Of all rounds; undefined where it changed, or there are none. */
export function onlyGoalOf(rounds: readonly ClosedRound[]): number | undefined {
  const [first] = rounds
  const isOne = rounds.every(({ goalPercent }) => goalPercent === first?.goalPercent)
  return isOne ? first?.goalPercent : undefined
}

/** At least one, where there is one. */
export function lastFifth<T>(values: readonly T[]): readonly T[] {
  return values.slice(-Math.max(1, Math.floor(values.length / 5)))
}

/** Mean over the first 20 rounds, and over the last fifth of them; undefined where there is no round. */
export function firstAndLastMs(rounds: readonly ClosedRound[]): {
  first: number | undefined
  last: number | undefined
} {
  if (rounds.length === 0) return { first: undefined, last: undefined }
  const times = rounds.map((round) => round.responseTimeMs)
  return {
    first: mean(times.slice(0, 20)),
    last: mean(lastFifth(times)),
  }
}

/** Rounds that one look at the response time averages. */
const LOOK_ROUNDS = 20
/** Share of the looks from then on that must be within. */
const WITHIN_SHARE = 0.95

/**
 * How many rounds went by until the response time was within a share of the oracle's and stayed there: the first round from
 * which the mean of 20 rounds is within it, and from which 95 % of all such means to come are. Undefined where there is none.
 */
export function roundsUntilWithin(
  share: number,
  oracleMs: number,
  rounds: readonly ClosedRound[],
): number | undefined {
  let sumMs = 0
  const isWithin: boolean[] = []
  for (const [index, { responseTimeMs }] of rounds.entries()) {
    sumMs += responseTimeMs - (rounds[index - LOOK_ROUNDS]?.responseTimeMs ?? 0)
    if (index >= LOOK_ROUNDS - 1) isWithin.push(sumMs / LOOK_ROUNDS <= oracleMs * (1 + share))
  }
  let first: number | undefined
  let within = 0
  for (let start = isWithin.length - 1; start >= 0; start--) {
    if (!isWithin[start]) continue
    within += 1
    if (within >= WITHIN_SHARE * (isWithin.length - start)) first = start
  }
  return first
}
