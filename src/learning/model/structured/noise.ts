/**
 * How responses scatter: y = E[y] · e^(c + ε). ε has a variance, a correlation with the one before, and a tail; c is common to all resources of
 * a round. All are learned from residuals r = log y - log of what was believed. Plain data and what it says.
 */
import { NOISE, SLOW } from './constants.ts'

/** Of the responses of one kind of resource. */
export interface Noise {
  /** Sum of squared residuals, and how many they are. */
  squares: number
  count: number
  /** Of the responses that were added up, those that were slow for no reason that lasts. */
  slow: number
  folded: number
}

/** Sums of something whose mean is sought. */
export interface Moments {
  count: number
  sum: number
  squares: number
}

/** Before any response. */
export function freshNoise(): Noise {
  return { squares: 0, count: 0, slow: 0, folded: 0 }
}

/** Of nothing. */
export function freshMoments(): Moments {
  return { count: 0, sum: 0, squares: 0 }
}

/** σ²: variance of the logarithm of one response. */
export function logVariance({ squares, count }: Noise): number {
  return (NOISE.weight * NOISE.deviation ** 2 + squares) / (NOISE.weight + count)
}

/**
 * Also residuals of responses that were slow count, cut off: σ² must come early, and be right where tails are heavy.
 * @param beliefVariance how much of the residual may be an error of the belief: only the rest tells of the noise
 */
export function addResidual(noise: Noise, residual: number, beliefVariance: number): void {
  const variance = logVariance(noise)
  const share = variance / (variance + beliefVariance)
  noise.squares += Math.min(NOISE.cut ** 2 * variance, residual ** 2 * share) / NOISE.cutShare
  noise.count += 1
  if (noise.count <= NOISE.memory) return
  noise.squares *= NOISE.memory / noise.count
  noise.count = NOISE.memory
}

/** How often a response is slow for no reason that lasts. */
export function slowRate({ slow, folded }: Noise): number {
  return Math.min(SLOW.most, (SLOW.share * SLOW.weight + slow) / (SLOW.weight + folded))
}

/** Logarithm of the factor from which on a response may be one of those. */
export function slowFrom(noise: Noise): number {
  return Math.max(SLOW.from, SLOW.fromDeviations * Math.sqrt(logVariance(noise)))
}

/** One value more; older ones fade beyond `NOISE.memory`. */
export function addTo(moments: Moments, value: number): void {
  moments.count += 1
  moments.sum += value
  moments.squares += value * value
  if (moments.count <= NOISE.memory) return
  const share = NOISE.memory / moments.count
  moments.count *= share
  moments.sum *= share
  moments.squares *= share
}

/** By how much the mean differs from `from`, less two standard errors: what may be chance counts as none. */
export function excessOver({ count, sum, squares }: Moments, from: number): number {
  if (count < 2) return 0
  const mean = sum / count
  const error = Math.sqrt(Math.max(0, squares / count - mean * mean) / count)
  const excess = Math.abs(mean - from) - NOISE.significance * error
  return excess > 0 ? Math.sign(mean - from) * excess : 0
}

/** What one sample is worth: its variance counts so many times, since it repeats what the one before said. */
export function inflation(products: Moments): number {
  const correlation = Math.min(NOISE.mostCorrelation, Math.max(0, excessOver(products, 0)))
  return (1 + correlation) / (1 - correlation)
}

/**
 * Mean of e^ε of one group of resources (Duan 1983, smearing). What all groups share is taken from all of them: it changes no order, so
 * only a tail that a group has alone, beyond chance, may change one.
 */
export function smearing(all: Moments, group: Moments): number {
  const shared = 1 + excessOver(all, 1)
  const mean = all.count > 0 ? all.sum / all.count : 1
  return shared * (1 + excessOver(group, mean) / mean)
}
