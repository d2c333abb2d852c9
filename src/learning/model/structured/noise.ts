/** How much responses scatter, and how often one is slow. Plain data and what it says. */

export interface Noise {
  squares: number
  count: number
  slow: number
  folded: number
}

/** Relative deviation before anything is observed, and how many responses it counts like. */
const PRIOR_DEVIATION = 0.1
const PRIOR_COUNT = 10
/** The same of the share of slow responses. */
const PRIOR_SLOW = 0.6
const PRIOR_FOLDED = 25
const MOST_SLOW = 0.2

export function freshNoise(): Noise {
  return { squares: 0, count: 0, slow: 0, folded: 0 }
}

/** Relative variance of one response. */
export function relativeVariance({ squares, count }: Noise): number {
  return (PRIOR_COUNT * PRIOR_DEVIATION ** 2 + squares) / (PRIOR_COUNT + count)
}

/** @param residual relative to what was expected */
export function addResidual(noise: Noise, residual: number, weight: number): void {
  noise.squares += weight * Math.min(9 * relativeVariance(noise), residual ** 2)
  noise.count += weight
}

export function slowRate({ slow, folded }: Noise): number {
  return Math.min(MOST_SLOW, (PRIOR_SLOW + slow) / (PRIOR_FOLDED + folded))
}
