import { ConfigError } from '../errors.ts'
import { mostAccurate } from '../fleet/choice.ts'
import type { Ladder } from './ladder.ts'

/** A trace and the node that meets it. */
export interface HindsightProblem {
  /** Ascending. Shape [requests]. */
  readonly arrivalsMs: Float64Array
  readonly ladder: Ladder
  /** After its arrival a request is worth nothing. */
  readonly deadlineMs: number
  /** Grid of o. Default: 0.05 ms. */
  readonly stepMs?: number
  /** What a dropped request costs, in answers of the most accurate variant. Default: 0. */
  readonly violationPrice?: number
  /**
   * Default: 1. More are taken as one that is as many times as fast, but whose answers take (workers + 1) / 2 turns, as when
   * the workers start evenly spaced: near the truth, but no bound.
   */
  readonly workers?: number
}

/** Steps by which floating point may miss a point of the grid. */
const ROUNDING = 1e-9

/** The highest effective accuracy that any policy without noise can reach on this trace. */
export function effectiveAccuracyBoundPercent(
  problem: Omit<HindsightProblem, 'violationPrice' | 'workers'>,
): number {
  const { arrivalsMs, ladder } = problem
  const hindsight = new Hindsight(problem, (ladder.batchSizes.at(-1) as number) + 1)
  return hindsight.value(0, arrivalsMs[0]) / arrivalsMs.length
}

/**
 * The best that could be done on a trace, had every arrival been known: a backward recursion, exact but for its grid, for
 * one worker and one deadline, over requests in order of arrival, at their profiled service times.
 *
 *   V_i(o) = max of  V_{i+1}(o − (A_{i+1} − A_i)) − price                               drop request i
 *                    b · a_m + V_{i+b}(end − (A_{i+b} − A_i)) for every m, b with end ≤ D   serve i to i+b−1 together
 *   end = max(o, A_{i+b−1} − A_i) + L_m(b),  V_N = 0
 *
 * o is the time from arrival i until the worker is free. Values between grid points are interpolated: times rounded up to
 * the grid would put the bound below what policies reach.
 */
export class Hindsight {
  private readonly problem: HindsightProblem
  private readonly requests: number
  private readonly stepMs: number
  private readonly points: number
  private readonly rows: number
  /** What a violation costs, in percent of accuracy, as values are. */
  readonly dropCost: number
  /** V of the requests kept: request i in row i modulo `rows`. Shape [rows, points]. */
  private readonly values: Float64Array

  /**
   * Solves the whole trace.
   * @param rows requests whose values are kept, the first ones, and none of the others; default: all
   * @throws ConfigError for an unusable problem
   */
  constructor(problem: HindsightProblem, rows = problem.arrivalsMs.length + 1) {
    const { arrivalsMs, deadlineMs, stepMs = 0.05, violationPrice = 0 } = problem
    if (arrivalsMs.length === 0) throw new ConfigError('a trace without arrivals has no bound')
    if (!(deadlineMs > 0 && stepMs > 0 && stepMs <= deadlineMs)) {
      throw new ConfigError(
        `deadline ${deadlineMs} ms and step ${stepMs} ms must be above 0, the step no longer than the deadline`,
      )
    }
    this.problem = problem
    this.requests = arrivalsMs.length
    this.stepMs = stepMs
    this.points = Math.ceil(deadlineMs / stepMs) + 1
    this.rows = rows
    this.dropCost = violationPrice * mostAccurate(problem.ladder.variants).accuracyPercent
    // One more, that the last point has a neighbour. The row after the last request stays 0.
    this.values = new Float64Array(rows * this.points + 1)
    for (let request = this.requests - 1; request >= 0; request--) this.solve(request)
  }

  /**
   * Highest sum of accuracies (percent), less the price of violations, of the requests from this one on, if the worker is free at `freeAtMs` and those
   * before are settled. What an action is worth is its own accuracy plus this for what it leaves.
   * @param request at most the number of requests, where it is 0
   */
  value(request: number, freeAtMs: number): number {
    if (request >= this.requests) return 0
    const position = Math.max(0, (freeAtMs - this.arrivalMs(request)) / this.stepMs)
    const low = Math.min(this.points - 2, Math.floor(position))
    const share = Math.min(1, position - low)
    const at = this.rowOf(request) + low
    return (1 - share) * this.values[at] + share * this.values[at + 1]
  }

  private solve(request: number): void {
    const { variants, batchSizes } = this.problem.ladder
    const row = this.rowOf(request)
    // To drop it is to be done with it at once; at worst, all from here on are.
    this.values.fill(-this.dropCost * (this.requests - request), row, row + this.points)
    this.improve(request, 1, 0, -this.dropCost)
    for (const { accuracyPercent, serviceTimesMs } of variants) {
      for (const [batch, size] of batchSizes.entries()) {
        if (request + size > this.requests) break
        this.improve(request, size, serviceTimesMs[batch], size * accuracyPercent)
      }
    }
  }

  /** Takes into account, for every o, what it is worth to settle so many requests together. */
  private improve(request: number, size: number, lastsMs: number, worth: number): void {
    const { values, stepMs } = this
    const { workers = 1, deadlineMs } = this.problem
    const serviceMs = lastsMs / workers
    const answeredMs = (serviceMs * (workers + 1)) / 2
    const arrivalMs = this.arrivalMs(request)
    const nextMs = this.arrivalMs(Math.min(request + size, this.requests - 1))
    const lastMs = this.arrivalMs(request + size - 1)
    const latest = (deadlineMs - answeredMs) / stepMs + ROUNDING
    const last = Math.floor(latest)
    // From o to the next request's own o, in steps: alike for all o, so that one weight interpolates all.
    const shift = (serviceMs - (nextMs - arrivalMs)) / stepMs
    const whole = Math.floor(shift)
    const share = shift - whole
    const row = this.rowOf(request)
    const nextRow = this.rowOf(request + size)
    // A worker free before the batch is complete waits for it.
    const complete = (lastMs - arrivalMs) / stepMs
    const waiting = Math.min(last + 1, Math.ceil(complete - ROUNDING))
    const waited = worth + this.value(request + size, lastMs + serviceMs)
    for (let point = 0; point < waiting && complete <= latest; point++) {
      if (waited > values[row + point]) values[row + point] = waited
    }
    for (let point = waiting; point <= last; point++) {
      const low = point + whole
      const at = nextRow + Math.max(0, low)
      const after = low < 0 ? values[nextRow] : (1 - share) * values[at] + share * values[at + 1]
      const value = worth + after
      if (value > values[row + point]) values[row + point] = value
    }
  }

  private rowOf(request: number): number {
    return (request % this.rows) * this.points
  }

  private arrivalMs(request: number): number {
    return this.problem.arrivalsMs[request]
  }
}
