/**
 * Every constant of the paper's fleet, in one place, with where it comes from.
 *
 * Derivation. Least squares over the 20 rows of Table V (HL paper; five users), the two cells that contradict their own
 * row's accuracy replaced (B-80 S2: d3 → d6; D-Min S2: d6 → d7), of a model with seven parameters:
 * response time at the device = o + slope(precision) · multiply-accumulates, one time for a d0 request served by the edge
 * and one by the cloud, an addition for a weak device, and one on everybody for a weak edge. Root mean square error
 * 3.8 ms over 72–507 ms; largest residual 11.8 ms (B-Max).
 * What Table V cannot tell is marked "assumption".
 */
import { type Choice, choicesOf, type Precision } from '../../fleet/choice.ts'
import { TABLE_III } from '../../fleet/variants.ts'

/** Part of every request that no variant changes: capture, decision, report. */
export const OVERHEAD_MS = 58.6

/** A device's own processor. */
export const END_MS_PER_MEGA_MAC: Readonly<Partial<Record<Precision, number>>> = {
  FP32: 0.714,
  INT8: 0.332,
}

/**
 * Processor sharing: each of k requests on one node runs at 1 / max(1, perRequest · k + base) of the speed of a lone one.
 * `serviceMs` of a lone request of the most accurate variant, d0: fitted 351 ms (edge) and 375 ms (cloud) less the overhead.
 * The slopes are an assumption within what Table V shows: it never puts two requests on one node, even in Max, which is
 * optimal only if two cost ≥ 408 ms each at the edge (here 599.5) and ≥ 420 ms at the cloud (here 564.8). The cloud, with
 * twice the cores, shares more gently.
 */
export const SHARED = {
  edge: { serviceMs: 292.4, perRequest: 0.85, base: 0.15 },
  cloud: { serviceMs: 316.4, perRequest: 0.6, base: 0.4 },
} as const

/** Weak link of a device: about four outgoing packets of a request, 20 ms each (section III-A). */
export const WEAK_DEVICE_MS = 77
/** More of them if the request leaves the device (weakly identified by the fit). */
export const WEAK_DEVICE_OFFLOAD_MS = 23
/** Weak link of an edge, on every request of its devices. */
export const WEAK_EDGE_MS = 6
/** Weak link of the cloud on the requests it serves: one packet of 20 ms. Assumption: no experiment varies it. */
export const WEAK_CLOUD_MS = 20

/** Assumption: a busy device's processor gives inference two thirds of its speed. */
export const BUSY_PROCESSOR_FACTOR = 1.5
/** Assumption: a node short of memory computes this much longer (any tier). */
export const BUSY_MEMORY_FACTOR = 1.2
/** Assumption: a level of background load weighs on a shared node like this many more requests. */
export const REQUESTS_PER_LEVEL = 0.25

/** Relative standard deviation of one measured response time. Assumption: the paper reports no spread. */
export const RESPONSE_TIME_NOISE = 0.04

/** HL paper, section II-B: eight variants at the device; the edge and the cloud always use the most accurate one. */
export const DEFAULT_CHOICES: readonly Choice[] = choicesOf(TABLE_III)
