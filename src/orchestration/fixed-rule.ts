/** Decisions that need no agent: what a fleet does before one acts, and what it reverts to. */
import { ConfigError } from '../errors.ts'
import { type Choice, safeChoice } from '../fleet/choice.ts'
import { accuraciesOf, meetsGoal } from '../fleet/goal.ts'
import { FixedAgent } from '../learning/agents/baselines/fixed.ts'
import type { Decision, Problem, State } from '../learning/environment/environment.ts'

/** Decides without having learned anything. */
export interface FixedRule {
  /** `safe`, or `fixed:<placement>`. */
  readonly name: string
  decide(problem: Problem, state: State): Decision
}

/** Every device by itself with its most accurate variant: feasible whatever becomes of the rest. */
export const safeRule: FixedRule = {
  name: 'safe',
  decide: ({ devices, choices }) => Array<number>(devices).fill(safeChoice(choices)),
}

/**
 * The rule by its name; it plays safe where the fleet's goal, its size or a tier that is down forbids what it says.
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
  decide({ devices, choices, stateSize: 0 }, unobservedState(choices))
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

/** Every choice available, no goal, and nothing known of the nodes: for what does not depend on them. */
export function unobservedState(choices: readonly Choice[]): State {
  const available = choices.map(() => true)
  return { features: new Float32Array(), goalPercent: 0, available }
}
