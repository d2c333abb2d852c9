/** Settings of a fleet in the form that its orchestrator takes. */
import type { z } from 'zod'
import { ConfigError } from '../errors.ts'
import { type Choice, mostAccurate } from '../fleet/choice.ts'
import { checkOrchestration, type Orchestration } from '../orchestration/check-orchestration.ts'
import { readProfile } from '../orchestration/measured-profile.ts'
import type { orchestrationSettings } from './settings/fleet.ts'

/** The goal where none is set: one point below the most accurate choice, in tenths. @throws ConfigError where there is no choice */
export function usualGoalPercent(rated: readonly { readonly accuracyPercent: number }[]): number {
  return Math.max(0, Math.floor((mostAccurate(rated).accuracyPercent - 1) * 10) / 10)
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
    exploration,
    revert,
  } = settings
  const { budgetPercent } = exploration
  if (budgetPercent !== undefined && agent !== 'factored') {
    throw new ConfigError(
      `agent "${agent}" has no exploration budget (${budgetPercent} %): leave it, or use agent factored`,
    )
  }
  const orchestration = {
    choices,
    goalPercent: goal,
    agent,
    expectedDevices: devices,
    seed,
    revert,
    ...(shadow !== undefined && { shadow }),
    ...(profile !== undefined && { profile: await readProfile(profile) }),
    ...(budgetPercent !== undefined && {
      hyperparameters: { factored: { explorationBudget: budgetPercent / 100 } },
    }),
  }
  checkOrchestration(orchestration)
  return orchestration
}
