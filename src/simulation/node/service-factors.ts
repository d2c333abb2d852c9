/** How long services take beside their profile. */
import type { Random } from '../../random.ts'

/** Relative spread of one service time. Assumption: a quiet processor, as measured for MobileNet (p90/p50 1.02 to 1.05). */
export const SERVICE_NOISE = 0.03

/** What there is to draw from. */
export interface ServiceFactorsOptions {
  readonly random: Random
  /** True mean service time ÷ profiled. Default: 1. */
  readonly slowdown?: number
  readonly noise?: number
}

/**
 * True ÷ profiled time of the service that each request would head: slowdown · e^(noise · z), z standard normal. It belongs to
 * the request, so that all policies meet the same luck, and the clairvoyant bound knows it.
 * @returns in order of arrival. Shape [requests]
 */
export function serviceFactors(
  requests: number,
  { random, slowdown = 1, noise = SERVICE_NOISE }: ServiceFactorsOptions,
): Float64Array {
  const factors = new Float64Array(requests)
  return factors.map(() => slowdown * Math.exp(noise * random.normal()))
}
