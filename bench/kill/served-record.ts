/** What a fleet served, against the goal of the decision that it was served under. */
import type { JointDecision } from '../../src/control/messages.ts'
import type { Answer } from './applications.ts'

/** As the orchestrator keeps its goal. */
const WINDOW_MS = 60_000
/** Rounds whose goals are known; the oldest are forgotten. */
const ROUNDS = 10_000

/** When a node was away, from its end until it serves again. */
interface Absence {
  readonly node: string
  readonly fromMs: number
  readonly toMs: number
}

/** Counts answers; keeps those of the window alone. */
export class ServedRecord {
  answered = 0
  /** Failures that no absence explains, by reason. */
  readonly unanswered: { readonly device: string; readonly why: string }[] = []
  private readonly goals = new Map<number, number>()
  private newestGoalPercent = 0
  private latest: { readonly atMs: number; readonly abovePercent: number }[] = []
  private failures: Answer[] = []

  decided({ round, goalPercent }: JointDecision): void {
    this.goals.set(round, goalPercent)
    this.newestGoalPercent = goalPercent
    const [oldest] = this.goals.keys()
    if (this.goals.size > ROUNDS && oldest !== undefined) this.goals.delete(oldest)
  }

  settled(answer: Answer): void {
    if (answer.failure !== undefined) {
      this.failures.push(answer)
      return
    }
    this.answered += 1
    const goalPercent = this.goals.get(answer.round) ?? this.newestGoalPercent
    const atMs = answer.settledAtMs
    this.latest.push({ atMs, abovePercent: answer.accuracyPercent - goalPercent })
  }

  /** Judges the failures so far: what a device does not answer while it is away is nobody's loss. */
  judge(absences: readonly Absence[]): void {
    for (const { device, askedAtMs, settledAtMs, failure = '' } of this.failures) {
      const isExplained = absences.some(
        ({ node, fromMs, toMs }) => node === device && settledAtMs >= fromMs && askedAtMs <= toMs,
      )
      if (!isExplained) this.unanswered.push({ device, why: failure })
    }
    this.failures = []
  }

  /** By how much the answers of the last window were above their goals on average, percent; NaN where there are none. */
  aboveGoalPercent(): number {
    const fromMs = performance.now() - WINDOW_MS
    this.latest = this.latest.filter(({ atMs }) => atMs >= fromMs)
    const sum = this.latest.reduce((total, { abovePercent }) => total + abovePercent, 0)
    return sum / this.latest.length
  }
}
