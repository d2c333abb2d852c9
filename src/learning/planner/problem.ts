/**
 * What the planner decides: one choice for every device, so that the sum of response times is lowest and the average
 * accuracy meets the goal.
 *
 *     minimise  sum_i own(i, x_i) + sum_e m_e g_e(m_e) + M g_cloud(M)    over joint decisions x
 *     subject to  sum_i accuracy(x_i) >= devices · goal
 *
 * own(i, x) is what choice x costs device i whatever the others do, m_e and M are how many devices use edge e and the cloud,
 * and g(m) is the response time of such a node while m devices use it. Nothing is assumed about the shape of g. What escalates only a
 * share of its requests is a fraction of a user (`load.ts`).
 */
import type { Choice } from '../../fleet/choice.ts'
import type { Decision } from '../environment/environment.ts'

/** What is known of a fleet. */
export interface PlanningProblem {
  readonly devices: number
  /**
   * What every device may choose from. Several variants at `edge` or `cloud` share the node's curve. Accuracies count in whole
   * hundredths of a percent, rounded down.
   */
  readonly choices: readonly Choice[]
  /**
   * Shape [devices, choices], row by row, ms. At `end` the whole response time; at `edge` and `cloud` what comes on top of the
   * node's curve: the link, and what this variant takes longer than the curve says (it may be negative). `Infinity` closes a
   * choice to a device.
   */
  readonly ownTimesMs: Float64Array
  /**
   * How many requests each choice sends to its node (`loadedTier`) on average, in [0, 1]. Shape [devices, choices]. Absent: 1 at edge and
   * cloud, and of an escalation the share it states. `ownTimesMs` of an escalation has its first variant, and this share of the link.
   */
  readonly loads?: Float64Array
  /** Which edge each device may use. Shape [devices], from 0. */
  readonly edgeOf: Int32Array
  /**
   * Shape [edges][most users], ms: entry m - 1 is the response time of each of m users. A curve's length is the most users
   * that the edge may get; an empty curve closes it.
   */
  readonly edgeCurvesMs: readonly Float64Array[]
  /** The same for the cloud. Shape [most users]. */
  readonly cloudCurveMs: Float64Array
  /** Lowest allowed average accuracy. Hundredths are summed over the devices, so it is met or it is not. */
  readonly goalPercent: number
}

/** Where the lower bound of a plan is highest: a good start for the next plan of a problem that changed a little. */
export interface Prices {
  /** Of a hundredth of a percent of one device's accuracy, ms. */
  readonly accuracyMs: number
  /** Of one more user of the cloud, ms. */
  readonly cloudMs: number
}

/** Of `plan`. */
export interface PlanOptions {
  /** `Plan.prices` of a similar problem. The plan is as good without. */
  readonly prices?: Prices
  /**
   * Most labels (partial decisions) that the exact search may make before it gives up. 0: no search. Default: 200,000 up to 50
   * devices, none beyond.
   */
  readonly mostLabels?: number
}

/** A joint decision, what it costs, and what is proven of it. */
export interface Plan {
  /** Index of each device's choice. Shape [devices]. */
  readonly decision: Decision
  /** Average over the devices. */
  readonly responseTimeMs: number
  readonly totalResponseTimeMs: number
  /** Average over the devices; never below the goal. */
  readonly accuracyPercent: number
  /** No decision that meets the goal has a lower average response time than this. */
  readonly lowerBoundMs: number
  /** How far the plan can be from the best at most: (response time - lower bound) / |response time|. */
  readonly gap: number
  /** The decision is the best one: the gap is zero, the lower bound the response time. */
  readonly proven: boolean
  /** The exact search gave up at `mostLabels`: the gap is the bound's alone. */
  readonly capped: boolean
  readonly prices: Prices
}
