/** One policy on one node and one trace, in simulated time, in slices so that others have their turn. */
import { Random } from '../../random.ts'
import type { SchedulingPolicy } from '../../scheduling/scheduling-policy.ts'
import type { Tally } from '../../scheduling/tally.ts'
import {
  ServingNode,
  type ServingNodeOptions,
  type Settled,
  type SimulatedRequest,
} from './serving-node.ts'

/** About a tenth of a second of work. */
const SLICE_DECISIONS = 50_000

/** What is simulated of a node; the policy knows its ladder as profiled. */
export interface SimulatedNode
  extends Omit<ServingNodeOptions, 'requests' | 'random' | 'onSettled'> {
  /** Of most requests, relative to their arrival. */
  readonly deadlineMs: number
}

/** What does not belong to the node. */
export interface SimulateNodeOptions {
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
  { seed, signal, onSettled = () => undefined }: SimulateNodeOptions,
): Promise<Tally | undefined> {
  const random = serviceTimesOf(seed)
  const simulated = new ServingNode({ ...node, requests, random, onSettled })
  for (let decisions = 1; ; decisions++) {
    const observation = simulated.next()
    if (observation === undefined) return simulated.tally
    simulated.act(policy.decide(observation))
    if (decisions % SLICE_DECISIONS > 0) continue
    await new Promise<void>((resume) => setTimeout(resume, 0))
    if (signal.aborted) return undefined
  }
}

/** Draws the service times of a simulation. */
export function serviceTimesOf(seed: number): Random {
  return new Random(seed).fork('service times')
}
