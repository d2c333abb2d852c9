/** Whether an agent's decisions of late are slower than the fixed rule that could take their place. */
import { mean, median } from 'simple-statistics'
import type { ClosedRound } from '../control/messages.ts'

/** What counts as too slow. */
export interface SlownessOptions {
  /** How much slower than the rule is too slow; absent or false: nothing is. */
  readonly whenSlowerPercent?: number | false
  /** Rounds that are averaged. */
  readonly rounds: number
}

/** Compares an agent’s rounds with what the rule takes. */
export class Slowness {
  private readonly options: SlownessOptions
  /** Of the newest rounds under the rule, ms. */
  private underRule: number[] = []
  /** Of the agent's first and newest rounds, ms. */
  private first: number[] = []
  private recent: number[] = []

  constructor(options: SlownessOptions) {
    this.options = options
  }

  /**
   * @param ruleMs response time of the rule, where it is known without measuring
   * @returns why the rule is to take the agent's place, if it is
   */
  hear({ byRule, responseTimeMs }: ClosedRound, ruleMs: number | undefined): string | undefined {
    const { whenSlowerPercent, rounds } = this.options
    if (byRule) {
      this.underRule = [...this.underRule, responseTimeMs].slice(-rounds)
      return undefined
    }
    if (this.first.length < rounds) this.first.push(responseTimeMs)
    this.recent = [...this.recent, responseTimeMs].slice(-rounds)
    if (typeof whenSlowerPercent !== 'number' || this.recent.length < rounds) return undefined
    const recentMs = mean(this.recent)
    const limitMs = (ruleMs ?? this.measuredMs()) * (1 + whenSlowerPercent / 100)
    if (recentMs <= limitMs) return undefined
    return `the last ${rounds} rounds took ${recentMs.toFixed(1)} ms on average, more than ${limitMs.toFixed(1)} ms`
  }

  /** The agent begins anew: what its rounds took so far tells nothing. */
  restart(): void {
    this.first = []
    this.recent = []
  }

  /** What the rule was measured to take, one slow round not counting; before it was ever in force, what the agent's first rounds took. */
  private measuredMs(): number {
    if (this.underRule.length === 0) return mean(this.first)
    return median(this.underRule)
  }
}
