/** Publishes joint decisions as numbered rounds, and keeps account of what they produced. */
import type { Logger } from 'pino'
import type { Clock } from '../clock.ts'
import { Boundary } from '../control/boundary.ts'
import type { ControlPlane } from '../control/control-plane.ts'
import type {
  AnswerReport,
  ClosedRound,
  DeviceDecision,
  DeviceGoal,
  FoundDrift,
  JointDecision,
  LabelReport,
} from '../control/messages.ts'
import type { Choice } from '../fleet/choice.ts'
import { decidedChoices, formatChoice } from '../fleet/choice.ts'
import { averageAccuracyPercent, meetsGoal } from '../fleet/goal.ts'
import type {
  Answer,
  Availability,
  Decision,
  Problem,
  State,
} from '../learning/environment/environment.ts'
import { moment, traceOf } from '../tracing.ts'
import type { AgentNote } from './agent-messages.ts'
import { EscalationCosts } from './escalation-costs.ts'
import { type Fallbacks, fallbacksOf } from './fallbacks.ts'
import type { GoalGovernor } from './goal-governor.ts'
import { summaryOf } from './joint-summary.ts'
import { Round, type RoundResult } from './round.ts'
import { type PastRound, RoundHistory } from './round-history.ts'
import { meanAnsweredMs } from './unanswered.ts'

/** Where decisions go, and who hears what came of them. */
export interface BoardOptions {
  /** As whom it decides; the epoch may rise. */
  readonly standing: {
    readonly session: string
    readonly epoch: number
    readonly firstRound: number
  }
  readonly control: ControlPlane
  readonly roundTimeoutMs: number
  readonly clock: Clock
  readonly logger: Logger
  /** A request that no agent sees in the outcome of a round. */
  readonly onAnswer?: (answer: Answer) => void
  readonly onClosed?: (round: ClosedRound) => void
  /** A round begins: what is in force until the next. */
  readonly onOpened?: (round: PastRound) => void
  /** A report of a round that was before this process. */
  readonly onEarlier?: (report: AnswerReport) => void
  /** Told what every answered request was served by. */
  readonly governor: GoalGovernor
  /** Single requests that the agent heard of so far. */
  readonly answers?: () => JointDecision['answers']
}

/** Since the session began. */
export interface BoardCounts {
  closedRounds: number
  /** Of those: their served average accuracy was below the goal in force. */
  goalViolations: number
  /** Of those: an agent tried another decision than the best it knew. */
  exploredRounds: number
  /** That did not come in time, one for each device and round. */
  missingAnswers: number
  /** Of an unknown session, round or device, or telling nothing of what escalating takes. */
  ignoredReports: number
}

/** A round that closed. */
export interface NewestRound {
  readonly closed: ClosedRound
  readonly note: AgentNote
}

/** A joint decision about to be applied. */
export interface Proposal {
  readonly problem: Problem
  /** Shape [devices]. */
  readonly devices: readonly string[]
  readonly state: State
  /** What there is for each device, whatever goal it has. */
  readonly serving: Availability
  readonly decision: Decision
  readonly goalPercent: number
  /** By name, of the devices that have a goal of their own. */
  readonly deviceGoals: Readonly<Record<string, DeviceGoal>>
  /** Who decided: the agent's spec, or the fixed rule's. */
  readonly agent: string
  /** What the agent said beside its decision. */
  readonly note: AgentNote
  /** What agents found to have changed. */
  readonly drift?: readonly FoundDrift[]
  /** Set where the orchestrator itself decided. */
  readonly byRule?: boolean
  /** Set where a fixed rule is in force in the agent's place. */
  readonly revert?: JointDecision['revert']
}

/** With what each choice of the decision is. */
interface Decided extends Proposal {
  /** Shape [devices]. */
  readonly decided: readonly Choice[]
  readonly fallbacks: Fallbacks
}

/** One round after another, in one session. */
export class DecisionBoard {
  readonly counts: BoardCounts = {
    closedRounds: 0,
    goalViolations: 0,
    exploredRounds: 0,
    missingAnswers: 0,
    ignoredReports: 0,
  }
  /** Around whatever is said to the fleet. */
  readonly boundary: Boundary
  /** Answers whose label was told, since the session began. */
  measured = { labelled: 0, right: 0 }
  /** The round that closed last, and what was said beside its decision. */
  newest: NewestRound | undefined
  private readonly options: BoardOptions
  private readonly history: RoundHistory
  private readonly decisions = new Map<string, DeviceDecision>()
  private readonly costs = new EscalationCosts()
  /** Devices that let a round's time run out and have not been heard of since. */
  private readonly silent = new Set<string>()
  private round: Round | undefined
  /** The open round is an agent's. */
  private isAgents = false
  private nextNumber: number
  private warnedOf: string | undefined

  constructor(options: BoardOptions) {
    this.options = options
    this.boundary = new Boundary(options.clock, options.logger)
    this.nextNumber = options.standing.firstRound
    this.history = new RoundHistory(options.clock)
  }

  /** What a device is to do now. */
  currentDecision(device: string): DeviceDecision | undefined {
    return this.decisions.get(device)
  }

  hear(report: AnswerReport): void {
    const { traceparent } = report
    if (traceparent !== undefined) moment('observe', traceOf({ traceparent }))
    if (!report.failed) this.options.governor.hear(report.device, report.accuracyPercent)
    if (report.session !== this.options.standing.session) {
      this.counts.ignoredReports += 1
      return
    }
    this.silent.delete(report.device)
    if (report.round < this.options.standing.firstRound) {
      this.options.onEarlier?.(report)
      return
    }
    const choice = this.history.choiceOf(report)
    if (choice) this.costs.hear(report, choice)
    const rest = this.round?.add(report) ?? [report]
    // Of a round that no agent decided, none sees the outcome.
    this.passOn(this.isAgents ? rest : [report])
  }

  /** An application told whether an answer was right. */
  hearLabel(report: LabelReport): void {
    if (report.session !== this.options.standing.session) {
      this.counts.ignoredReports += 1
      return
    }
    const { labelled, right } = this.measured
    this.measured = { labelled: labelled + 1, right: right + Number(report.correct) }
    const answer = this.history.labelOf(report)
    if (answer) this.options.onAnswer?.(answer)
  }

  /** Ends the open round without a result; its devices go on under its decision. */
  abandon(reason: string): void {
    const rest = this.round?.abandon(reason) ?? []
    if (this.isAgents) this.passOn(rest)
  }

  /**
   * Publishes the decision as the next round and waits for what it produces.
   * @throws OvertakenError when the round is abandoned
   */
  async apply(proposal: Proposal): Promise<RoundResult> {
    const decided: Decided = {
      ...proposal,
      decided: decidedChoices(proposal.decision, proposal.problem.choices),
      fallbacks: fallbacksOf(proposal),
    }
    const round = this.open(decided)
    const result = await round.closed
    // A device that was not waited for may have been heard of since the round began.
    for (const device of result.silent) if (round.awaits(device)) this.silent.add(device)
    this.account(round.number, decided, result)
    return result
  }

  private open(proposal: Decided): Round {
    this.abandon('another decision took its place')
    const { control, roundTimeoutMs, clock } = this.options
    const { devices, decided, byRule = false } = proposal
    const number = this.nextNumber++
    for (const device of this.silent) if (!devices.includes(device)) this.silent.delete(device)
    const awaited = devices.filter((device) => !this.silent.has(device))
    const round = new Round({
      session: this.options.standing.session,
      number,
      devices,
      decided,
      awaited: awaited.length === 0 ? devices : awaited,
      costs: this.costs,
      timeoutMs: roundTimeoutMs,
      clock,
    })
    this.round = round
    this.isAgents = !byRule
    this.history.add({ ...proposal, number })
    this.options.onOpened?.({ ...proposal, number })
    this.decisions.clear()
    for (const decision of this.deviceDecisions(number, proposal)) {
      this.decisions.set(decision.device, decision)
      this.boundary.run('publishing a decision', () => control.publish('decision', decision))
    }
    this.boundary.run('publishing the joint decision', () =>
      control.publish('jointDecision', summaryOf(this.jointDecision(number, proposal))),
    )
    this.warnOf(proposal.fallbacks)
    for (const found of proposal.drift ?? []) this.options.logger.info(found, 'drift found')
    return round
  }

  /** Once as long as it stays the same. */
  private warnOf({ risk }: Fallbacks): void {
    if (risk !== undefined && risk !== this.warnedOf) this.options.logger.warn(risk)
    this.warnedOf = risk
  }

  private passOn(reports: readonly AnswerReport[]): void {
    for (const report of reports) {
      const choice = this.history.choiceOf(report)
      const answer = this.history.answerOf(report, choice && this.costs.becameOf(report, choice))
      if (answer === undefined) this.counts.ignoredReports += 1
      else this.options.onAnswer?.(answer)
    }
  }

  private deviceDecisions(round: number, proposal: Decided): DeviceDecision[] {
    const { devices, decided, fallbacks } = proposal
    return devices.flatMap((device, index) => {
      const choice = decided[index]
      const fallback = fallbacks.leastPercent[index]
      if (choice === undefined || fallback === undefined) return []
      const { placement, escalation } = choice
      const decision = { placement, ...(escalation && { escalation }) }
      const { session, epoch } = this.options.standing
      return { session, epoch, round, device, ...decision, fallbackAccuracyPercent: fallback }
    })
  }

  private jointDecision(round: number, proposal: Decided): JointDecision {
    const { decided, goalPercent, deviceGoals, agent, note, revert, fallbacks, state } = proposal
    const { drift = [] } = proposal
    const raisedGoalPercent = state.goalPercent > goalPercent ? state.goalPercent : undefined
    const answers = this.options.answers?.()
    const { served } = this.options.governor
    return {
      session: this.options.standing.session,
      epoch: this.options.standing.epoch,
      round,
      agent,
      goalPercent,
      placements: placementsOf(proposal),
      accuracyPercent: averageAccuracyPercent(decided.map((choice) => choice.accuracyPercent)),
      ...note,
      ...(drift.length > 0 && { drift: [...drift] }),
      goalViolations: this.counts.goalViolations,
      ...(this.measured.labelled > 0 && { measured: this.measured }),
      ...(answers && { answers }),
      ...(served && { served }),
      ...(Object.keys(deviceGoals).length > 0 && { deviceGoals }),
      ...(revert && { revert }),
      ...(raisedGoalPercent !== undefined && { raisedGoalPercent }),
      ...(fallbacks.risk !== undefined && { fallbackRisk: fallbacks.risk }),
      ...(this.newest && { closed: this.newest.closed }),
    }
  }

  private account(round: number, proposal: Decided, result: RoundResult): void {
    const { devices, goalPercent, agent, note, byRule = false } = proposal
    const { responseTimesMs, accuracyPercent, silent } = result
    const violated = !meetsGoal(accuracyPercent, goalPercent)
    this.counts.closedRounds += 1
    this.counts.missingAnswers += silent.length
    if (violated) this.counts.goalViolations += 1
    if (note.explanation?.inForce === false) this.counts.exploredRounds += 1
    const closed = {
      round,
      agent,
      ...(byRule && { byRule }),
      goalPercent,
      placements: placementsOf(proposal),
      responseTimesMs: Object.fromEntries(
        devices.flatMap((device, index) => {
          const responseTimeMs = responseTimesMs[index] ?? Number.NaN
          return Number.isNaN(responseTimeMs) ? [] : [[device, responseTimeMs]]
        }),
      ),
      responseTimeMs: meanAnsweredMs(responseTimesMs),
      accuracyPercent: averageAccuracyPercent(accuracyPercent),
      violated,
    }
    this.newest = { closed, note }
    this.options.onClosed?.(closed)
  }
}

function placementsOf({ devices, decided }: Decided): Record<string, string> {
  return Object.fromEntries(
    devices.flatMap((device, index) => {
      const choice = decided[index]
      return choice ? [[device, formatChoice(choice)]] : []
    }),
  )
}
