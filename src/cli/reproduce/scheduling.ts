/** The runs of `request-scheduling`: one policy on one node, on every workload in turn. */
import type {
  FinishedSchedulingRun,
  ScenarioOutcome,
  SchedulingNode,
  SchedulingRun,
} from '../../../paper/index.ts'
import { Random } from '../../random.ts'
import { effectiveAccuracyBoundPercent } from '../../scheduling/hindsight.ts'
import { createLadder, type Ladder } from '../../scheduling/ladder.ts'
import { createTraining } from '../../scheduling/learned/create.ts'
import { runTraining } from '../../scheduling/learned/run-training.ts'
import { adaptiveSmdp, type SmdpTable, solveSmdp } from '../../scheduling/policies/adaptive-smdp.ts'
import { createPolicy } from '../../scheduling/policies/create.ts'
import { networkPolicy } from '../../scheduling/policies/network.ts'
import type { SchedulingPolicy } from '../../scheduling/scheduling-policy.ts'
import { ServiceTimes } from '../../scheduling/service-times.ts'
import { requestsOf } from '../../simulation/node/serving-node.ts'
import {
  cutSegments,
  drawArrivals,
  type RateSegment,
  scaleSegments,
} from '../../simulation/workload/rate-segments.ts'
import {
  type NodeScale,
  SCENARIOS,
  type Scenario,
  scenarioRates,
  unitRatePerS,
} from '../../simulation/workload/scenarios.ts'
import { trueRate } from '../../simulation/workload/true-rate.ts'
import { simulateNode } from '../schedule/simulation.ts'

/** MobileNet at four widths, FP32: measured in a browser-class runtime on one core; accuracies are ImageNet top-1. */
const VARIANTS = [
  { name: 'mobilenet-0.25', accuracyPercent: 49.8, loneMs: 0.46 },
  { name: 'mobilenet-0.50', accuracyPercent: 63.3, loneMs: 1.26 },
  { name: 'mobilenet-0.75', accuracyPercent: 68.4, loneMs: 2.83 },
  { name: 'mobilenet-1.00', accuracyPercent: 70.9, loneMs: 4.99 },
]
/** Assumption: a batch of b takes 0.75 + 0.25 b times one request; load 1 is three times that without batches. */
const BATCHING = { perRequest: 0.25, fixed: 0.75, sizes: [1, 2, 4, 8, 16], loadFactor: 3 }

/** As `BOUND`, `MEAN_RATE` and `TRUE_RATE` in paper/request-scheduling/run.ts. */
const BOUND = 'clairvoyant'
const MEAN_RATE = 'smdp-mean-rate'
/** Beyond what the smallest variant carries for ever. */
const OVERLOAD = 4
const UNLIKE_OTHERS: readonly string[] = [BOUND, MEAN_RATE, 'smdp-true-rate']

export interface SchedulingOptions {
  readonly signal: AbortSignal
  /** Called with what is under way: `workload 3 of 28`. */
  readonly onProgress: (part: string) => void
}

/** @returns undefined when aborted */
export async function runScheduling(
  run: SchedulingRun,
  { signal, onProgress }: SchedulingOptions,
): Promise<Pick<FinishedSchedulingRun, 'outcomes' | 'trainingSeconds'> | undefined> {
  const start = process.cpuUsage()
  const learned = run.training && (await learn(run, run.training, { signal, onProgress }))
  if (signal.aborted) return undefined
  const { user, system } = process.cpuUsage(start)
  const trainingSeconds = (user + system) / 1e6
  const scenarios = SCENARIOS.filter((_, index) => index % run.everyScenario === 0)
  const server = new Server(run, learned)
  const outcomes: ScenarioOutcome[] = []
  for (const [index, scenario] of scenarios.entries()) {
    onProgress(`workload ${index + 1} of ${scenarios.length}`)
    const outcome = await server.serve(scenario, signal)
    if (outcome === undefined) return undefined
    outcomes.push(outcome)
  }
  return { outcomes, ...(learned && { trainingSeconds }) }
}

/** @returns undefined when aborted */
async function learn(
  { node, seed }: SchedulingRun,
  training: NonNullable<SchedulingRun['training']>,
  { signal, onProgress }: SchedulingOptions,
): Promise<SchedulingPolicy | undefined> {
  const ladder = ladderOf(node)
  const { workers, deadlineMs } = node
  const trained = { ladder, workers, deadlineMs, loadFactor: loadFactorOf(node) }
  const { trainer, ...options } = training
  try {
    const network = await runTraining(
      createTraining(trainer, trained, new Random(seed).fork('training'), options),
      { signal, onProgress: ({ round, rounds }) => onProgress(`round ${round} of ${rounds}`) },
    )
    return networkPolicy(network, { times: new ServiceTimes(ladder), workers })
  } catch (error) {
    if (signal.aborted) return undefined
    throw error
  }
}

/** The node and the policy of one run, ready for one workload after another. */
class Server {
  private readonly run: SchedulingRun
  private readonly ladder: Ladder
  private readonly scale: NodeScale
  /** None: of the bound, and of policies that are told the rate. */
  private readonly policy: SchedulingPolicy | undefined
  private readonly fresh: unknown

  /** @param learned the policy, if it is a learned one */
  constructor(run: SchedulingRun, learned: SchedulingPolicy | undefined) {
    const { node, policy } = run
    const { workers, deadlineMs } = node
    this.run = run
    this.ladder = ladderOf(node)
    const times = new ServiceTimes(this.ladder)
    const loadFactor = loadFactorOf(node)
    this.scale = {
      workers,
      loadFactor,
      largestMs: times.ladder.variants.at(-1)?.serviceTimesMs[0] as number,
    }
    if (learned) {
      this.policy = learned
    } else if (policy === 'adaptive-smdp') {
      this.policy = adaptiveSmdp({ table: smdpTableOf(node), guard: true })
    } else if (!UNLIKE_OTHERS.includes(policy)) {
      this.policy = createPolicy(policy, { times, workers, deadlineMs })
    }
    this.fresh = this.policy?.save()
  }

  /** @returns undefined when aborted */
  async serve(scenario: Scenario, signal: AbortSignal): Promise<ScenarioOutcome | undefined> {
    const { run, ladder } = this
    const { node, seed, policy, slowdown, recalibrate } = run
    const { workers, deadlineMs } = node
    const arrivalsMs = this.arrivals(scenario)
    const { name, family, load } = scenario
    const of = { scenario: name, family, load, requests: arrivalsMs.length }
    if (policy === BOUND) {
      const problem = { arrivalsMs, ladder, deadlineMs }
      const effectiveAccuracyPercent = effectiveAccuracyBoundPercent(problem)
      return {
        ...of,
        effectiveAccuracyPercent,
        servedAccuracyPercent: null,
        violationPercent: null,
      }
    }
    this.policy?.restore(this.fresh)
    const known = run.training?.rateKnowledge
    const rateKnowledge = known === 'true' ? this.trueRate(scenario) : known
    const simulated = {
      ...{ ladder, workers, deadlineMs, slowdown, recalibrate },
      ...(rateKnowledge && { rateKnowledge }),
    }
    const requests = requestsOf(arrivalsMs, deadlineMs)
    const chosen = this.policy ?? this.informed(scenario)
    const tally = await simulateNode(chosen, simulated, requests, { seed, signal })
    if (tally === undefined) return undefined
    const { effectiveAccuracyPercent, servedAccuracyPercent: served, violationPercent } = tally
    const servedAccuracyPercent = Number.isFinite(served) ? served : null
    return { ...of, effectiveAccuracyPercent, servedAccuracyPercent, violationPercent }
  }

  /** The same workload for every policy and deadline. */
  private arrivals(scenario: Scenario): Float64Array {
    const random = this.random(scenario).fork('arrivals')
    return drawArrivals(this.rates(scenario), random, scenario.gapCv)
  }

  /** As much of it as the run asks for. */
  private rates(scenario: Scenario): Iterable<RateSegment> {
    const { mostRequests, leastMs, overloadMs } = this.run
    const rates = [...scenarioRates(scenario, this.scale, this.random(scenario))]
    const longestMs = (1000 * mostRequests) / (scenario.load * unitRatePerS(this.scale))
    if (scenario.family !== 'shapes') {
      const least = scenario.load > OVERLOAD ? overloadMs : leastMs
      return cutSegments(rates, Math.max(least, longestMs))
    }
    const wholeMs = rates.reduce((sum, { durationMs }) => sum + durationMs, 0)
    return scaleSegments(rates, { speed: Math.max(1, wholeMs / longestMs) })
  }

  /** The policy that is told the arrival rate of the workload: its mean, or that of the moment. */
  private informed(scenario: Scenario): SchedulingPolicy {
    const table = smdpTableOf(this.run.node)
    const meanPerS = scenario.load * unitRatePerS(this.scale)
    if (this.run.policy === MEAN_RATE) {
      return adaptiveSmdp({ table, guard: true, ratePerS: () => meanPerS })
    }
    const rate = this.trueRate(scenario)
    return adaptiveSmdp({ table, guard: true, ratePerS: ({ nowMs }) => rate(nowMs) })
  }

  private trueRate(scenario: Scenario): (nowMs: number) => number {
    return trueRate(this.rates(scenario))
  }

  private random({ name }: Scenario): Random {
    return new Random(this.run.seed).fork(name)
  }
}

/** Solved once for each node: it takes seconds. */
const smdpTables = new Map<string, SmdpTable>()

function smdpTableOf(node: SchedulingNode): SmdpTable {
  const key = JSON.stringify(node)
  const known = smdpTables.get(key)
  if (known) return known
  const table = solveSmdp({ times: new ServiceTimes(ladderOf(node)), ...node })
  smdpTables.set(key, table)
  return table
}

function loadFactorOf({ profile }: SchedulingNode): number {
  return profile === 'batching' ? BATCHING.loadFactor : 1
}

function ladderOf({ profile }: SchedulingNode): Ladder {
  const sizes = profile === 'batching' ? BATCHING.sizes : [1]
  const variants = VARIANTS.map(({ loneMs, ...variant }) => {
    const serviceTimesMs = sizes.map(
      (size) => loneMs * (BATCHING.fixed + BATCHING.perRequest * size),
    )
    return { ...variant, serviceTimesMs }
  })
  return createLadder(variants, sizes)
}
