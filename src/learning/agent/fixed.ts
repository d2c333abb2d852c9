/** The baseline that never learns: the same placement for each device, whatever happens. */
import { ConfigError, InvalidInputError } from '../../errors.ts'
import { formatPlacement, parsePlacement } from '../../placement.ts'
import type { Decision, Problem, State, Transition } from '../environment/environment.ts'
import type { Agent, LearningProgress } from './agent.ts'

export class FixedAgent implements Agent {
  readonly name: string
  private readonly problem: Problem
  /** [devices] */
  private readonly decision: Decision
  private realSteps = 0

  /**
   * @param placements one for all devices (`edge/d0`), or one per device separated by commas (`end/d4,edge/d0,…`)
   * @throws ConfigError when the text is neither, or names a placement that is not among the choices
   */
  constructor(problem: Problem, placements: string) {
    this.name = `fixed:${placements}`
    this.problem = problem
    const indices = placements.split(',').map((text) => choiceIndex(problem, text))
    if (indices.length !== 1 && indices.length !== problem.devices) {
      throw new ConfigError(
        `"${placements}" lists ${indices.length} placements for ${problem.devices} devices: give one for all of them, or one for each`,
      )
    }
    this.decision = Array.from(
      { length: problem.devices },
      (_, device) => indices[indices.length === 1 ? 0 : device] as number,
    )
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

  /** The fixed placements; a device whose placement is unavailable now takes the most accurate available choice. */
  greedy({ available }: State): Decision {
    return this.decision.map((choice) =>
      available[choice] ? choice : mostAccurate(this.problem, available),
    )
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

function choiceIndex({ choices }: Problem, text: string): number {
  const wanted = formatPlacement(parsePlacement(text.trim()))
  const names = choices.map(({ placement }) => formatPlacement(placement))
  const index = names.indexOf(wanted)
  if (index >= 0) return index
  throw new ConfigError(`"${wanted}" is not a choice of this fleet: use one of ${names.join(', ')}`)
}

/** Among the most accurate available choices the first listed, which is the nearest tier; throws when there is none. */
function mostAccurate({ choices }: Problem, available: readonly boolean[]): number {
  let best: number | undefined
  for (const [index, choice] of choices.entries()) {
    if (!available[index]) continue
    const accuracy = best === undefined ? -1 : (choices[best]?.accuracyPercent ?? -1)
    if (choice.accuracyPercent > accuracy) best = index
  }
  if (best === undefined) {
    throw new InvalidInputError('no choice is available now: start a node that serves one')
  }
  return best
}
