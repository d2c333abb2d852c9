/**
 * A workload whose best policy is known: requests come in pairs, 0.5 ms apart, on a node of variants of 1, 2 and 4 ms with 50, 80
 * and 100 % and a deadline of 4.3 ms. Uniform-fit serves the first by the largest, and then the second is too late: little
 * more than 50 % on average. The middle one for both keeps both: 80 %. Nothing does better: whatever takes 4 ms costs the other request.
 */
import { Random } from '../../random.ts'
import { requestsOf, ServingNode } from '../../simulation/node/serving-node.ts'
import type { TrainingWorkload } from '../../simulation/workload/training-mix.ts'
import { exampleLadder } from '../example-node.fixture.ts'
import type { SchedulingPolicy } from '../scheduling-policy.ts'
import type { LearnedNetwork } from './network/learned-network.ts'
import type { Training, TrainingNode } from './training-node.ts'

export const PAIRS_NODE: TrainingNode = { ladder: exampleLadder(), workers: 1, deadlineMs: 4.3 }

/** At irregular times, far apart. */
export function pairs(requests: number, random: Random): TrainingWorkload {
  let pairMs = 0
  const arrivalsMs = Float64Array.from({ length: requests }, (_, index) => {
    if (index % 2 === 0) pairMs += 30 + 30 * random.uniform()
    return index % 2 === 0 ? pairMs : pairMs + 0.5
  })
  return {
    arrivalsMs,
    rates: [{ durationMs: pairMs, ratePerS: (1000 * requests) / pairMs }],
    family: 'pairs',
  }
}

/** Effective accuracy, in percent, on pairs never seen before. */
export function accuracyOnPairs(policy: SchedulingPolicy, rateKnowledge?: 'none'): number {
  const { arrivalsMs } = pairs(400, new Random(99))
  const requests = requestsOf(arrivalsMs, PAIRS_NODE.deadlineMs)
  const random = new Random(98)
  const known = rateKnowledge ? { rateKnowledge } : {}
  const node = new ServingNode({ ...PAIRS_NODE, ...known, requests, random, recalibrate: false })
  return node.run(policy).effectiveAccuracyPercent
}

/** Trains to the end, without a break. */
export function finish(training: Training): LearnedNetwork {
  let step = training.next()
  while (!step.done) step = training.next()
  return step.value
}
