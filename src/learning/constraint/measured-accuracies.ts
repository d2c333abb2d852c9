import { gammaln } from 'simple-statistics'
import type { Choice } from '../../fleet/choice.ts'

const HALVINGS = 40

/** Plain data. */
export interface Count {
  readonly right: number
  readonly measured: number
}

/**
 * Accuracies that are measured while they are used. For every variant a lower bound of its true accuracy; all bounds hold, at all
 * times at once, with the stated confidence, so an average of bounds that meets the goal meets it in truth.
 *
 * With s right answers of n the likelihood ratio of a uniform mixture over all accuracies to one accuracy p,
 *
 *     B(1 + s, 1 + n - s) / (p^s (1 - p)^(n - s)),
 *
 * is a martingale that starts at 1 if p is true: it ever exceeds 1 / α with probability α at most (Ville, 1939; Robbins, 1970). The
 * bound is the lowest p that has not been excluded; the variants share α equally.
 */
export class MeasuredAccuracies {
  /** By variant, or pair of variants and margin. */
  counts: Map<string, Count>
  private readonly logLimit: number

  /**
   * @param confidence that all bounds hold, in (0, 1)
   * @param measuredOn how many answers the accuracies of the choices were measured on; 0: they are mere claims
   */
  constructor(choices: readonly Choice[], confidence: number, measuredOn: number) {
    this.counts = new Map(
      choices.map((choice) => [
        answererOf(choice),
        { right: Math.round((choice.accuracyPercent / 100) * measuredOn), measured: measuredOn },
      ]),
    )
    this.logLimit = Math.log(this.counts.size / (1 - confidence))
  }

  record(choice: Choice, isRight: boolean): void {
    const answerer = answererOf(choice)
    const { right, measured } = this.counts.get(answerer) ?? { right: 0, measured: 0 }
    this.counts.set(answerer, { right: right + Number(isRight), measured: measured + 1 })
  }

  /** The choices with what their accuracy is at least. */
  bounded(choices: readonly Choice[]): Choice[] {
    const bounds = new Map(
      [...this.counts].map(([answerer, count]) => [answerer, 100 * this.lowerBound(count)]),
    )
    return choices.map((choice) => ({
      ...choice,
      accuracyPercent: bounds.get(answererOf(choice)) ?? 0,
    }))
  }

  /** A share, 0 where nothing was right yet. */
  private lowerBound({ right, measured }: Count): number {
    const wrong = measured - right
    const mixture = gammaln(1 + right) + gammaln(1 + wrong) - gammaln(2 + measured)
    const isExcluded = (p: number) =>
      mixture - right * Math.log(p) - wrong * Math.log(1 - p) > this.logLimit
    if (right === 0) return 0
    let [low, high] = [0, right / measured]
    for (let i = 0; i < HALVINGS; i++) {
      const middle = (low + high) / 2
      if (isExcluded(middle)) low = middle
      else high = middle
    }
    return low
  }
}

/** What an answer's accuracy depends on: wherever it runs, a variant, or a pair of them and its margin. */
function answererOf({ placement: { variant }, escalation }: Choice): string {
  return escalation ? `${variant}>${escalation.to.variant}@${escalation.margin}` : variant
}
