/** What goes with an agent's decision: how far it has learned, and what it believes. */
import type { DecisionExplanation } from '../control/messages.ts'
import type { Agent } from '../learning/agents/agent.ts'
import type { Decision, State } from '../learning/environment/environment.ts'
import type { AgentNote } from './agent-messages.ts'
import type { Shadow } from './shadow.ts'

/** @param decision that the agent has just made in the state */
export function noteOf(
  agent: Agent,
  shadow: Shadow | undefined,
  state: State,
  decision: Decision,
): AgentNote {
  const explanation = explained(agent, state, decision)
  const score = shadow?.score
  return {
    progress: { ...agent.progress },
    ...(explanation && { explanation }),
    ...(score && { shadow: score }),
  }
}

function explained(
  agent: Agent,
  state: State,
  decision: Decision,
): DecisionExplanation | undefined {
  // Before the first answer nothing is known that a bound could be of.
  const known = agent.progress.realSteps > 0 ? agent.explain?.(state) : undefined
  if (known === undefined) return undefined
  const { responseTimeMs, lowerBoundMs, gap } = known
  if (![responseTimeMs, lowerBoundMs, gap].every(Number.isFinite)) return undefined
  const inForce = known.decision.every((choice, device) => choice === decision[device])
  // The last digits of two sums differ.
  const bound = {
    lowerBoundMs: Math.min(lowerBoundMs, responseTimeMs),
    gapPercent: Math.max(0, gap * 100),
  }
  return { responseTimeMs, ...bound, inForce }
}
