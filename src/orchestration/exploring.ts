/** How much exploring may cost: what is configured, which agents heed it, and what they are told. */
import type { AgentRun } from './agent-messages.ts'
import type { OrchestratorOptions } from './orchestrator-options.ts'
import type { GoalInForce } from './promises.ts'

/** The agent that keeps an exploration budget. */
const BUDGETED = 'factored'

/** Why an agent cannot be given a budget; undefined where it can, or is given none. */
export function budgetProblem({
  agent,
  explorationBudgetPercent: budget,
}: Pick<GoalInForce, 'agent' | 'explorationBudgetPercent'>): string | undefined {
  if (budget === undefined || agent === BUDGETED) return undefined
  const told = budget === 'unbounded' ? budget : `${budget} %`
  return `agent "${agent}" has no exploration budget (${told}): leave it, or use agent ${BUDGETED}`
}

/** What is in force before any wish: a budget only where the agent's hyperparameters have one. */
export function configuredGoal({
  goalPercent,
  agent,
  hyperparameters,
}: Pick<OrchestratorOptions, 'goalPercent' | 'agent' | 'hyperparameters'>): GoalInForce {
  const share = hyperparameters?.[BUDGETED]?.['explorationBudget']
  if (share === undefined) return { goalPercent, agent }
  // 0.07 × 100 is not 7.
  return { goalPercent, agent, explorationBudgetPercent: Number((100 * share).toPrecision(12)) }
}

/** What the fleet is told: a budget only of an agent that keeps one. */
export function toldGoal({
  explorationBudgetPercent = 'unbounded',
  ...goal
}: GoalInForce): GoalInForce {
  return goal.agent === BUDGETED ? { ...goal, explorationBudgetPercent } : goal
}

/** What the agent is told: the budget as a share of the response time. */
export function budgetOf({
  agent,
  explorationBudgetPercent: budget,
}: GoalInForce): Pick<AgentRun, 'explorationBudget'> {
  if (budget === undefined || agent !== BUDGETED) return {}
  return { explorationBudget: budget === 'unbounded' ? Number.POSITIVE_INFINITY : budget / 100 }
}
