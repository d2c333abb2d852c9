/** Settings of a fleet in the form that its orchestrator takes. */
import type { z } from 'zod'
import { ConfigError } from '../errors.ts'
import { type Choice, choicesOf, mostAccurate } from '../fleet/choice.ts'
import type { Overrides } from '../learning/agents/overrides.ts'
import { loadOwnAgents } from '../learning/agents/own-agent-files.ts'
import { fewChoices } from '../learning/environment/few-choices.ts'
import { checkOrchestration, type Orchestration } from '../orchestration/check-orchestration.ts'
import { budgetProblem } from '../orchestration/exploring.ts'
import { readProfile } from '../orchestration/measured-profile.ts'
import { type Catalogue, heldPart } from '../serving/models/catalogue.ts'
import type { orchestrationSettings } from './settings/fleet.ts'

/** The goal where none is set: one point below the most accurate choice, in tenths. @throws ConfigError where there is no choice */
export function usualGoalPercent(rated: readonly { readonly accuracyPercent: number }[]): number {
  return Math.max(0, Math.floor((mostAccurate(rated).accuracyPercent - 1) * 10) / 10)
}

/**
 * What devices may do: any variant by themselves; at edge and cloud those named, where nodes there hold them.
 * @param remoteVariants absent: the most accurate alone, as in the HL paper
 * @throws ConfigError for a variant that the catalogue lacks
 */
export function fleetChoices(catalogue: Catalogue, remoteVariants?: readonly string[]): Choice[] {
  const { variants, cascades } = catalogue
  if (remoteVariants === undefined) return choicesOf(variants, cascades)
  return choicesOf(variants, cascades, heldPart(catalogue, remoteVariants).variants)
}

/** Agents that take any number of choices; the others look at every joint decision. */
const OF_MANY_CHOICES = /^(factored|fixed:.*|oracle)$/

/** The choices that all of these agents can take: fewer escalations where one of them looks at every joint decision. */
export function choicesFor(
  agents: readonly (string | undefined)[],
  choices: readonly Choice[],
  devices: number,
): Choice[] {
  const takesMany = agents.every((agent) => agent === undefined || OF_MANY_CHOICES.test(agent))
  return takesMany ? [...choices] : fewChoices(choices, devices)
}

/**
 * Reads what the settings name, and checks it all together, before anything starts.
 * @throws ConfigError for what cannot be used or cannot work on this fleet
 */
export async function orchestrationOf(
  settings: z.infer<typeof orchestrationSettings> & { readonly devices: number },
  choices: readonly Choice[],
): Promise<Orchestration> {
  const {
    goal = usualGoalPercent(choices),
    agent,
    devices,
    seed,
    profile,
    shadow,
    revert,
  } = settings
  const factored = factoredOverrides(settings)
  const orchestration = {
    choices,
    goalPercent: goal,
    agent,
    expectedDevices: devices,
    seed,
    revert,
    ...(shadow !== undefined && { shadow }),
    ...(profile !== undefined && { profile: await readProfile(profile) }),
    ...(factored && { hyperparameters: { factored } }),
  }
  await loadOwnAgents([agent, shadow])
  checkOrchestration(orchestration)
  return orchestration
}

/** What the settings say of agent `factored`. @throws ConfigError where another agent is to act, which has nothing of the kind */
function factoredOverrides({
  agent,
  exploration: { budgetPercent },
  labels: { confidence, measuredOn },
}: z.infer<typeof orchestrationSettings>): Overrides | undefined {
  if (budgetPercent === undefined && confidence === undefined) return undefined
  const exploring = budgetPercent !== undefined && { explorationBudgetPercent: budgetPercent }
  const problem = budgetProblem({ agent, ...exploring })
  if (problem !== undefined) throw new ConfigError(problem)
  if (agent !== 'factored') {
    throw new ConfigError(
      `agent "${agent}" does not measure accuracies (labels.confidence ${confidence}): leave it, or use agent factored`,
    )
  }
  return {
    ...(budgetPercent !== undefined && { explorationBudget: budgetPercent / 100 }),
    ...(confidence !== undefined && {
      'accuracies.confidence': confidence,
      'accuracies.measuredOn': measuredOn,
    }),
  }
}
