/** The live fleet as the System Environment that agents see (HL paper, Figure 2). */
import { isDeepStrictEqual } from 'node:util'
import type { Clock } from '../clock.ts'
import { type FoundDrift, MAX_DRIFT } from '../control/messages.ts'
import { InvalidInputError } from '../errors.ts'
import type { Choice } from '../fleet/choice.ts'
import { decidedChoices, formatChoice } from '../fleet/choice.ts'
import { accuraciesOf, averageAccuracyPercent, meetsGoal } from '../fleet/goal.ts'
import { encodeState, stateSize } from '../fleet/state.ts'
import type { Drift } from '../learning/agents/agent.ts'
import { reachablePercent, unreachableGoal } from '../learning/environment/availability.ts'
import type {
  Decision,
  Environment,
  Outcome,
  Problem,
  State,
} from '../learning/environment/environment.ts'
import type { AgentNote } from './agent-messages.ts'
import type { DecisionBoard, Proposal } from './decision-board.ts'
import { DeviceGoals } from './device-goals.ts'
import { type FixedRule, safeRule } from './fixed-rule.ts'
import type { GoalGovernor } from './goal-governor.ts'
import type { LiveNodes } from './live-nodes.ts'
import { OvertakenError } from './round.ts'
import { meanAnsweredMs } from './unanswered.ts'

/** One problem: these devices, under this goal. */
export interface LiveEnvironmentOptions {
  readonly nodes: LiveNodes
  readonly board: DecisionBoard
  readonly choices: readonly Choice[]
  readonly governor: GoalGovernor
  /** The devices that this problem is about; another set is another problem. */
  readonly devices: readonly string[]
  readonly goalPercent: number
  readonly clock: Clock
}

/** Why a device cannot take a choice. */
export const UNAVAILABLE =
  'no node that it reaches serves it, or its floor or its own goal forbids it'

/** From one round of a rule to the next: its decision hardly ever changes, so it need not be published as often as requests come. */
const RULE_PAUSE_MS = 50

const NOTHING_LEARNED: AgentNote = { progress: { realSteps: 0, plannedSteps: 0, updates: 0 } }

/** The live fleet as one problem; a fleet that changes is another. */
export class LiveEnvironment implements Environment {
  /** Replaced by another where devices tell other times of their own: it is no other fleet for that. */
  problem: Problem
  readonly devices: readonly string[]
  /** Whether a round has closed since the agent began. */
  hasActed = false
  private readonly options: LiveEnvironmentOptions
  private readonly edgePlaces: number
  private readonly goals: DeviceGoals
  private agent = safeRule.name
  /** What the agent said beside its newest decision. */
  private note = NOTHING_LEARNED
  private goalPercent: number
  /** Counts what took the fleet over: an agent's decision, a rule, or nothing any more. */
  private turn = 0
  /** The rule whose decision is in force, and why it is in an agent's place. */
  private ruled: { readonly rule: FixedRule; readonly reason: string | undefined } | undefined
  /** In force at the devices. */
  private decision: Decision
  /** What agents found to have changed, and no decision has told. */
  private untold: FoundDrift[] = []

  constructor(options: LiveEnvironmentOptions) {
    const { devices, nodes } = options
    this.options = options
    this.devices = devices
    this.edgePlaces = nodes.edgePlaces
    this.goals = new DeviceGoals(options)
    this.goalPercent = options.goalPercent
    this.problem = this.problemNow()
    this.decision = safeRule.decide(this.problem, this.state())
  }

  /** Whether the problem is still the fleet's: the same devices at the same edges. */
  fits(nodes: LiveNodes): boolean {
    return (
      nodes.edgePlaces === this.edgePlaces &&
      isDeepStrictEqual(nodes.devices, this.devices) &&
      isDeepStrictEqual(nodes.edgeOf(this.devices), this.problem.edgeOf)
    )
  }

  /** Why no decision can meet a goal now; undefined where one can. */
  unreachable(goalPercent = this.goalPercent): string | undefined {
    return unreachableGoal(this.problem, { goalPercent, available: this.goals.available })
  }

  /** What the agent believes of the best decision it knows. */
  get explanation(): AgentNote['explanation'] {
    return this.note.explanation
  }

  /** The decision in force, and the state it is in force in. */
  get now(): { readonly state: State; readonly decision: Decision } {
    return { state: this.state(), decision: this.decision }
  }

  /** @param agent whose decisions come from now on */
  begin(agent: string): void {
    this.agent = agent
    this.note = NOTHING_LEARNED
    this.hasActed = false
  }

  /** The fleet as it is; it knows no seed. */
  reset(_seed: number): State {
    return this.state()
  }

  /**
   * Publishes the decision, and resolves when every device that is not silent has answered one request under it.
   * @param note what the agent says beside it, published with it
   * @param drift what it found to have changed, published with the next decision that is
   * @throws InvalidInputError for a decision of another shape, one that breaks the goal in force, or one that gives a
   *   device what it cannot take; it is never published
   * @throws OvertakenError when the goal, a tier or the fleet changes before the round closes
   */
  async step(
    decision: Decision,
    note = NOTHING_LEARNED,
    drift: readonly Drift[] = [],
  ): Promise<Outcome> {
    this.note = note
    this.untold = [...this.untold, ...drift.flatMap((one) => this.named(one))].slice(-MAX_DRIFT)
    this.check(decision)
    this.turn += 1
    this.ruled = undefined
    this.decision = [...decision]
    const { agent } = this
    const { responseTimesMs, accuracyPercent, escalations } = await this.apply({ agent, note })
    this.hasActed = true
    const cost = meanAnsweredMs(responseTimesMs)
    const became = escalations.some((each) => each !== undefined) && { escalations }
    return { state: this.state(), responseTimesMs, accuracyPercent, cost, ...became }
  }

  /**
   * Keeps the fleet under a fixed rule, round after round, from now until an agent decides.
   * @param reason why it is in force in the agent's place, if it is
   */
  play(rule: FixedRule, reason?: string): void {
    this.turn += 1
    this.ruled = { rule, reason }
    void this.playOn(rule, this.turn, reason)
  }

  /** Goals that devices have for themselves, and how they are kept. */
  get deviceGoals(): DeviceGoals['report'] {
    return this.goals.report
  }

  /** No more rounds of a rule: another environment takes over. */
  end(): void {
    this.turn += 1
  }

  /** What a rule would decide now. */
  decisionOf(rule: FixedRule): Decision {
    return rule.decide(this.problem, this.state())
  }

  /** The goal changes: a decision that breaks it is taken back at once. */
  setGoal(goalPercent: number): void {
    this.goalPercent = goalPercent
    this.options.board.abandon(`the goal is now ${goalPercent} %`)
    const { ruled } = this
    if (ruled) this.play(ruled.rule, ruled.reason)
    else if (!meetsGoal(accuraciesOf(this.decision, this.problem.choices), goalPercent))
      this.play(safeRule)
  }

  /**
   * Nodes came or went, or say something else of themselves. A decision that gives a device what it cannot take any more
   * is overtaken, and that device falls back.
   * @param news for which any decision is overtaken, so that one under what is true now is told
   */
  fleetChanged(news?: string): void {
    const now = this.problemNow()
    if (!isDeepStrictEqual(now, this.problem)) this.problem = now
    const gone = this.unavailableIn(this.decision)
    const reason = gone ? `${gone} any more` : news
    if (reason === undefined) return
    const { ruled } = this
    this.options.board.abandon(reason)
    if (ruled) this.play(ruled.rule, ruled.reason)
  }

  private async playOn(rule: FixedRule, turn: number, reason: string | undefined): Promise<void> {
    while (turn === this.turn) {
      await this.playRound(rule, reason).catch((error: unknown) => {
        const isFault = !(error instanceof OvertakenError)
        if (isFault) this.options.board.boundary.fault('a round of the fixed rule', error)
      })
      await this.options.clock.sleep(RULE_PAUSE_MS)
    }
  }

  private async playRound(rule: FixedRule, reason: string | undefined): Promise<void> {
    const revert = reason === undefined ? undefined : { rule: rule.name, reason }
    this.decision = this.decisionOf(rule)
    const note = { progress: this.note.progress }
    await this.apply({ agent: rule.name, note, byRule: true, ...(revert && { revert }) })
  }

  private apply(decided: Pick<Proposal, 'agent' | 'note' | 'byRule' | 'revert'>) {
    const { problem, devices, decision, goalPercent, goals, untold: drift } = this
    const { serving, report: deviceGoals } = goals
    this.untold = []
    const now = { state: this.state(serving), serving, deviceGoals, drift }
    return this.options.board.apply({ problem, devices, decision, goalPercent, ...now, ...decided })
  }

  private named({ tier, index, became }: Drift): FoundDrift[] {
    const node = tier === 'end' ? this.devices[index] : this.options.nodes.nameAt(tier, index)
    return node === undefined ? [] : [{ node, tier, became }]
  }

  private problemNow(): Problem {
    const { choices, nodes } = this.options
    const { devices } = this
    const localTimesMs = devices.map((device) => nodes.localTimesMs(device))
    const isTold = localTimesMs.flat().some((ms) => ms !== undefined)
    return {
      devices: devices.length,
      choices,
      stateSize: stateSize(devices.length, this.edgePlaces),
      edgeOf: nodes.edgeOf(devices),
      names: devices,
      ...(isTold && { localTimesMs }),
    }
  }

  private state(serving = this.goals.serving): State {
    const { nodes, choices, governor } = this.options
    const available = this.goals.heldOf(serving)
    return {
      features: encodeState({
        devices: nodes.deviceStates(this.devices),
        edges: nodes.edgeStates(this.edgePlaces),
        cloud: nodes.cloudState(),
      }),
      goalPercent: governor.raised(
        this.goalPercent,
        reachablePercent(choices, available),
        this.devices.length,
      ),
      available,
      shedding: nodes.shedding(this.edgePlaces),
    }
  }

  /** The first device that cannot take what it is given now. */
  private unavailableIn(decision: Decision): string | undefined {
    const { available } = this.goals
    const device = decision.findIndex((choice, device) => !available[device]?.[choice])
    const [choice] = decidedChoices(decision.slice(device, device + 1), this.problem.choices)
    if (device < 0 || !choice) return undefined
    return `${this.devices[device]} cannot take ${formatChoice(choice)}`
  }

  private check(decision: Decision): void {
    const { devices, choices } = this.problem
    if (decision.length !== devices || decidedChoices(decision, choices).length !== devices) {
      throw new InvalidInputError(
        `[${decision}] is no decision: give ${devices} indices below ${choices.length}`,
      )
    }
    const closed = this.unavailableIn(decision)
    if (closed) throw new InvalidInputError(`${closed} now: ${UNAVAILABLE}`)
    const accuracyPercent = accuraciesOf(decision, this.problem.choices)
    if (!meetsGoal(accuracyPercent, this.goalPercent)) {
      throw new InvalidInputError(
        `[${decision}] has an average accuracy of ${averageAccuracyPercent(accuracyPercent)} %, below the goal of ${this.goalPercent} %`,
      )
    }
  }
}
