/**
 * Invariant of changes: what was acknowledged stays in force until another wish, and what was refused never comes. While one orchestrator
 * takes another's place, each may do what was asked a moment before or after the other: without a lease on time no one can know.
 */
import type { Goal, OrchestratorNews } from '../../src/control/messages.ts'
import type { SimulatedTime } from './simulated-time.ts'

/** As far as wishes change it. */
interface InForce {
  readonly goalPercent: number
  readonly agent: string
  readonly isReverted: boolean
}

const HANDOVER_MS = 3000

/** Knows what may be in force: more than one thing while the outcome of a wish is unknown. */
export class ChangesLast {
  acknowledged = 0
  refused = 0
  private allowed: InForce[] = []
  /** The wish whose answer is waited for, and what was allowed without it. */
  private asked: { readonly wish: Goal; readonly without: readonly InForce[] } | undefined
  private highestEpoch = 0
  private teller = ''
  /** When another began to tell, and what was allowed not long before. */
  private handedOverAtMs = -Infinity
  private readonly time: SimulatedTime
  private past: { readonly untilMs: number; readonly allowed: readonly InForce[] }[] = []

  constructor(time: SimulatedTime) {
    this.time = time
  }

  /** Another configuration may be in force from now on. */
  configured({ goalPercent, agent }: Pick<InForce, 'goalPercent' | 'agent'>): void {
    this.allow({ goalPercent, agent, isReverted: false })
  }

  /** An operator sends it; that of the wish before, if it had no answer, stays unknown. */
  wished(wish: Goal): void {
    const without = [...this.allowed]
    this.asked = { wish, without }
    for (const before of without) this.allow(changed(before, wish))
  }

  /** The operator has the answer. */
  answered({ answered, ...news }: OrchestratorNews): void {
    const { asked } = this
    const answer = answered.find(({ id }) => id === asked?.wish.id)
    if (asked === undefined || answer === undefined) return
    this.asked = undefined
    if (answer.refused === undefined) {
      this.acknowledged += 1
      this.past.push({ untilMs: this.time.nowMs, allowed: this.allowed })
      this.allowed = [inForce(news)]
      return
    }
    this.refused += 1
    // What a full disk could not keep is in force, and may be lost: nothing was promised.
    if (!answer.refused.startsWith('in force')) this.allowed = [...asked.without]
  }

  /** An orchestrator says what is in force; of one that others have overtaken it does not count. @param teller its place */
  told(teller: string, news: Omit<OrchestratorNews, 'answered'>): string | undefined {
    if (news.epoch < this.highestEpoch) return undefined
    const { nowMs } = this.time
    if (this.teller !== teller) this.handedOverAtMs = nowMs
    this.highestEpoch = news.epoch
    this.teller = teller
    const now = inForce(news)
    this.past = this.past.filter(({ untilMs }) => nowMs - untilMs < HANDOVER_MS)
    const isHandover = nowMs - this.handedOverAtMs < HANDOVER_MS
    const past = isHandover ? this.past.flatMap(({ allowed }) => allowed) : []
    if ([...this.allowed, ...past].some((one) => isSame(one, now))) return undefined
    return `${JSON.stringify(now)} is in force in epoch ${news.epoch}, and may be ${JSON.stringify(this.allowed)} alone`
  }

  private allow(one: InForce): void {
    if (!this.allowed.some((other) => isSame(one, other))) this.allowed.push(one)
  }
}

function inForce(news: Omit<OrchestratorNews, 'answered'>): InForce {
  const { goalPercent, agent, reverted } = news
  return { goalPercent, agent, isReverted: reverted !== undefined }
}

function changed({ agent, isReverted }: InForce, wish: Goal): InForce {
  return {
    goalPercent: wish.accuracyPercent,
    agent: wish.agent ?? agent,
    isReverted: wish.revert ?? isReverted,
  }
}

function isSame(one: InForce, other: InForce): boolean {
  return JSON.stringify(one) === JSON.stringify(other)
}
