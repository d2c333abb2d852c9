/** Whose decisions a device obeys: those of the orchestrator with the highest epoch that was announced. */
import type { Logger } from 'pino'
import type { DeviceDecision, OrchestratorNews } from '../control/messages.ts'

/** Decisions that may wait for the announcement of who made them, each of another orchestrator. */
const MAX_WAITING = 4

type Identity = Pick<OrchestratorNews, 'session' | 'epoch'>

/** What becomes of a decision. */
export type Verdict = 'obey' | 'wait' | 'refuse'

/** Knows the orchestrator in force; what is not from it is said once in the log, until another takes its place. */
export class OrchestratorInForce {
  private readonly logger: Pick<Logger, 'warn'>
  private known: Identity | undefined
  /** By who made them: messages of different topics may overtake each other. */
  private readonly waiting = new Map<string, DeviceDecision>()
  private hasWarned = false

  constructor(logger: Pick<Logger, 'warn'>) {
    this.logger = logger
  }

  /** @returns the decision that waited for this announcement, if one did */
  announce(by: Identity): DeviceDecision | undefined {
    const { known } = this
    if (known && isBelow(by, known)) {
      this.warn(by, 'ignored an orchestrator: one of a higher epoch is in force')
      return undefined
    }
    if (known === undefined || keyOf(known) !== keyOf(by)) this.hasWarned = false
    this.known = { session: by.session, epoch: by.epoch }
    const waited = this.waiting.get(keyOf(by))
    this.waiting.clear()
    return waited
  }

  judge(decision: DeviceDecision): Verdict {
    const { known } = this
    if (known && keyOf(known) === keyOf(decision)) return 'obey'
    if (known && isBelow(decision, known)) {
      this.warn(decision, 'refused a decision: it is not from the orchestrator in force')
      return 'refuse'
    }
    const key = keyOf(decision)
    this.waiting.delete(key)
    this.waiting.set(key, decision)
    for (const oldest of this.waiting.keys()) {
      if (this.waiting.size <= MAX_WAITING) break
      this.waiting.delete(oldest)
    }
    if (known)
      this.warn(
        decision,
        'not following a decision: no orchestrator has announced itself as its author',
      )
    return 'wait'
  }

  private warn({ session, epoch }: Identity, text: string): void {
    if (!this.hasWarned) this.logger.warn({ session, epoch, inForce: this.known }, text)
    this.hasWarned = true
  }
}

/** Two may come to the same epoch; orchestrators, too, give way to the session that is later in the alphabet. */
function isBelow(one: Identity, other: Identity): boolean {
  return one.epoch < other.epoch || (one.epoch === other.epoch && one.session < other.session)
}

function keyOf({ session, epoch }: Identity): string {
  return `${epoch} ${session}`
}
