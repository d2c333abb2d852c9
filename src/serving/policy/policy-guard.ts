import { median } from 'simple-statistics'
import type { Ladder } from '../../scheduling/ladder.ts'
import { anticipatingFit } from '../../scheduling/policies/anticipating-fit.ts'
import {
  ShadowNode,
  type ShadowNodeOptions,
  type ShadowRequest,
} from '../../scheduling/shadow-node.ts'
import type { Tally } from '../../scheduling/tally.ts'
import { MARGIN_POINTS, TallyWindow, WINDOW, WORSE_WINDOWS } from './tally-window.ts'

/** Decisions whose median time counts. */
const DECISIONS = 101
/** Of the shortest service: what a decision may cost. */
const DECISION_SHARE = 0.1

/**
 * Watches a learned policy at work, and says when it should not go on: it takes too long to decide, or answers worse than
 * anticipating-fit would have answered the same requests.
 */
export class PolicyGuard {
  private readonly live: TallyWindow
  private readonly shadow: ShadowNode
  private readonly rule: TallyWindow
  private readonly ladder: Ladder
  private readonly decisionsMs: number[] = []
  private decisions = 0
  private worseWindows = 0

  /** @param live of the node that the policy decides for */
  constructor(live: Tally, options: ShadowNodeOptions) {
    this.live = new TallyWindow(live)
    this.shadow = new ShadowNode(anticipatingFit(), options)
    this.rule = new TallyWindow(this.shadow.tally)
    this.ladder = options.times.ladder
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
    return slownessOf(median(this.decisionsMs), this.ladder)
  }

  /** To be called now and then. @returns what is wrong, if anything is */
  judge(nowMs: number): string | undefined {
    if (this.live.settled < WINDOW) return undefined
    this.shadow.advance(nowMs)
    const livePercent = this.live.end()
    const rulePercent = this.rule.end()
    this.worseWindows = livePercent < rulePercent - MARGIN_POINTS ? this.worseWindows + 1 : 0
    if (this.worseWindows < WORSE_WINDOWS) return undefined
    return `effective accuracy ${livePercent.toFixed(1)} % over the last ${WINDOW} requests, where anticipating-fit would have had ${rulePercent.toFixed(1)} %`
  }
}

/** @param usualMs of a decision. @returns what is wrong with it, if it takes too long */
export function slownessOf(usualMs: number, { variants }: Ladder): string | undefined {
  const shortestMs = Math.min(...variants.map(({ serviceTimesMs }) => serviceTimesMs[0] as number))
  if (usualMs <= DECISION_SHARE * shortestMs) return undefined
  return `it takes ${usualMs.toFixed(3)} ms to decide, more than a tenth of the shortest service`
}
