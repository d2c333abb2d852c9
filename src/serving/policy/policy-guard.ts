import { median } from 'simple-statistics'
import type { Ladder } from '../../scheduling/ladder.ts'
import { anticipatingFit } from '../../scheduling/policies/anticipating-fit.ts'
import {
  ShadowNode,
  type ShadowNodeOptions,
  type ShadowRequest,
} from '../../scheduling/shadow-node.ts'
import type { Tally } from '../../scheduling/tally.ts'

/** Decisions whose median time counts. */
const DECISIONS = 101
/** Of the shortest service: what a decision may cost. */
const DECISION_SHARE = 0.1
/** Settled requests that are judged together. */
const WINDOW = 250
/** Points of effective accuracy below the rule's that are put up with. */
const MARGIN_POINTS = 2
/** Windows in a row that must be worse: one may be chance. */
const WORSE_WINDOWS = 2

interface Mark {
  readonly settled: number
  readonly accuracySum: number
}

/**
 * Watches a learned policy at work, and says when it should not go on: it takes too long to decide, or answers worse than
 * uniform-fit would have answered the same requests.
 */
export class PolicyGuard {
  private readonly live: Tally
  private readonly shadow: ShadowNode
  private readonly decisionBudgetMs: number
  private readonly decisionsMs: number[] = []
  private decisions = 0
  private liveMark: Mark
  private shadowMark: Mark
  private worseWindows = 0

  /** @param live of the node that the policy decides for */
  constructor(live: Tally, options: ShadowNodeOptions) {
    this.live = live
    this.shadow = new ShadowNode(anticipatingFit(), options)
    this.decisionBudgetMs = DECISION_SHARE * shortestMs(options.times.ladder)
    this.liveMark = markOf(live)
    this.shadowMark = markOf(this.shadow.tally)
  }

  arrive(request: ShadowRequest, nowMs: number): void {
    this.shadow.arrive(request, nowMs)
  }

  /** A service has taken so long. @param batch index of the batch size */
  served(variant: number, batch: number, measuredMs: number): void {
    this.shadow.observeService(variant, batch, measuredMs)
  }

  /** @returns what is wrong, if anything is */
  decided(tookMs: number): string | undefined {
    this.decisionsMs[this.decisions % DECISIONS] = tookMs
    this.decisions += 1
    if (this.decisions % DECISIONS > 0) return undefined
    const usualMs = median(this.decisionsMs)
    if (usualMs <= this.decisionBudgetMs) return undefined
    return `it takes ${usualMs.toFixed(3)} ms to decide, more than a tenth of the shortest service`
  }

  /** To be called now and then. @returns what is wrong, if anything is */
  judge(nowMs: number): string | undefined {
    if (this.live.settled - this.liveMark.settled < WINDOW) return undefined
    this.shadow.advance(nowMs)
    const livePercent = meanSince(this.liveMark, this.live)
    const shadowPercent = meanSince(this.shadowMark, this.shadow.tally)
    this.liveMark = markOf(this.live)
    this.shadowMark = markOf(this.shadow.tally)
    this.worseWindows = livePercent < shadowPercent - MARGIN_POINTS ? this.worseWindows + 1 : 0
    if (this.worseWindows < WORSE_WINDOWS) return undefined
    return `effective accuracy ${livePercent.toFixed(1)} % over the last ${WINDOW} requests, where anticipating-fit would have had ${shadowPercent.toFixed(1)} %`
  }
}

function shortestMs({ variants }: Ladder): number {
  return Math.min(...variants.map(({ serviceTimesMs }) => serviceTimesMs[0] as number))
}

function markOf(tally: Tally): Mark {
  const { settled } = tally
  return { settled, accuracySum: settled * (tally.effectiveAccuracyPercent || 0) }
}

function meanSince(mark: Mark, tally: Tally): number {
  const now = markOf(tally)
  return (now.accuracySum - mark.accuracySum) / (now.settled - mark.settled)
}
