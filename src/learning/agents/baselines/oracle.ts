/** The agent that already knows: the best decision of a measured profile. What the others are compared with. */
import { InvalidInputError } from '../../../errors.ts'
import type { Decision, Problem, State } from '../../environment/environment.ts'
import type { Agent, LearningProgress } from '../agent.ts'
import type { Profile } from './oracle-profile.ts'
import { bestDecision } from './oracle-search.ts'

export { type Profile, parseProfile, predictProfile } from './oracle-profile.ts'
export { bestDecision, bruteForce } from './oracle-search.ts'

export class OracleAgent implements Agent {
  readonly name = 'oracle'
  private readonly problem: Problem
  private readonly profile: Profile
  private realSteps = 0
  /** The last decision and the goal and availability it is for. */
  private known: { readonly question: string; readonly decision: Decision } | undefined

  constructor(problem: Problem, profile: Profile) {
    this.problem = problem
    this.profile = profile
  }

  get progress(): LearningProgress {
    return { realSteps: this.realSteps, plannedSteps: 0, updates: 0 }
  }

  /** @throws ConfigError if no available decision meets the goal, or the profile lacks a placement */
  decide({ goalPercent, available }: State): Decision {
    const question = `${goalPercent} ${available}`
    if (this.known?.question !== question) {
      const { decision } = bestDecision(this.problem, this.profile, goalPercent, available)
      this.known = { question, decision }
    }
    return this.known.decision
  }

  observe(): void {
    this.realSteps++
  }

  greedy(state: State): Decision {
    return this.decide(state)
  }

  save(): unknown {
    const { devices, choices } = this.problem
    return { agent: this.name, devices, choices: choices.length, realSteps: this.realSteps }
  }

  restore(saved: unknown): void {
    const { devices, choices } = this.problem
    const value: { agent?: unknown; devices?: unknown; choices?: unknown; realSteps?: unknown } =
      Object(saved)
    const isOurs =
      value.agent === this.name && value.devices === devices && value.choices === choices.length
    if (!isOurs || typeof value.realSteps !== 'number') {
      throw new InvalidInputError(
        `this was not saved by the oracle of ${devices} devices and ${choices.length} choices: restore it there`,
      )
    }
    this.realSteps = value.realSteps
  }
}
