/** What changes as Algorithm 1 goes on: the epoch, α, ε, and how many sessions are due. */
import type { Availability, State } from '../environment/environment.ts'
import type { Hyperparameters } from './hyperparameters.ts'

export interface ScheduleState {
  readonly epoch: number
  readonly owed: Readonly<Record<string, number>>
  readonly lowestGoalPercent: number
  readonly opened: Availability
  readonly start: number
}

export class Schedule {
  private readonly hyperparameters: Hyperparameters
  /** Line 4; 0 before the first. */
  epoch = 0
  /** Fractions of sessions not run yet, by name. */
  private owed: Record<string, number> = {}
  private lowestGoalPercent = Number.MAX_VALUE
  /** Whether the choice was ever available to the device. [devices][choices] */
  private opened: Availability = []
  /** The real step from which ε falls. */
  private start = 0

  constructor(hyperparameters: Hyperparameters) {
    this.hyperparameters = hyperparameters
  }

  /** Line 5. */
  get alpha(): number {
    const { epochs, alpha } = this.hyperparameters
    return alpha.first + (alpha.last - alpha.first) * Math.min(1, this.epoch / epochs)
  }

  /** Whole sessions to run now of so many, which need not be whole: what is left over is carried to the next epoch. */
  due(name: string, sessions: number): number {
    const owed = (this.owed[name] ?? 0) + sessions
    const whole = Math.floor(owed + 1e-9)
    this.owed[name] = owed - whole
    return whole
  }

  /** ε after so many real steps. */
  epsilon(step: number): number {
    const { first, last, steps } = this.hyperparameters.epsilon
    return Math.max(last, first * (last / first) ** ((step - this.start) / steps))
  }

  /**
   * ε begins anew where decisions became feasible that never were: a goal lower than any before, or a choice that
   * was never available. A higher goal or a lost tier only leaves a part of what is known.
   */
  notice({ goalPercent, available }: State, step: number): void {
    const opens = available.some((row, device) =>
      row.some((open, choice) => open && !this.opened[device]?.[choice]),
    )
    if (goalPercent >= this.lowestGoalPercent && !opens) return
    this.start = step
    this.lowestGoalPercent = Math.min(goalPercent, this.lowestGoalPercent)
    this.opened = available.map((row, device) =>
      row.map((open, choice) => open || this.opened[device]?.[choice] === true),
    )
  }

  save(): ScheduleState {
    const { epoch, owed, lowestGoalPercent, opened, start } = this
    return { epoch, owed: { ...owed }, lowestGoalPercent, opened, start }
  }

  restore({ epoch, owed, lowestGoalPercent, opened, start }: ScheduleState): void {
    this.epoch = epoch
    this.owed = { ...owed }
    this.lowestGoalPercent = lowestGoalPercent
    this.opened = opened
    this.start = start
  }
}
