/** What the applications of a run were answered: counted by round and device, and whether it was right where that is known. */
import { shareInterval } from '../../fleet/share-interval.ts'
import type { Measured, TestAnswer, Tests } from '../../views/schemas-test-answers.ts'
import { handfulOf } from '../../views/test-answers.ts'

/** One answer, as its application saw it. */
export interface SeenAnswer {
  readonly device: string
  /** As the decision in force says, `end/w025s2>edge/w100@0.51`, and of which round it is. */
  readonly decided: string
  readonly round: number
  readonly escalated: boolean
  /** Where the truth is known. */
  readonly test?: TestAnswer
}

/** Answers under decisions that escalate. */
export interface Escalated {
  readonly answers: number
  readonly escalated: number
}

/** Rounds whose answers are kept apart; older ones only count in the sums. */
const ROUNDS = 20_000

/** Grows while applications ask. */
export class AnswerLog {
  private readonly right = new Map<number, { answers: number; right: number }>()
  private readonly escalations = new Map<string, { answers: number; escalated: number }>()
  private readonly handfuls = new Map<string, readonly TestAnswer[]>()

  add({ device, decided, round, escalated, test }: SeenAnswer): void {
    if (test) {
      this.count(round, test.right)
      this.handfuls.set(device, handfulOf([test, ...(this.handfuls.get(device) ?? [])]))
    }
    if (!decided.includes('>')) return
    const before = this.escalations.get(device) ?? NO_ESCALATION
    this.escalations.set(device, {
      answers: before.answers + 1,
      escalated: before.escalated + Number(escalated),
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
    return {
      answers,
      accuracyPercent: (100 * right) / answers,
      interval: [100 * low, 100 * high],
    }
  }

  /** By device, of those that had decisions that escalate. */
  get escalatedBy(): Readonly<Record<string, Escalated>> {
    return Object.fromEntries([...this.escalations].sort())
  }

  /** How all turned out whose truth is known, and a handful of each device, newest first. */
  get tests(): Tests {
    const measured = this.measured()
    const answers = [...this.handfuls.values()].flat()
    return {
      ...(measured && { measured }),
      answers: answers.sort((one, other) => other.atMs - one.atMs),
    }
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
