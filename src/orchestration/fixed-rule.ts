/** Decisions that need no agent: what a fleet does before one acts, and what it reverts to. */
import { ConfigError } from '../errors.ts'
import { type Choice, isAlone } from '../fleet/choice.ts'
import { accuraciesOf, meetsGoal } from '../fleet/goal.ts'
import { FixedAgent } from '../learning/agents/baselines/fixed.ts'
import { allAvailable, mostAccurateOpen } from '../learning/environment/availability.ts'
import type { Decision, Problem, State } from '../learning/environment/environment.ts'

/** Decides without having learned anything. */
export interface FixedRule {
  /** `safe`, or `fixed:<placement>`. */
  readonly name: string
  decide(problem: Problem, state: State): Decision
}

/**
 * Every device by itself with its most accurate variant: whatever becomes of the rest. One that holds none takes the most
 * accurate choice that it has; where that does not keep the goal, all do.
 */
export const safeRule: FixedRule = {
  name: 'safe',
  decide: ({ choices }, { available, goalPercent }) => {
    const decision = available.map((open) => safestOpen(choices, open))
    if (meetsGoal(accuraciesOf(decision, choices), goalPercent)) return decision
    return available.map((open) => mostAccurateOpen(choices, open))
  },
}

/** The most accurate choice of a device by itself; where none is open, the most accurate of all that are. */
export function safestOpen(choices: readonly Choice[], open: readonly boolean[]): number {
  const alone = choices.map((choice, index) => isAlone(choice) && open[index] === true)
  const safest = mostAccurateOpen(choices, alone)
  return safest < 0 ? mostAccurateOpen(choices, open) : safest
}

/**
 * The rule by its name; it plays safe where the fleet's goal, its size or what devices may take forbids what it says.
 * @throws TierwiseError for another name, or a placement that is not among the choices
 */
export function fixedRule(name: string, choices: readonly Choice[]): FixedRule {
  if (name === safeRule.name) return safeRule
  const spec = name.startsWith('fixed:') ? name.slice('fixed:'.length) : ''
  if (spec === '' || spec.includes(';')) {
    throw new ConfigError(
      `"${name}" is no fixed rule: give safe, fixed:<placement>, or fixed:<placement>,<placement>,… with one for each device`,
    )
  }
  const decide = (problem: Problem, state: State) => new FixedAgent(problem, spec).greedy(state)
  const devices = spec.split(',').length
  const problem = { devices, choices, stateSize: 0 }
  decide(problem, unobservedState(problem))
  return {
    name,
    decide: (problem, state) => {
      if (devices !== 1 && devices !== problem.devices) return safeRule.decide(problem, state)
      const decision = decide(problem, state)
      const accuracies = accuraciesOf(decision, problem.choices)
      return meetsGoal(accuracies, state.goalPercent) ? decision : safeRule.decide(problem, state)
    },
  }
}

/** Every choice available to all, no goal, and nothing known of the nodes: for what does not depend on them. */
export function unobservedState(problem: Pick<Problem, 'devices' | 'choices'>): State {
  return { features: new Float32Array(), goalPercent: 0, available: allAvailable(problem) }
}
