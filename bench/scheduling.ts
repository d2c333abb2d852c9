/**
 * How long one scheduling decision takes, features included: every policy on the same recorded observations of an overloaded
 * node, in their order. Processor time is not told so finely, so each decision is timed in several rounds and its median
 * counts: a thread that loses its core within a decision does so by chance, a decision that is hard is hard every time.
 */
import { median, quantile } from 'simple-statistics'
import { ladderOf } from '../paper/request-scheduling/node.ts'
import { Random } from '../src/random.ts'
import type { Ladder } from '../src/scheduling/ladder.ts'
import {
  createLearnedNetwork,
  networkShape,
} from '../src/scheduling/learned/network/learned-network.ts'
import { initialParameters } from '../src/scheduling/learned/network/shape.ts'
import { type Observation, RATE_WINDOWS } from '../src/scheduling/observation.ts'
import { createPolicy, POLICY_NAMES } from '../src/scheduling/policies/create.ts'
import { networkPolicy } from '../src/scheduling/policies/network.ts'
import { uniformFitDrop } from '../src/scheduling/policies/uniform-fit.ts'
import type { SchedulingPolicy } from '../src/scheduling/scheduling-policy.ts'
import { ServiceTimes } from '../src/scheduling/service-times.ts'
import { requestsOf, ServingNode } from '../src/simulation/node/serving-node.ts'
import { workloadArrivals } from '../src/simulation/workload/workload.ts'

const DEADLINE_MS = 20
const QUEUE_LIMIT = 50
const OBSERVATIONS = 20_000
const ROUNDS = 5
/** What a rule and a network may take at p99, µs. */
const BOUNDS_US = { rule: 2, network: 20 }

const NODES = [
  { name: '1 worker', workers: 1, profile: 'cpu', ratePerS: 1200 },
  { name: '4 workers', workers: 4, profile: 'cpu', ratePerS: 4800 },
  { name: '1 worker, batches', workers: 1, profile: 'batching', ratePerS: 4000 },
] as const

const NETWORKS = [
  { name: 'network', frames: 1, recurrent: 0 },
  { name: 'network, 4 frames', frames: 4, recurrent: 0 },
  { name: 'network, 16 recurrent', frames: 1, recurrent: 16 },
]

/** Every policy and some networks on nodes of one and of four workers, and with batches. */
export function measureScheduling() {
  return NODES.flatMap((node) => {
    const ladder = ladderOf({ ladder: 'mobilenet', profile: node.profile })
    const observations = record(ladder, node)
    const lengths = observations.map(({ queued }) => queued)
    /** Requests waiting, over the observations. */
    const queued = { median: quantile(lengths, 0.5), most: Math.max(...lengths) }
    return policiesFor(ladder, node.workers).map(([policy, kind]) => {
      const timesUs = decisionTimesUs(policy.decider, observations)
      const at = (share: number) => quantile(timesUs, share)
      return {
        node: node.name,
        policy: policy.name,
        p50Us: at(0.5),
        p99Us: at(0.99),
        p999Us: at(0.999),
        boundUs: BOUNDS_US[kind],
        queued,
      }
    })
  })
}

/** A line for each node and policy. */
export function describeScheduling(results: ReturnType<typeof measureScheduling>): string[] {
  return [
    'One scheduling decision, features included (elapsed, µs):',
    ...results.map(({ node, policy, p50Us, p99Us, p999Us, boundUs, queued }) => {
      const times = [p50Us, p99Us, p999Us].map((us) => us.toFixed(2).padStart(7)).join(' ')
      const verdict = p99Us <= boundUs ? '' : `  over ${boundUs} µs`
      return `  ${node.padEnd(18)} ${policy.padEnd(22)} p50 p99 p99.9 ${times}${verdict}  (queue ${queued.median}, at most ${queued.most})`
    }),
  ]
}

/** What a rule sees under bursts of more than the node can carry. */
function record(ladder: Ladder, { workers, ratePerS }: (typeof NODES)[number]): Observation[] {
  const random = new Random(101)
  const workload = { kind: 'mmpp', factor: 6, quietMs: 600, burstMs: 200 } as const
  const arrivalsMs = workloadArrivals(
    { ...workload, ratePerS, durationMs: 120_000 },
    random.fork('arrivals'),
  )
  const requests = requestsOf(arrivalsMs, DEADLINE_MS)
  const node = new ServingNode({ ladder, workers, queueLimit: QUEUE_LIMIT, requests, random })
  const policy = uniformFitDrop()
  const observations: Observation[] = []
  for (let seen = node.next(); seen && observations.length < OBSERVATIONS; seen = node.next()) {
    observations.push(copyOf(seen))
    node.act(policy.decide(seen))
  }
  // All share the forecast as it is at the end: as long after its last arrival as they were after theirs.
  const last = observations.at(-1)
  const lastArrivalMs = last ? last.nowMs - last.sinceArrivalMs : 0
  return observations.map((seen) => ({ ...seen, nowMs: lastArrivalMs + seen.sinceArrivalMs }))
}

function copyOf(seen: Observation): Observation {
  const { slackMs, lowestVariant, workerResidualMs, arrivalRatesPerS } = seen
  return {
    ...seen,
    slackMs: slackMs.slice(),
    lowestVariant: lowestVariant.slice(),
    workerResidualMs: workerResidualMs.slice(),
    arrivalRatesPerS: arrivalRatesPerS.slice(),
  }
}

type Named = { readonly name: string; readonly decider: SchedulingPolicy }

function policiesFor(
  ladder: Ladder,
  workers: number,
): (readonly [Named, keyof typeof BOUNDS_US])[] {
  const node = { times: new ServiceTimes(ladder), workers, deadlineMs: DEADLINE_MS }
  const rules = POLICY_NAMES.filter(
    (name) => name !== 'adaptive-smdp' || ladder.batchSizes.length === 1,
  ).map((name) => [{ name, decider: createPolicy(name, node) }, 'rule'] as const)
  const networks = NETWORKS.map(({ name, ...frames }) => {
    const { variants, batches } = node.times
    const shape = { variants, batches, workers, windows: RATE_WINDOWS.length }
    const design = { node: shape, deadlineMs: DEADLINE_MS, hidden: 64, ...frames }
    const parameters = Array.from(initialParameters(networkShape(design), new Random(1), 1))
    const network = createLearnedNetwork({
      ...design,
      trainedBy: 'chance',
      priorLogit: 3,
      parameters,
    })
    return [{ name, decider: networkPolicy(network, node) }, 'network'] as const
  })
  return [...rules, ...networks]
}

/** Median over the rounds, after one uncounted round. Shape [observations]. */
function decisionTimesUs(policy: SchedulingPolicy, observations: readonly Observation[]): number[] {
  const rounds = Array.from({ length: 1 + ROUNDS }, () =>
    observations.map((observation) => {
      const begin = performance.now()
      policy.decide(observation)
      return 1000 * (performance.now() - begin)
    }),
  ).slice(1)
  return observations.map((_, index) => median(rounds.map((timesUs) => timesUs[index])))
}
