/** One node under one policy, on one workload after another. */
import { Random } from '../../src/random.ts'
import { effectiveAccuracyBracket } from '../../src/scheduling/hindsight.ts'
import type { Ladder } from '../../src/scheduling/ladder.ts'
import {
  adaptiveSmdp,
  type SmdpTable,
  solveSmdp,
} from '../../src/scheduling/policies/adaptive-smdp.ts'
import { createPolicy } from '../../src/scheduling/policies/create.ts'
import { fixed } from '../../src/scheduling/policies/rules.ts'
import type { SchedulingPolicy } from '../../src/scheduling/scheduling-policy.ts'
import { ServiceTimes } from '../../src/scheduling/service-times.ts'
import type { Tally } from '../../src/scheduling/tally.ts'
import { serviceFactors } from '../../src/simulation/node/service-factors.ts'
import { requestsOf } from '../../src/simulation/node/serving-node.ts'
import { serviceTimesOf, simulateNode } from '../../src/simulation/node/simulate-node.ts'
import {
  cutSegments,
  drawArrivals,
  type RateSegment,
  scaleSegments,
} from '../../src/simulation/workload/rate-segments.ts'
import {
  type NodeScale,
  type Scenario,
  scenarioRates,
  unitRatePerS,
} from '../../src/simulation/workload/scenarios.ts'
import { trueRate } from '../../src/simulation/workload/true-rate.ts'
import { deadlineMsOf, ladderOf, loadFactorOf } from './node.ts'
import {
  BEST_FIXED,
  BOUND,
  MEAN_RATE,
  type SchedulingNode,
  type SchedulingSettings,
  TRUE_RATE,
} from './settings.ts'

/** Of one workload. */
export interface ScenarioOutcome {
  readonly scenario: string
  readonly family: string
  /** 1: what the workers sustain with the largest variant. */
  readonly load: number
  readonly requests: number
  /** Of arrivals and service times. */
  readonly seed: number
  /** Of the bound: no policy exceeds it. */
  readonly effectiveAccuracyPercent: number
  /** Of the bound alone: there is a schedule that has it. */
  readonly reachedPercent?: number
  /** null: of the bound, or where nothing was answered in time. */
  readonly servedAccuracyPercent: number | null
  /** null: of the bound. */
  readonly violationPercent: number | null
}

/** Beyond what the smallest variant carries for ever. */
const OVERLOAD = 4
/** Of the bound: where that is too few, its ends differ. */
const BOUND_STEPS = 300

/** The node and the policy of one run, ready for one workload after another. */
export class Server {
  private readonly settings: SchedulingSettings
  private readonly ladder: Ladder
  private readonly scale: NodeScale
  /** None: of the bound, and of policies that are told the rate. */
  private readonly policy: SchedulingPolicy | undefined
  private readonly fresh: unknown

  /** @param learned the policy, if it is a learned one */
  constructor(settings: SchedulingSettings, learned: SchedulingPolicy | undefined) {
    const { node, policy } = settings
    const { workers } = node
    const deadlineMs = deadlineMsOf(node)
    this.settings = settings
    this.ladder = ladderOf(node)
    const times = new ServiceTimes(this.ladder)
    const loadFactor = loadFactorOf(node)
    this.scale = {
      workers,
      loadFactor,
      largestMs: this.ladder.variants.at(-1)?.serviceTimesMs[0] ?? Number.NaN,
    }
    if (learned) {
      this.policy = learned
    } else if (policy === 'adaptive-smdp') {
      this.policy = adaptiveSmdp({ table: smdpTableOf(node), guard: true })
    } else if (![BOUND, BEST_FIXED, MEAN_RATE, TRUE_RATE].includes(policy)) {
      this.policy = createPolicy(policy, { times, workers, deadlineMs })
    }
    this.fresh = this.policy?.save()
  }

  /** @throws the signal's reason once it is aborted */
  async serve(scenario: Scenario, seed: number, signal: AbortSignal): Promise<ScenarioOutcome> {
    const arrivalsMs = this.arrivals(scenario, seed)
    const { name, family, load } = scenario
    const of = { scenario: name, family, load, requests: arrivalsMs.length, seed }
    if (this.settings.policy === BOUND) return { ...of, ...this.bound(arrivalsMs, seed) }
    const simulate = (policy: SchedulingPolicy) =>
      this.simulate(policy, scenario, arrivalsMs, { seed, signal })
    if (this.settings.policy !== BEST_FIXED) {
      this.policy?.restore(this.fresh)
      return { ...of, ...numbersOf(await simulate(this.policy ?? this.informed(scenario, seed))) }
    }
    const tallies: Tally[] = []
    for (const variant of this.ladder.variants.keys()) tallies.push(await simulate(fixed(variant)))
    const best = tallies.reduce((one, other) =>
      other.effectiveAccuracyPercent > one.effectiveAccuracyPercent ? other : one,
    )
    return { ...of, ...numbersOf(best) }
  }

  private bound(arrivalsMs: Float64Array, seed: number) {
    const { ladder } = this
    const { node, slowdown } = this.settings
    const factors = serviceFactors(arrivalsMs.length, { random: serviceTimesOf(seed), slowdown })
    const deadlineMs = deadlineMsOf(node)
    const problem = { arrivalsMs, ladder, deadlineMs, factors, steps: BOUND_STEPS }
    const { lowPercent, highPercent } = effectiveAccuracyBracket(problem)
    return {
      effectiveAccuracyPercent: highPercent,
      reachedPercent: lowPercent,
      servedAccuracyPercent: null,
      violationPercent: null,
    }
  }

  private async simulate(
    policy: SchedulingPolicy,
    scenario: Scenario,
    arrivalsMs: Float64Array,
    { seed, signal }: { readonly seed: number; readonly signal: AbortSignal },
  ): Promise<Tally> {
    const { ladder } = this
    const { node, slowdown, recalibrate, training } = this.settings
    const deadlineMs = deadlineMsOf(node)
    const known = training?.rateKnowledge
    const rateKnowledge = known === 'true' ? trueRate(this.rates(scenario, seed)) : known
    const simulated = {
      ...{ ladder, workers: node.workers, deadlineMs, slowdown, recalibrate },
      ...(rateKnowledge && { rateKnowledge }),
    }
    const requests = requestsOf(arrivalsMs, deadlineMs)
    const tally = await simulateNode(policy, simulated, requests, { seed, signal })
    if (tally === undefined) throw signal.reason
    return tally
  }

  /** The same workload for every policy and deadline. */
  private arrivals(scenario: Scenario, seed: number): Float64Array {
    const random = randomOf(scenario, seed).fork('arrivals')
    return drawArrivals(this.rates(scenario, seed), random, scenario.gapCv)
  }

  /** As much of it as the run asks for. */
  private rates(scenario: Scenario, seed: number): Iterable<RateSegment> {
    const { mostRequests, leastMs, overloadMs } = this.settings
    const rates = [...scenarioRates(scenario, this.scale, randomOf(scenario, seed))]
    const longestMs = (1000 * mostRequests) / (scenario.load * unitRatePerS(this.scale))
    if (scenario.family !== 'shapes') {
      const least = scenario.load > OVERLOAD ? overloadMs : leastMs
      return cutSegments(rates, Math.max(least, longestMs))
    }
    const wholeMs = rates.reduce((sum, { durationMs }) => sum + durationMs, 0)
    return scaleSegments(rates, { speed: Math.max(1, wholeMs / longestMs) })
  }

  /** The policy that is told the arrival rate of the workload: its mean, or that of the moment. */
  private informed(scenario: Scenario, seed: number): SchedulingPolicy {
    const table = smdpTableOf(this.settings.node)
    const meanPerS = scenario.load * unitRatePerS(this.scale)
    if (this.settings.policy === MEAN_RATE) {
      return adaptiveSmdp({ table, guard: true, ratePerS: () => meanPerS })
    }
    const rate = trueRate(this.rates(scenario, seed))
    return adaptiveSmdp({ table, guard: true, ratePerS: ({ nowMs }) => rate(nowMs) })
  }
}

function randomOf({ name }: Scenario, seed: number): Random {
  return new Random(seed).fork(name)
}

function numbersOf({ effectiveAccuracyPercent, servedAccuracyPercent, violationPercent }: Tally) {
  const served = Number.isFinite(servedAccuracyPercent) ? servedAccuracyPercent : null
  return { effectiveAccuracyPercent, servedAccuracyPercent: served, violationPercent }
}

/** Solved once for each node: it takes seconds. */
const smdpTables = new Map<string, SmdpTable>()

function smdpTableOf(node: SchedulingNode): SmdpTable {
  const key = JSON.stringify(node)
  const known = smdpTables.get(key)
  if (known) return known
  const table = solveSmdp({
    times: new ServiceTimes(ladderOf(node)),
    workers: node.workers,
    deadlineMs: deadlineMsOf(node),
  })
  smdpTables.set(key, table)
  return table
}
