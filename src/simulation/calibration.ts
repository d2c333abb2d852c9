/**
 * Every constant of the simulator, in one place, with where it comes from.
 *
 * Derivation. Least squares over the 20 rows of Table V (HL paper; five users), the two cells that contradict their own
 * row's accuracy replaced (B-80 S2: d3 → d6; D-Min S2: d6 → d7), of a model with seven parameters:
 * response time at the device = o + slope(precision) · multiply-accumulates, one time for a d0 request served by the edge
 * and one by the cloud, an addition for a weak device, and one on everybody for a weak edge. Root mean square error
 * 3.8 ms over 72–507 ms; largest residual 11.8 ms (B-Max).
 * What Table V cannot tell is marked "assumption".
 */
import type { Choice } from '../learning/environment/environment.ts'
import type { Tier } from '../placement.ts'

export interface VariantFacts {
  /** Millions of multiply-accumulates of one inference. */
  readonly megaMacs: number
  readonly precision: 'FP32' | 'INT8'
  /** Top-5 ImageNet accuracy. */
  readonly accuracyPercent: number
}

/** HL paper, Table III: MobileNetV1-224 of width 1, 0.75, 0.5 and 0.25. */
export const VARIANTS: ReadonlyMap<string, VariantFacts> = new Map<string, VariantFacts>([
  ['d0', { megaMacs: 569, precision: 'FP32', accuracyPercent: 89.9 }],
  ['d1', { megaMacs: 317, precision: 'FP32', accuracyPercent: 88.2 }],
  ['d2', { megaMacs: 150, precision: 'FP32', accuracyPercent: 84.9 }],
  ['d3', { megaMacs: 41, precision: 'FP32', accuracyPercent: 74.2 }],
  ['d4', { megaMacs: 569, precision: 'INT8', accuracyPercent: 88.9 }],
  ['d5', { megaMacs: 317, precision: 'INT8', accuracyPercent: 87.0 }],
  ['d6', { megaMacs: 150, precision: 'INT8', accuracyPercent: 83.2 }],
  ['d7', { megaMacs: 41, precision: 'INT8', accuracyPercent: 72.8 }],
])

/** Part of every request that no variant changes: capture, decision, report. */
export const OVERHEAD_MS = 58.6

/** A device's own processor. */
export const END_MS_PER_MEGA_MAC = { FP32: 0.714, INT8: 0.332 } as const

/** Variant the service times of the shared tiers are stated for. */
export const SHARED_REFERENCE_VARIANT = 'd0'

/**
 * Processor sharing: each of k requests on one node runs at 1 / max(1, perRequest · k + base) of the speed of a lone one.
 * `serviceMs` of a lone d0 request: fitted 351 ms (edge) and 375 ms (cloud) less the overhead.
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
/** Table II: the processor of an edge or cloud has nine levels, 0–8. */
export const PROCESSOR_LEVELS = 9
/** Assumption: a level of background load weighs on a shared node like this many more requests. */
export const REQUESTS_PER_LEVEL = 0.25

/** Relative standard deviation of one measured response time. Assumption: the paper reports no spread. */
export const RESPONSE_TIME_NOISE = 0.04

/** HL paper, section II-B: eight variants at the device; the edge and the cloud always use the most accurate one. */
export const DEFAULT_CHOICES: readonly Choice[] = [
  ...[...VARIANTS.keys()].map((variant) => choice('end', variant)),
  choice('edge', 'd0'),
  choice('cloud', 'd0'),
]

function choice(tier: Tier, variant: string): Choice {
  return {
    placement: { tier, variant },
    accuracyPercent: VARIANTS.get(variant)?.accuracyPercent ?? 0,
  }
}
