/** Goal, agent and rule, checked before anything starts, so that a mistake is an error and not a fleet that plays safe. */
import { ConfigError, messageOf } from '../errors.ts'
import type { Choice } from '../fleet/choice.ts'
import { accuraciesOf, averageAccuracyPercent, meetsGoal } from '../fleet/goal.ts'
import { stateSize } from '../fleet/state.ts'
import { createAgent } from '../learning/agents/create.ts'
import { allAvailable, unreachableGoal } from '../learning/environment/availability.ts'
import type { Problem } from '../learning/environment/environment.ts'
import { budgetProblem } from './exploring.ts'
import { fixedRule, unobservedState } from './fixed-rule.ts'
import { checkProfile } from './measured-profile.ts'
import type { OrchestratorOptions } from './orchestrator-options.ts'
import type { GoalInForce } from './promises.ts'

/** What an orchestrator is to do: the part of its options that can be wrong together. */
export type Orchestration = Pick<
  OrchestratorOptions,
  | 'choices'
  | 'goalPercent'
  | 'agent'
  | 'expectedDevices'
  | 'seed'
  | 'profile'
  | 'shadow'
  | 'hyperparameters'
  | 'revert'
>

/** @throws ConfigError for an agent or rule that does not exist or cannot work on this fleet, or a goal that cannot be kept */
export function checkOrchestration(orchestration: Orchestration): void {
  const { choices, goalPercent, agent, profile, shadow, revert } = orchestration
  const unreachable = goalProblem(choices, goalPercent)
  if (unreachable) throw new ConfigError(unreachable)
  if (profile) checkProfile(problemOf(orchestration), profile)
  for (const spec of shadow === undefined ? [agent] : [agent, shadow]) {
    checkAgent({ ...orchestration, agent: spec })
  }
  if (revert) checkRule(revert.to, orchestration)
}

function problemOf({ choices, expectedDevices: devices }: Orchestration): Problem {
  return { devices, choices, stateSize: stateSize(devices, 1) }
}

/** @throws ConfigError for one that does not exist or cannot work on this fleet */
function checkAgent(orchestration: Orchestration): void {
  const { agent, seed, profile, hyperparameters } = orchestration
  const overrides = hyperparameters?.[agent]
  createAgent(agent, problemOf(orchestration), {
    seed,
    ...(profile && { profile }),
    ...(overrides && { overrides }),
  })
}

/** Why an agent cannot act on a fleet; undefined where it can. */
export function agentProblem(orchestration: Orchestration): string | undefined {
  try {
    checkAgent(orchestration)
    return undefined
  } catch (error) {
    return messageOf(error)
  }
}

/** Why no fleet with these choices can keep this goal; undefined when one can. */
export function goalProblem(choices: readonly Choice[], goalPercent: number): string | undefined {
  const available = allAvailable({ devices: 1, choices })
  return unreachableGoal({ choices }, { goalPercent, available })
}

/** What a wish asks for, of a fleet of so many devices. */
type Asked = GoalInForce & { readonly devices: number }

/** Why a goal, an agent or its budget cannot be; undefined where it can, or is in force already. @param environment the fleet as it is now */
export function changeProblem(
  asked: Asked,
  inForce: GoalInForce,
  { choices, agentProblem }: Pick<OrchestratorOptions, 'choices' | 'agentProblem'>,
  environment: { unreachable(goalPercent: number): string | undefined } | undefined,
): string | undefined {
  const { goalPercent, agent, devices } = asked
  const isOtherGoal = goalPercent !== inForce.goalPercent
  const problem = isOtherGoal
    ? (environment?.unreachable(goalPercent) ?? goalProblem(choices, goalPercent))
    : undefined
  return (
    problem ??
    (agent === inForce.agent ? undefined : agentProblem?.(agent, devices)) ??
    budgetProblem(asked)
  )
}

/** A rule that breaks the goal would never be followed. */
function checkRule(name: string, { choices, goalPercent, expectedDevices }: Orchestration): void {
  const problem = { devices: expectedDevices, choices, stateSize: 0 }
  const decision = fixedRule(name, choices).decide(problem, unobservedState(problem))
  const accuracies = accuraciesOf(decision, choices)
  if (meetsGoal(accuracies, goalPercent)) return
  throw new ConfigError(
    `the rule to revert to, ${name}, has an average accuracy of ${averageAccuracyPercent(accuracies)} %, below the goal of ${goalPercent} %: give safe, or another fixed:<placement>`,
  )
}
