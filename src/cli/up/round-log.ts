/** Collects the rounds that an agent has decided, as the orchestrator announces them closed. */
import { mean } from 'simple-statistics'
import type { ClosedRound, JointDecision } from '../../control/messages.ts'

/** What the orchestrator calls its own decision, before an agent acts: such rounds are nobody's learning. */
const SAFE = 'safe'
/** Rounds kept; older ones are dropped, two at a time from the middle so that first and last stay. */
const LIMIT = 200_000

export class RoundLog {
  readonly rounds: ClosedRound[] = []
  /** The newest announcement. */
  latest: JointDecision | undefined
  private session: string | undefined
  private waiting: (() => void)[] = []

  add(message: JointDecision): void {
    const { closed, session } = message
    const seen = this.latest?.closed?.round
    const repeated = session === this.session && closed?.round === seen
    this.session = session
    this.latest = message
    if (!closed || repeated || closed.agent === SAFE) return
    if (this.rounds.length >= LIMIT) this.rounds.splice(LIMIT / 2, 2)
    this.rounds.push(closed)
    const waiting = this.waiting
    this.waiting = []
    for (const wake of waiting) wake()
  }

  /** Resolves when a round closes or the signal aborts. */
  next(signal: AbortSignal): Promise<void> {
    return new Promise((resolve) => {
      const wake = () => {
        signal.removeEventListener('abort', wake)
        resolve()
      }
      if (signal.aborted) return resolve()
      signal.addEventListener('abort', wake)
      this.waiting.push(wake)
    })
  }
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
    last: mean(times.slice(-Math.max(1, Math.floor(times.length / 5)))),
  }
}
