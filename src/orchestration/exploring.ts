/** How much exploring may cost: what is configured, which agents heed it, and what they are told. */
import type { ExplorationBudget } from '../control/messages.ts'
import type { OrchestratorOptions } from './orchestrator-options.ts'

/** The agent that keeps an exploration budget. */
const BUDGETED = 'factored'

/** Whether an agent keeps an exploration budget. */
export function hasBudget(agent: string): boolean {
  return agent === BUDGETED
}

/** Why an agent cannot be given a budget; undefined where it can. */
export function budgetProblem(agent: string, budget: ExplorationBudget): string | undefined {
  if (hasBudget(agent)) return undefined
  const told = budget === 'unbounded' ? budget : `${budget} %`
  return `agent "${agent}" has no exploration budget (${told}): leave it, or use agent ${BUDGETED}`
}

/** By the agent's hyperparameters; undefined where they leave it as it is. */
export function configuredBudget({
  hyperparameters,
}: Pick<OrchestratorOptions, 'hyperparameters'>): ExplorationBudget | undefined {
  const share = hyperparameters?.[BUDGETED]?.['explorationBudget']
  // 0.07 × 100 is not 7.
  return share === undefined ? undefined : Number((100 * share).toPrecision(12))
}

/** As a share of the response time. */
export function shareOf(budget: ExplorationBudget): number {
  return budget === 'unbounded' ? Number.POSITIVE_INFINITY : budget / 100
}
