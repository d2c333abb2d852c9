/** What is believed before anything is observed. Nothing here knows a name, or a constant of any fleet. */
import { sum } from 'simple-statistics'
import type { VariantFacts } from '../../../fleet/choice.ts'
import { CHANGE, LINK, LOCAL, TOLD } from './constants.ts'
import type { DelayPrior } from './delays.ts'
import type { GroupPrior } from './local-times.ts'

/** Logarithm of each variant's size less their mean; 0 where nobody has counted it. Shape [variants]. */
export function relativeSizes(variants: readonly VariantFacts[]): number[] {
  const logs = variants.flatMap(({ megaMacs }) => (megaMacs ? Math.log(megaMacs) : []))
  const mean = sum(logs) / Math.max(1, logs.length)
  return variants.map(({ megaMacs }) => (megaMacs ? Math.log(megaMacs) - mean : 0))
}

/** Variants of one precision share a number, from 0; those of unknown precision are one family. Shape [variants]. */
export function familiesOf(variants: readonly VariantFacts[]): number[] {
  const known = [...new Set(variants.map(({ precision }) => precision))]
  return variants.map(({ precision }) => known.indexOf(precision))
}

/** Of devices that told nothing of themselves. */
export function localPrior(variants: readonly VariantFacts[]): GroupPrior {
  const { level, slope, variantDeviation, speedDeviation, familyDeviation, pairDeviation } = LOCAL
  const sizes = relativeSizes(variants)
  return {
    means: Float64Array.from(sizes, (size) => level.mean + slope.mean * size),
    covariance: covarianceOf(sizes, level.deviation, slope.deviation, variantDeviation),
    spread: spreadOf(speedDeviation, familyDeviation, pairDeviation),
  }
}

/**
 * Of devices that told their own times: what a response takes beyond them.
 * @param told logarithms of what they told less each device's mean, averaged over them. Shape [variants]
 */
export function toldPrior(told: readonly number[]): GroupPrior {
  const { levelDeviation, slopeDeviation, variantDeviation } = TOLD
  const { speedDeviation, familyDeviation, pairDeviation } = TOLD
  return {
    means: new Float64Array(told.length),
    covariance: covarianceOf(told, levelDeviation, slopeDeviation, variantDeviation),
    spread: spreadOf(speedDeviation, familyDeviation, pairDeviation),
  }
}

/** level² 11ᵀ + slope² x xᵀ + variant² I */
function covarianceOf(
  x: readonly number[],
  level: number,
  slope: number,
  variant: number,
): Float64Array {
  return Float64Array.from(
    x.flatMap((a, i) =>
      x.map((b, j) => level ** 2 + slope ** 2 * a * b + (i === j ? variant ** 2 : 0)),
    ),
  )
}

function spreadOf(speed: number, family: number, pair: number) {
  return { speed: speed ** 2, family: family ** 2, pair: pair ** 2 }
}

/**
 * Of the delay of one choice while links are as `links` says: bit 0 the device's is Weak, bit 1 its edge's, bit 2 the cloud's.
 * @param kind reference: its regular delay counts as the node's own time. escalation: only what follows a first answer
 */
export function delayPrior(links: number, kind: 'reference' | 'other' | 'escalation'): DelayPrior {
  const weak = (links & 1) + ((links >> 1) & 1) + ((links >> 2) & 1)
  const other = {
    reference: 0,
    other: LINK.otherVariantDeviation,
    escalation: LINK.escalationDeviation,
  }[kind]
  return {
    mean: LINK.weak.mean * weak,
    deviation: Math.sqrt(weak * LINK.weak.deviation ** 2 + other ** 2),
    spread: LINK.spread,
  }
}

/** How much the logarithm of a time rises from one processor state to another (see `StateLayout`), about: more load, more time. */
export function stateShift(from: number, to: number): number {
  return CHANGE.levelSlope * ((to >> 1) - (from >> 1))
}
