import { mean } from 'simple-statistics'
import type { Ladder } from '../../scheduling/ladder.ts'
import type { SchedulingPolicy } from '../../scheduling/scheduling-policy.ts'
import {
  ShadowNode,
  type ShadowNodeOptions,
  type ShadowRequest,
} from '../../scheduling/shadow-node.ts'
import { DecisionTimes } from './decision-times.ts'
import { slownessOf } from './policy-guard.ts'
import { MARGIN_POINTS, TallyWindow, WINDOW, WORSE_WINDOWS } from './tally-window.ts'

/** Windows of a trial: 2,000 requests. */
const WINDOWS = 8
/** To be worse counts so many times as much as to be better. */
const LOSS_WEIGHT = 3
/** Points of effective accuracy that a candidate must be ahead, losses weighted. */
const LEAST_GAIN_POINTS = 0.1

/** What came of a trial. */
export interface TrialVerdict {
  readonly hasWon: boolean
  /** Why it cannot win, whatever it decides. */
  readonly slowness?: string
  /** Effective accuracy of the candidate above that of the policy in force. */
  readonly gainPoints: number
  /** Settled by then. */
  readonly requests: number
}

/**
 * A candidate against the policy in force, on the requests that a live node gets. Both decide for shadow nodes and neither for the
 * live one, so that all that differs between them is what they decide.
 */
export class CandidateTrial {
  private readonly ladder: Ladder
  private readonly decisionTimes = new DecisionTimes()
  private readonly candidate: ShadowNode
  private readonly inForce: ShadowNode
  private readonly candidateWindow: TallyWindow
  private readonly inForceWindow: TallyWindow
  private readonly gains: number[] = []
  private worseWindows = 0

  /** @param inForce another instance of the policy in force: it may remember what it has seen */
  constructor(candidate: SchedulingPolicy, inForce: SchedulingPolicy, options: ShadowNodeOptions) {
    this.ladder = options.times.ladder
    this.candidate = new ShadowNode(timed(candidate, this.decisionTimes), options)
    this.inForce = new ShadowNode(inForce, options)
    this.candidateWindow = new TallyWindow(this.candidate.tally)
    this.inForceWindow = new TallyWindow(this.inForce.tally)
  }

  /** @throws whatever the candidate throws, or when it chooses the impossible */
  arrive(request: ShadowRequest, nowMs: number): void {
    this.candidate.arrive(request, nowMs)
    this.inForce.arrive(request, nowMs)
  }

  /** A service of the live node has taken so long. @param batch index of the batch size */
  served(variant: number, batch: number, measuredMs: number): void {
    this.candidate.observeService(variant, batch, measuredMs)
    this.inForce.observeService(variant, batch, measuredMs)
  }

  /** To be called now and then. @returns the verdict, once there is one */
  judge(nowMs: number): TrialVerdict | undefined {
    if (this.inForceWindow.settled < WINDOW) return undefined
    this.candidate.advance(nowMs)
    this.inForce.advance(nowMs)
    const gain = this.candidateWindow.end() - this.inForceWindow.end()
    this.gains.push(gain)
    this.worseWindows = gain < -MARGIN_POINTS ? this.worseWindows + 1 : 0
    const isHopeless = this.worseWindows >= WORSE_WINDOWS
    if (!isHopeless && this.gains.length < WINDOWS) return undefined
    const slowness = slownessOf(this.decisionTimes.quantileMs(0.5), this.ladder)
    const isAhead = !isHopeless && mean(this.gains.map(weighted)) >= LEAST_GAIN_POINTS
    return {
      hasWon: isAhead && slowness === undefined,
      ...(slowness !== undefined && { slowness }),
      gainPoints: mean(this.gains),
      requests: this.gains.length * WINDOW,
    }
  }
}

/** The same policy; how long each decision takes is noted. */
function timed(policy: SchedulingPolicy, decisionTimes: DecisionTimes): SchedulingPolicy {
  return {
    name: policy.name,
    decide(observation) {
      const beginMs = performance.now()
      const action = policy.decide(observation)
      decisionTimes.note(performance.now() - beginMs)
      return action
    },
    save: () => policy.save(),
    restore: (saved) => policy.restore(saved),
  }
}

function weighted(gain: number): number {
  return gain < 0 ? LOSS_WEIGHT * gain : gain
}
