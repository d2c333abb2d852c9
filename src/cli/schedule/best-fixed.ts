/** What one variant for all requests would have made of them, had it been chosen in hindsight. */
import { fixed } from '../../scheduling/policies/rules.ts'
import type { PolicyOutcome } from '../../simulation/node/policy-outcome.ts'
import type { SimulatedRequest } from '../../simulation/node/serving-node.ts'
import type { SimulatedNode, SimulateNodeOptions } from '../../simulation/node/simulate-node.ts'
import { outcomeUnder } from './outcome.ts'

/** @returns that of the variant with the highest effective accuracy; undefined when aborted */
export async function bestFixed(
  node: SimulatedNode,
  requests: readonly SimulatedRequest[],
  options: SimulateNodeOptions,
): Promise<PolicyOutcome | undefined> {
  let best: PolicyOutcome | undefined
  for (const [variant, { name }] of node.ladder.variants.entries()) {
    const label = `best fixed: ${name}`
    const outcome = await outcomeUnder(fixed(variant), label, node, requests, options)
    if (outcome === undefined) return undefined
    const isBetter =
      best === undefined || outcome.effectiveAccuracyPercent > best.effectiveAccuracyPercent
    if (isBetter) best = outcome
  }
  return best
}
