/** Plays a list of joint decisions in turn, again and again: how a fleet is measured. Learns nothing. */
import { ConfigError, InvalidInputError } from '../../errors.ts'
import { formatPlacement } from '../../placement.ts'
import type { Decision, Problem } from '../environment/environment.ts'
import type { Agent, LearningProgress } from './agent.ts'

/**
 * @param spec joint decisions separated by `;`, each a placement for all devices (`end/d4`) or one for each device,
 *   separated by commas
 * @throws ConfigError naming the placement or the length that does not fit the problem
 */
export function parseDecisions(spec: string, problem: Problem): Decision[] {
  const names = problem.choices.map(({ placement }) => formatPlacement(placement))
  return spec.split(';').map((text) => {
    const decision = text.split(',').map((name) => {
      const index = names.indexOf(name.trim())
      if (index >= 0) return index
      throw new ConfigError(
        `"${name}" is not a placement of this fleet: choose from ${names.join(', ')}`,
      )
    })
    const [only] = decision
    if (decision.length === 1 && only !== undefined)
      return Array<number>(problem.devices).fill(only)
    if (decision.length === problem.devices) return decision
    throw new ConfigError(
      `"${text}" places ${decision.length} devices, the fleet has ${problem.devices}: write one placement, or one for each device`,
    )
  })
}

export class CycleAgent implements Agent {
  readonly name: string
  private readonly decisions: readonly Decision[]
  private steps = 0

  /** @param spec see `parseDecisions` */
  constructor(spec: string, problem: Problem) {
    this.name = `cycle:${spec}`
    this.decisions = parseDecisions(spec, problem)
  }

  get progress(): LearningProgress {
    return { realSteps: this.steps, plannedSteps: 0, updates: 0 }
  }

  decide(): Decision {
    return this.greedy()
  }

  greedy(): Decision {
    return this.decisions[this.steps % this.decisions.length] ?? []
  }

  observe(): void {
    this.steps++
  }

  save(): number {
    return this.steps
  }

  restore(saved: unknown): void {
    if (typeof saved !== 'number' || !Number.isInteger(saved) || saved < 0) {
      throw new InvalidInputError(`${JSON.stringify(saved)} is not a saved cycle agent`)
    }
    this.steps = saved
  }
}
