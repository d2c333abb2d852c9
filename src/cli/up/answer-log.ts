/** What the applications of a run were answered: counted by round and device, and whether it was right where that is known. */
import { shareInterval } from '../../fleet/share-interval.ts'

/** One answer, as its application saw it. */
export interface SeenAnswer {
  readonly device: string
  readonly picture: string
  /** What is on the picture, where that is known. */
  readonly truth?: string
  readonly label: string
  /** Absent where the truth is not known. */
  readonly right?: boolean
  /** As the decision in force says, `end/w025s2>edge/w100@0.51`, and of which round it is. */
  readonly decided: string
  readonly round: number
  readonly escalated: boolean
  readonly responseTimeMs: number
}

/** Answers whose truth is known. */
export interface Measured {
  readonly answers: number
  readonly accuracyPercent: number
  /** 95 %, percent. */
  readonly interval: readonly [low: number, high: number]
}

/** Answers under decisions that escalate. */
export interface Escalated {
  readonly answers: number
  readonly escalated: number
}

/** Rounds whose answers are kept apart; older ones only count in the sums. */
const ROUNDS = 20_000
/** Newest answers that are kept whole. */
const RECENT = 12

/** Grows while applications ask. */
export class AnswerLog {
  private readonly right = new Map<number, { answers: number; right: number }>()
  private readonly escalations = new Map<string, { answers: number; escalated: number }>()
  private newest: SeenAnswer[] = []

  add(answer: SeenAnswer): void {
    this.newest = [...this.newest, answer].slice(-RECENT)
    if (answer.right !== undefined) this.count(answer.round, answer.right)
    if (!answer.decided.includes('>')) return
    const { answers, escalated } = this.escalations.get(answer.device) ?? NO_ESCALATION
    this.escalations.set(answer.device, {
      answers: answers + 1,
      escalated: escalated + Number(answer.escalated),
    })
  }

  /** Of the rounds given; undefined where no truth is known. @param rounds absent: of all that are kept */
  measured(rounds: Iterable<number> = this.right.keys()): Measured | undefined {
    let [answers, right] = [0, 0]
    for (const round of new Set(rounds)) {
      const tally = this.right.get(round)
      answers += tally?.answers ?? 0
      right += tally?.right ?? 0
    }
    if (answers === 0) return undefined
    const { low, high } = shareInterval(right, answers)
    const interval = [100 * low, 100 * high] as const
    return { answers, accuracyPercent: (100 * right) / answers, interval }
  }

  /** By device, of those that had decisions that escalate. */
  get escalatedBy(): Readonly<Record<string, Escalated>> {
    return Object.fromEntries([...this.escalations].sort())
  }

  /** The newest answers, oldest first. */
  get recent(): readonly SeenAnswer[] {
    return this.newest
  }

  private count(round: number, isRight: boolean): void {
    const { answers, right } = this.right.get(round) ?? { answers: 0, right: 0 }
    this.right.set(round, { answers: answers + 1, right: right + Number(isRight) })
    if (this.right.size > ROUNDS) {
      for (const [oldest] of this.right) {
        this.right.delete(oldest)
        break
      }
    }
  }
}

const NO_ESCALATION = { answers: 0, escalated: 0 }
