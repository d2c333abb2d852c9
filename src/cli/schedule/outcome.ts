/** What a policy, told by its name or file, makes of requests on a simulated node. */
import type { SchedulingPolicy } from '../../scheduling/scheduling-policy.ts'
import { ServiceTimes } from '../../scheduling/service-times.ts'
import {
  endOf,
  outcomeFrom,
  POINTS,
  type PolicyOutcome,
} from '../../simulation/node/policy-outcome.ts'
import type { SimulatedRequest } from '../../simulation/node/serving-node.ts'
import {
  type SimulatedNode,
  type SimulateNodeOptions,
  simulateNode,
} from '../../simulation/node/simulate-node.ts'
import { Timeline } from '../../simulation/node/timeline.ts'
import { policyNamed } from './policies.ts'

/** Of several policies, when none has an outcome yet. */
export const BROKEN_OFF = 'broken off before the first policy was through'

/** @returns undefined when aborted */
export async function outcomeOf(
  policyName: string,
  node: SimulatedNode,
  requests: readonly SimulatedRequest[],
  options: SimulateNodeOptions,
): Promise<PolicyOutcome | undefined> {
  const { ladder, workers, deadlineMs } = node
  const times = new ServiceTimes(ladder)
  const policy = await policyNamed(policyName, { times, workers, deadlineMs })
  return outcomeUnder(policy, policyName, node, requests, options)
}

/** @param label its name in tables. @returns undefined when aborted */
export async function outcomeUnder(
  policy: SchedulingPolicy,
  label: string,
  node: SimulatedNode,
  requests: readonly SimulatedRequest[],
  options: SimulateNodeOptions,
): Promise<PolicyOutcome | undefined> {
  const { ladder } = node
  const timeline = new Timeline(ladder, endOf(requests) / POINTS)
  const onSettled = timeline.settled.bind(timeline)
  const tally = await simulateNode(policy, node, requests, { ...options, onSettled })
  return tally && outcomeFrom(label, ladder, tally, timeline)
}
