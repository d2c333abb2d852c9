/** What a response tells of the time of one resource, as a logarithm, and how it compares with what is believed. */
import { MEDIAN_VARIANCE, type Normal } from './cell.ts'
import { CHANGE, LINK, NOISE } from './constants.ts'

/** A sample of a logarithm of ms. */
export interface Told {
  readonly value: number
  readonly variance: number
}

/**
 * What a response tells of the time without its delay, as a logarithm. Noise is in proportion to the whole response that is expected: in
 * proportion to the one that came, fast ones would count for more than slow ones.
 * @param relative variance of the logarithm of a response
 */
export function toldBy(
  responseMs: number,
  delay: Normal,
  delayVariance: number,
  belief: Normal,
  relative: number,
): Told {
  const ownMs = Math.max(responseMs - delay.mean, LINK.leastOwnShare * responseMs)
  const isKnown = belief.variance < CHANGE.widestBelief ** 2
  const expectedMs = isKnown ? Math.exp(belief.mean) : ownMs
  const wholeMs = Math.max(expectedMs + delay.mean, LINK.leastOwnShare * expectedMs)
  const variance = (delayVariance + relative * wholeMs ** 2) / expectedMs ** 2
  return { value: Math.log(ownMs), variance: Math.min(NOISE.mostVariance, variance) }
}

/** The median of a round's samples: one slow response is none. */
export function typical(samples: readonly Told[]): Told {
  const median = (values: readonly number[]) =>
    [...values].sort((a, b) => a - b)[(values.length - 1) >> 1]
  const variance = median(samples.map((sample) => sample.variance)) / samples.length
  return {
    value: median(samples.map((sample) => sample.value)),
    variance: samples.length > 2 ? MEDIAN_VARIANCE * variance : variance,
  }
}

/** By how many deviations it is slower than believed. */
export function surpriseOf({ value, variance }: Told, belief: Normal): number {
  return (value - belief.mean) / Math.sqrt(belief.variance + variance)
}

/** Of a response, if the belief is true; constants left out. */
export function logLikelihood(told: Told, belief: Normal): number {
  return -0.5 * (surpriseOf(told, belief) ** 2 + Math.log(belief.variance + told.variance))
}
