/** One policy on one node and one trace, in simulated time, in slices so that Ctrl-C is heard. */
import { setImmediate } from 'node:timers/promises'
import { Random } from '../../random.ts'
import type { SchedulingPolicy } from '../../scheduling/scheduling-policy.ts'
import { ServiceTimes } from '../../scheduling/service-times.ts'
import type { Tally } from '../../scheduling/tally.ts'
import {
  endOf,
  outcomeFrom,
  POINTS,
  type PolicyOutcome,
  type SimulatedNode,
} from '../../simulation/node/policy-outcome.ts'
import {
  ServingNode,
  type Settled,
  type SimulatedRequest,
} from '../../simulation/node/serving-node.ts'
import { Timeline } from '../../simulation/node/timeline.ts'
import { policyNamed } from './policies.ts'

/** About a tenth of a second of work. */
const SLICE_DECISIONS = 50_000

/** What does not belong to the node. */
export interface SimulationOptions {
  /** Draws the service times. */
  readonly seed: number
  readonly signal: AbortSignal
  readonly onSettled?: (settled: Settled) => void
}

/** @returns undefined when aborted */
export async function simulateNode(
  policy: SchedulingPolicy,
  node: SimulatedNode,
  requests: readonly SimulatedRequest[],
  { seed, signal, onSettled = () => undefined }: SimulationOptions,
): Promise<Tally | undefined> {
  const random = new Random(seed).fork('service times')
  const simulated = new ServingNode({ ...node, requests, random, onSettled })
  for (let decisions = 1; ; decisions++) {
    const observation = simulated.next()
    if (observation === undefined) return simulated.tally
    simulated.act(policy.decide(observation))
    if (decisions % SLICE_DECISIONS > 0) continue
    await setImmediate()
    if (signal.aborted) return undefined
  }
}

/** @returns undefined when aborted */
export async function outcomeOf(
  policyName: string,
  node: SimulatedNode,
  requests: readonly SimulatedRequest[],
  options: SimulationOptions,
): Promise<PolicyOutcome | undefined> {
  const { ladder, workers, deadlineMs } = node
  const times = new ServiceTimes(ladder)
  const policy = await policyNamed(policyName, { times, workers, deadlineMs })
  const timeline = new Timeline(ladder, endOf(requests) / POINTS)
  const onSettled = timeline.settled.bind(timeline)
  const tally = await simulateNode(policy, node, requests, { ...options, onSettled })
  return tally && outcomeFrom(policyName, ladder, tally, timeline)
}
