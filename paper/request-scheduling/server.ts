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
import type { SchedulingPolicy } from '../../src/scheduling/scheduling-policy.ts'
import { ServiceTimes } from '../../src/scheduling/service-times.ts'
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
import { ladderOf, loadFactorOf } from './node.ts'
import {
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
  readonly effectiveAccuracyPercent: number
  /** null: of the bound, or where nothing was answered in time. */
  readonly servedAccuracyPercent: number | null
  /** null: of the bound. */
  readonly violationPercent: number | null
}

/** Beyond what the smallest variant carries for ever. */
const OVERLOAD = 4
/** Of the bound: at most about a minute for a workload. */
const BOUND_STEPS = 600

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
    const { workers, deadlineMs } = node
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
    } else if (![BOUND, MEAN_RATE, TRUE_RATE].includes(policy)) {
      this.policy = createPolicy(policy, { times, workers, deadlineMs })
    }
    this.fresh = this.policy?.save()
  }

  /** @throws the signal's reason once it is aborted */
  async serve(scenario: Scenario, signal: AbortSignal): Promise<ScenarioOutcome> {
    const { settings, ladder } = this
    const { node, seed, policy, slowdown, recalibrate } = settings
    const { workers, deadlineMs } = node
    const arrivalsMs = this.arrivals(scenario)
    const { name, family, load } = scenario
    const of = { scenario: name, family, load, requests: arrivalsMs.length }
    if (policy === BOUND) {
      const random = serviceTimesOf(seed)
      const factors = serviceFactors(arrivalsMs.length, { random, slowdown })
      const problem = { arrivalsMs, ladder, deadlineMs, factors, steps: BOUND_STEPS }
      return {
        ...of,
        effectiveAccuracyPercent: effectiveAccuracyBracket(problem).highPercent,
        servedAccuracyPercent: null,
        violationPercent: null,
      }
    }
    this.policy?.restore(this.fresh)
    const known = settings.training?.rateKnowledge
    const rateKnowledge = known === 'true' ? this.trueRate(scenario) : known
    const simulated = {
      ...{ ladder, workers, deadlineMs, slowdown, recalibrate },
      ...(rateKnowledge && { rateKnowledge }),
    }
    const requests = requestsOf(arrivalsMs, deadlineMs)
    const chosen = this.policy ?? this.informed(scenario)
    const tally = await simulateNode(chosen, simulated, requests, { seed, signal })
    if (tally === undefined) throw signal.reason
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
    const { mostRequests, leastMs, overloadMs } = this.settings
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
    const table = smdpTableOf(this.settings.node)
    const meanPerS = scenario.load * unitRatePerS(this.scale)
    if (this.settings.policy === MEAN_RATE) {
      return adaptiveSmdp({ table, guard: true, ratePerS: () => meanPerS })
    }
    const rate = this.trueRate(scenario)
    return adaptiveSmdp({ table, guard: true, ratePerS: ({ nowMs }) => rate(nowMs) })
  }

  private trueRate(scenario: Scenario): (nowMs: number) => number {
    return trueRate(this.rates(scenario))
  }

  private random({ name }: Scenario): Random {
    return new Random(this.settings.seed).fork(name)
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
