/**
 * Never learns: plays one joint decision, whatever happens, or a list of them in turn, again and again. The baseline of
 * every comparison, and how a fleet is measured.
 */
import { ConfigError, InvalidInputError } from '../../../errors.ts'
import { canonicalChoice, formatChoice } from '../../../fleet/choice.ts'
import { mostAccurateOpen, noChoice } from '../../environment/availability.ts'
import type { Decision, Problem, State, Transition } from '../../environment/environment.ts'
import type { Agent, LearningProgress } from '../agent.ts'

export class FixedAgent implements Agent {
  readonly name: string
  private readonly problem: Problem
  private readonly decisions: readonly Decision[]
  private realSteps = 0

  /**
   * @param spec joint decisions separated by `;`, each one choice for all devices (`edge/d0`, `end/d3>edge/d0@0.51`) or
   *   one for each device separated by commas (`end/d4,edge/d0,…`)
   * @throws ConfigError when the text is neither, or names what is not among the choices
   */
  constructor(problem: Problem, spec: string) {
    this.name = `fixed:${spec}`
    this.problem = problem
    this.decisions = spec.split(';').map((text) => parseDecision(problem, text))
  }

  get progress(): LearningProgress {
    return { realSteps: this.realSteps, plannedSteps: 0, updates: 0 }
  }

  decide(state: State): Decision {
    return this.greedy(state)
  }

  observe(_transition: Transition): void {
    this.realSteps += 1
  }

  /**
   * The decision whose turn it is; a device whose placement is unavailable now takes the most accurate choice that it may take.
   * @throws InvalidInputError for a device that may take none
   */
  greedy({ available }: State): Decision {
    const { problem } = this
    const decision = this.decisions[this.realSteps % this.decisions.length] ?? []
    return decision.map((choice, device) => {
      if (available[device][choice]) return choice
      const other = mostAccurateOpen(problem.choices, available[device])
      if (other < 0) throw new InvalidInputError(noChoice(problem, device))
      return other
    })
  }

  save(): unknown {
    return { agent: this.name, realSteps: this.realSteps }
  }

  restore(saved: unknown): void {
    const { agent, realSteps } = (saved ?? {}) as { agent?: unknown; realSteps?: unknown }
    if (agent !== this.name || typeof realSteps !== 'number') {
      throw new InvalidInputError(
        `cannot restore agent "${this.name}" from what agent "${String(agent)}" saved: start that agent, or start without the checkpoint`,
      )
    }
    this.realSteps = realSteps
  }
}

function parseDecision(problem: Problem, text: string): Decision {
  const indices = text.split(',').map((placement) => choiceIndex(problem, placement))
  const [only] = indices
  if (indices.length === 1 && only !== undefined) return Array<number>(problem.devices).fill(only)
  if (indices.length === problem.devices) return indices
  throw new ConfigError(
    `"${text}" lists ${indices.length} placements for ${problem.devices} devices: give one for all of them, or one for each`,
  )
}

function choiceIndex({ choices }: Problem, text: string): number {
  const wanted = canonicalChoice(text.trim())
  const names = choices.map(formatChoice)
  const index = names.indexOf(wanted)
  if (index >= 0) return index
  throw new ConfigError(`"${wanted}" is not a choice of this fleet: use one of ${names.join(', ')}`)
}
