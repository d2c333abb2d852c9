/** Publishes joint decisions as numbered rounds, and keeps account of what they produced. */
import { randomUUID } from 'node:crypto'
import type { Clock } from '../clock.ts'
import type { ControlPlane } from '../control/control-plane.ts'
import type {
  ClosedRound,
  DeviceDecision,
  JointDecision,
  Observation,
} from '../control/messages.ts'
import type { LearningProgress } from '../learning/agent/agent.ts'
import type { Choice } from '../learning/environment/environment.ts'
import { formatPlacement } from '../placement.ts'
import { averageAccuracyPercent, fallbackAccuraciesPercent, meetsGoal } from './goal.ts'
import { Round, type RoundResult } from './round.ts'

export interface BoardOptions {
  readonly control: ControlPlane
  readonly roundTimeoutMs: number
  readonly clock: Clock
}

/** A joint decision about to be applied. */
export interface Proposal {
  readonly devices: readonly string[]
  /** Shape [devices]. */
  readonly decided: readonly Choice[]
  readonly goalPercent: number
  /** Who decided: the agent's name, or `safe`. */
  readonly agent: string
  readonly progress: LearningProgress
}

export class DecisionBoard {
  /** New for every start, so that no observation of an earlier one counts. */
  readonly session = randomUUID()
  /** Closed rounds whose served average accuracy was below the goal. */
  goalViolations = 0
  closedRounds = 0
  /** Answers that did not come in time, one for each device and round. */
  missingAnswers = 0
  private readonly options: BoardOptions
  private readonly decisions = new Map<string, DeviceDecision>()
  private round: Round | undefined
  private nextNumber = 0
  private lastClosed: ClosedRound | undefined
  private ignoredBefore = 0

  constructor(options: BoardOptions) {
    this.options = options
  }

  /** Observations that belong to no open round. */
  get ignoredObservations(): number {
    return this.ignoredBefore + (this.round?.ignored ?? 0)
  }

  /** What a device is to do now. */
  currentDecision(device: string): DeviceDecision | undefined {
    return this.decisions.get(device)
  }

  hear(observation: Observation): void {
    if (this.round) this.round.add(observation)
    else this.ignoredBefore += 1
  }

  /** Ends the open round without a result; its devices go on under its decision. */
  abandon(reason: string): void {
    this.round?.abandon(reason)
  }

  /**
   * Publishes the decision as the next round and waits for what it produces.
   * @throws OvertakenError when the round is abandoned
   */
  async apply(proposal: Proposal): Promise<RoundResult> {
    const round = this.open(proposal)
    const result = await round.closed
    this.account(round.number, proposal, result)
    return result
  }

  private open(proposal: Proposal): Round {
    this.abandon('another decision took its place')
    this.ignoredBefore += this.round?.ignored ?? 0
    const { control, roundTimeoutMs, clock } = this.options
    const { devices, decided } = proposal
    const number = this.nextNumber++
    const round = new Round({
      session: this.session,
      number,
      devices,
      decided,
      timeoutMs: roundTimeoutMs,
      clock,
    })
    this.round = round
    this.decisions.clear()
    for (const decision of this.deviceDecisions(number, proposal)) {
      this.decisions.set(decision.device, decision)
      void control.publish('decision', decision)
    }
    void control.publish('jointDecision', this.jointDecision(number, proposal))
    return round
  }

  private deviceDecisions(round: number, proposal: Proposal): DeviceDecision[] {
    const { devices, decided, goalPercent } = proposal
    const fallbackAccuracyPercent = fallbackAccuraciesPercent(decided, goalPercent)
    return devices.flatMap((device, index) => {
      const placement = decided[index]?.placement
      const fallback = fallbackAccuracyPercent[index]
      if (placement === undefined || fallback === undefined) return []
      const { session } = this
      return { session, round, device, placement, fallbackAccuracyPercent: fallback }
    })
  }

  private jointDecision(round: number, proposal: Proposal): JointDecision {
    const { decided, goalPercent, agent, progress } = proposal
    return {
      session: this.session,
      round,
      agent,
      goalPercent,
      placements: placementsOf(proposal),
      accuracyPercent: averageAccuracyPercent(decided.map((choice) => choice.accuracyPercent)),
      progress,
      goalViolations: this.goalViolations,
      ...(this.lastClosed && { closed: this.lastClosed }),
    }
  }

  private account(round: number, proposal: Proposal, result: RoundResult): void {
    const { devices, goalPercent, agent } = proposal
    const { responseTimesMs, accuracyPercent, missing } = result
    const violated = !meetsGoal(accuracyPercent, goalPercent)
    this.closedRounds += 1
    this.missingAnswers += missing
    if (violated) this.goalViolations += 1
    this.lastClosed = {
      round,
      agent,
      goalPercent,
      placements: placementsOf(proposal),
      responseTimesMs: Object.fromEntries(
        devices.map((device, index) => [device, responseTimesMs[index] ?? 0]),
      ),
      responseTimeMs: responseTimesMs.reduce((sum, time) => sum + time, 0) / devices.length,
      accuracyPercent: averageAccuracyPercent(accuracyPercent),
      violated,
    }
  }
}

function placementsOf({ devices, decided }: Proposal): Record<string, string> {
  return Object.fromEntries(
    devices.flatMap((device, index) => {
      const choice = decided[index]
      return choice ? [[device, formatPlacement(choice.placement)]] : []
    }),
  )
}
