/** Goal and agent, checked before anything starts, so that a mistake is an error and not a fleet that plays safe. */
import { readFile } from 'node:fs/promises'
import { ConfigError, messageOf } from '../errors.ts'
import { type Choice, safeChoice } from '../fleet/choice.ts'
import { accuraciesOf, averageAccuracyPercent, meetsGoal } from '../fleet/goal.ts'
import { stateSize } from '../fleet/state.ts'
import { type Profile, parseProfile } from '../learning/agents/baselines/oracle.ts'
import { createAgent } from '../learning/agents/create.ts'
import type { State } from '../learning/environment/environment.ts'
import { fixedRule } from '../orchestration/fixed-rule.ts'
import { checkProfile } from '../orchestration/measured-profile.ts'
import type { AgentSettings } from './agent-settings.ts'

export interface Orchestration {
  readonly goal: number
  readonly agent: string
  readonly devices: number
  readonly profile?: Profile | undefined
  readonly shadow?: string | undefined
  readonly exploration?: AgentSettings['exploration']
  readonly revert?: Pick<AgentSettings['revert'], 'to'>
}

/** @throws ConfigError for an agent or rule that does not exist or cannot work on this fleet, or a goal that cannot be kept */
export function checkOrchestration(
  { goal, agent, devices, profile, shadow, exploration, revert }: Orchestration,
  choices: readonly Choice[],
): void {
  const best = choices[safeChoice(choices)]?.accuracyPercent ?? 0
  if (!meetsGoal([best], goal)) {
    throw new ConfigError(
      `a goal of ${goal} % cannot be kept: the most accurate variant on a device has ${best} %, so give ${best} or less`,
    )
  }
  const problem = { devices, choices, stateSize: stateSize(devices, 1) }
  const budget = exploration?.budgetPercent
  if (budget !== undefined && agent !== 'factored') {
    throw new ConfigError(
      `agent "${agent}" has no exploration budget (${budget} %): leave it, or use agent factored`,
    )
  }
  if (profile) checkProfile(problem, profile)
  for (const spec of shadow === undefined ? [agent] : [agent, shadow]) {
    createAgent(spec, problem, { seed: 0, ...(profile && { profile }) })
  }
  if (revert) checkRule(revert.to, goal, devices, choices)
}

/** A rule that breaks the goal would never be followed. */
function checkRule(name: string, goal: number, devices: number, choices: readonly Choice[]): void {
  const problem = { devices, choices, stateSize: 0 }
  const available = choices.map(() => true)
  const state: State = { features: new Float32Array(), goalPercent: 0, available }
  const decision = fixedRule(name, choices).decide(problem, state)
  const accuracies = accuraciesOf(decision, choices)
  if (meetsGoal(accuracies, goal)) return
  throw new ConfigError(
    `the rule to revert to, ${name}, has an average accuracy of ${averageAccuracyPercent(accuracies)} %, below the goal of ${goal} %: give safe, or another fixed:<placement>`,
  )
}

/** @throws ConfigError naming the file */
export async function readProfile(file: string): Promise<Profile> {
  try {
    return parseProfile(JSON.parse(await readFile(file, 'utf8')))
  } catch (error) {
    throw new ConfigError(`the profile ${file} cannot be used: ${messageOf(error)}`, {
      cause: error,
    })
  }
}
