/** The live fleet as the System Environment that agents see (HL paper, Figure 2). */
import { InvalidInputError } from '../errors.ts'
import type { LearningProgress } from '../learning/agent/agent.ts'
import type {
  Choice,
  Decision,
  Environment,
  Outcome,
  Problem,
  State,
} from '../learning/environment/environment.ts'
import { stateFeatures } from '../monitoring/state-features.ts'
import { formatPlacement } from '../placement.ts'
import type { DecisionBoard } from './decision-board.ts'
import type { Fleet } from './fleet.ts'
import { averageAccuracyPercent, decidedChoices, meetsGoal, safeChoice } from './goal.ts'

export interface LiveEnvironmentOptions {
  readonly fleet: Fleet
  readonly board: DecisionBoard
  readonly choices: readonly Choice[]
  /** The devices that this problem is about; another set is another problem. */
  readonly devices: readonly string[]
  readonly goalPercent: number
}

const NO_PROGRESS: LearningProgress = { realSteps: 0, plannedSteps: 0, updates: 0 }

export class LiveEnvironment implements Environment {
  readonly problem: Problem
  readonly devices: readonly string[]
  /** What the agent has done so far, published with its decisions. */
  progress = NO_PROGRESS
  /** Whether a round has closed since the agent began. */
  hasActed = false
  private readonly options: LiveEnvironmentOptions
  private readonly edgePlaces: number
  private agent = 'safe'
  private goalPercent: number
  /** In force at the devices. */
  private decision: Decision

  constructor(options: LiveEnvironmentOptions) {
    const { choices, devices, fleet } = options
    this.options = options
    this.devices = devices
    this.edgePlaces = fleet.edgePlaces
    this.goalPercent = options.goalPercent
    this.problem = {
      devices: devices.length,
      choices,
      stateSize: 3 * (devices.length + this.edgePlaces + 1),
    }
    this.decision = devices.map(() => safeChoice(choices))
  }

  /** Whether the problem is still the fleet's: the same devices, and as many edges. */
  fits({ devices, edgePlaces }: Fleet): boolean {
    return (
      edgePlaces === this.edgePlaces &&
      devices.length === this.devices.length &&
      devices.every((device, index) => device === this.devices[index])
    )
  }

  /** @param agent whose decisions come from now on */
  begin(agent: string): void {
    this.agent = agent
    this.progress = NO_PROGRESS
    this.hasActed = false
  }

  /** The fleet as it is; it knows no seed. */
  reset(_seed: number): State {
    return this.state()
  }

  /**
   * Publishes the decision, and resolves when every device has answered one request under it.
   * @throws InvalidInputError for a decision of another shape, one that breaks the goal in force, or one that takes a
   *   tier that is down; it is never published
   * @throws OvertakenError when the goal, a tier or the fleet changes before the round closes
   */
  async step(decision: Decision): Promise<Outcome> {
    this.check(decision)
    this.decision = [...decision]
    const { responseTimesMs, accuracyPercent } = await this.apply(this.agent)
    this.hasActed = true
    const cost = responseTimesMs.reduce((sum, time) => sum + time, 0) / responseTimesMs.length
    return { state: this.state(), responseTimesMs, accuracyPercent, cost }
  }

  /** Every device by itself with its most accurate variant: feasible whatever becomes of the rest. */
  applySafe(): void {
    this.decision = this.devices.map(() => safeChoice(this.problem.choices))
    void this.apply('safe').catch(() => {})
  }

  /** The goal changes: a decision that breaks it is taken back at once. */
  setGoal(goalPercent: number): void {
    this.goalPercent = goalPercent
    this.options.board.abandon(`the goal is now ${goalPercent} %`)
    if (!meetsGoal(this.accuraciesOf(this.decision), goalPercent)) this.applySafe()
  }

  /** Nodes came or went: a decision that leans on a tier without nodes is overtaken, and devices fall back. */
  fleetChanged(): void {
    const down = this.unavailableIn(this.decision)
    if (down) this.options.board.abandon(`${down} is down`)
  }

  private apply(agent: string) {
    const { goalPercent, devices, progress } = this
    const decided = decidedChoices(this.decision, this.problem.choices)
    return this.options.board.apply({ devices, decided, goalPercent, agent, progress })
  }

  private state(): State {
    const { fleet, choices } = this.options
    return {
      features: stateFeatures(
        fleet.deviceStates(this.devices),
        fleet.edgeStates(this.edgePlaces),
        fleet.cloudState(),
      ),
      goalPercent: this.goalPercent,
      available: choices.map((choice) => this.isAvailable(choice)),
    }
  }

  private isAvailable({ placement }: Choice): boolean {
    return placement.tier === 'end' || this.options.fleet.isUp(placement.tier)
  }

  private accuraciesOf(decision: Decision): number[] {
    return decidedChoices(decision, this.problem.choices).map((choice) => choice.accuracyPercent)
  }

  /** The first placement that cannot be taken now. */
  private unavailableIn(decision: Decision): string | undefined {
    const choice = decidedChoices(decision, this.problem.choices).find(
      (decided) => !this.isAvailable(decided),
    )
    return choice && formatPlacement(choice.placement)
  }

  private check(decision: Decision): void {
    const { devices, choices } = this.problem
    if (decision.length !== devices || decidedChoices(decision, choices).length !== devices) {
      throw new InvalidInputError(
        `[${decision}] is no decision: give ${devices} indices below ${choices.length}`,
      )
    }
    const down = this.unavailableIn(decision)
    if (down) throw new InvalidInputError(`${down} cannot be taken: its tier is down`)
    const accuracyPercent = this.accuraciesOf(decision)
    if (!meetsGoal(accuracyPercent, this.goalPercent)) {
      throw new InvalidInputError(
        `[${decision}] has an average accuracy of ${averageAccuracyPercent(accuracyPercent)} %, below the goal of ${this.goalPercent} %`,
      )
    }
  }
}
