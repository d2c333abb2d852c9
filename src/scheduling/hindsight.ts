import { ConfigError } from '../errors.ts'
import { mostAccurate } from '../fleet/choice.ts'
import { type BracketEnd, Frontier } from './frontier.ts'
import type { Ladder } from './ladder.ts'

/** A trace and the node that meets it. */
export interface HindsightProblem {
  /** Ascending. Shape [requests]. */
  readonly arrivalsMs: Float64Array
  readonly ladder: Ladder
  /** After its arrival a request is worth nothing. */
  readonly deadlineMs: number
  /** True ÷ profiled time of the service that each request would head. Default: 1 for all. Shape [requests]. */
  readonly factors?: Float64Array
  /** Most steps of one V; see `end`. */
  readonly steps?: number
  /** On which side of the truth values are where V has more steps. Default: low, so that a schedule reaches them. */
  readonly end?: BracketEnd
  /** What a dropped request costs, in answers of the most accurate variant. Default: 0. */
  readonly violationPrice?: number
  /**
   * Default: 1. More are taken as one that is as many times as fast, but whose answers take (workers + 1) / 2 turns, as when
   * the workers start evenly spaced: near the truth, but no bound.
   */
  readonly workers?: number
}

/** Between these ends, in percent, is the highest effective accuracy. They are equal where nothing was left out. */
export interface AccuracyBracket {
  /** A schedule has it. */
  readonly lowPercent: number
  /** No policy exceeds it. */
  readonly highPercent: number
}

const USUAL_STEPS = 1000

/** The highest effective accuracy that any policy can reach on this trace, which must be of one worker. */
export function effectiveAccuracyBracket(
  problem: Omit<HindsightProblem, 'violationPrice' | 'workers' | 'end'>,
): AccuracyBracket {
  const { arrivalsMs, ladder } = problem
  const rows = (ladder.batchSizes.at(-1) as number) + 1
  const percentAt = (end: BracketEnd) => {
    const hindsight = new Hindsight({ ...problem, end }, rows)
    return [hindsight.value(0, arrivalsMs[0]) / arrivalsMs.length, hindsight.isExact] as const
  }
  const [highPercent, isExact] = percentAt('high')
  return { lowPercent: isExact ? highPercent : percentAt('low')[0], highPercent }
}

/**
 * The best that could be done on a trace, had every arrival and service time been known: a backward recursion for one worker
 * and one deadline, over requests in order of arrival. With one deadline for all no other order is better.
 *
 *   V_i(o) = max of  V_{i+1}(o) − price                                      drop request i
 *                    b · a_m + V_{i+b}(end) for every m, b with end ≤ A_i + D   serve i to i+b−1 together
 *   end = max(o, A_{i+b−1}) + L_m(b),  V_N = 0
 *
 * o is the time at which the worker is free. V_i never rises with o and changes in steps, which are kept as they are: no
 * grid, no rounding. Where there are more than `steps`, those near others are left out, to one side.
 */
export class Hindsight {
  /** What a violation costs, in percent of accuracy, as values are. */
  readonly dropCost: number
  /** Whether all steps of every V were kept. */
  isExact = true
  private readonly problem: HindsightProblem
  private readonly requests: number
  /** V of the requests kept: request i in row i modulo their number. */
  private readonly values: Frontier[]
  private result: Frontier
  private spare: Frontier

  /**
   * Solves the whole trace.
   * @param rows requests whose values are kept, the first ones, and none of the others; default: all
   * @throws ConfigError for an unusable problem
   */
  constructor(problem: HindsightProblem, rows = problem.arrivalsMs.length + 1) {
    const { arrivalsMs, deadlineMs, ladder, steps = USUAL_STEPS, violationPrice = 0 } = problem
    if (arrivalsMs.length === 0) throw new ConfigError('a trace without arrivals has no bound')
    if (!(deadlineMs > 0)) throw new ConfigError(`deadline ${deadlineMs} ms is not above 0`)
    if (!(steps >= 3)) throw new ConfigError(`${steps} steps are too few: give 3 or more`)
    this.problem = problem
    this.requests = arrivalsMs.length
    this.dropCost = violationPrice * mostAccurate(ladder.variants).accuracyPercent
    const most = (ladder.variants.length * ladder.batchSizes.length + 1) * steps
    this.result = new Frontier(most)
    this.spare = new Frontier(most)
    this.values = new Array(rows)
    this.values[this.requests % rows] = Frontier.of(Infinity, 0)
    for (let request = this.requests - 1; request >= 0; request--) this.solve(request)
  }

  /**
   * Highest sum of accuracies (percent), less the price of violations, of the requests from this one on, if the worker is free at `freeAtMs` and those
   * before are settled. What an action is worth is its own accuracy plus this for what it leaves.
   * @param request at most the number of requests, where it is 0
   */
  value(request: number, freeAtMs: number): number {
    if (request >= this.requests) return 0
    return this.valuesOf(request).at(Math.max(freeAtMs, this.problem.arrivalsMs[request]))
  }

  private solve(request: number): void {
    const { ladder, steps = USUAL_STEPS, end = 'low' } = this.problem
    this.result.copy(this.valuesOf(request + 1), -this.dropCost)
    for (const { accuracyPercent, serviceTimesMs } of ladder.variants) {
      for (const [batch, profiledMs] of serviceTimesMs.entries()) {
        const size = ladder.batchSizes[batch]
        if (request + size > this.requests) break
        this.serve(request, size, profiledMs, accuracyPercent)
      }
    }
    if (this.result.size > steps) this.isExact = false
    this.result.thin(steps, end)
    this.values[request % this.values.length] = this.result.clone()
  }

  /** Takes into account what it is worth to serve so many requests together. */
  private serve(request: number, size: number, profiledMs: number, percent: number): void {
    const { arrivalsMs, deadlineMs, factors, workers = 1 } = this.problem
    const serviceMs = (profiledMs * (factors?.[request] ?? 1)) / workers
    const answeredMs = (serviceMs * (workers + 1)) / 2
    this.spare.merge(this.result, this.valuesOf(request + size), {
      worth: size * percent,
      occupiedMs: serviceMs,
      readyMs: arrivalsMs[request + size - 1],
      latestMs: arrivalsMs[request] + deadlineMs - answeredMs,
    })
    ;[this.result, this.spare] = [this.spare, this.result]
  }

  private valuesOf(request: number): Frontier {
    return this.values[request % this.values.length]
  }
}
