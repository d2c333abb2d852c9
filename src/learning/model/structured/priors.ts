/** What is believed before anything is observed: loosely, that inference takes longer the more it computes. */
import type { Choice, VariantFacts } from '../../../fleet/choice.ts'
import type { DelayPrior } from './delays.ts'
import type { LocalPrior } from './local-times.ts'

/** Size of a variant whose multiply-accumulates nobody has counted. */
const UNKNOWN_MEGA_MACS = 300

/** A lone user's response time at an edge or the cloud. */
export const NODE_MS = 300

/** INT8 has no advantage in the prior: on some devices it has none. @param variants shape [variants] */
export function localPrior(variants: readonly VariantFacts[]): LocalPrior {
  const facts = variants.map(({ megaMacs = UNKNOWN_MEGA_MACS, precision }) => ({
    megaMacs,
    isInt8: precision === 'INT8',
  }))
  const sizes = facts.map(({ megaMacs }) => Math.log(megaMacs / 150) / Math.log(4))
  const covariance = facts.flatMap((a, i) =>
    facts.map((b, j) => {
      const sizesBoth = sizes[i] * sizes[j]
      const int8 = a.isInt8 && b.isInt8 ? 0.4 ** 2 + 0.2 ** 2 * sizesBoth : 0
      return 0.8 ** 2 + 0.4 ** 2 * sizesBoth + int8 + (i === j ? 0.2 ** 2 : 0)
    }),
  )
  return {
    means: Float64Array.from(facts, ({ megaMacs }) => Math.log(50 + 0.5 * megaMacs)),
    covariance: Float64Array.from(covariance),
  }
}

/**
 * Of the delay of one choice while links are as `links` says: bit 0 the device's is Weak, bit 1 its edge's, bit 2 the cloud's.
 * @param isReference the choice whose regular delay counts as the node's own time
 */
export function delayPrior({ placement }: Choice, links: number, isReference: boolean): DelayPrior {
  const isLocal = placement.tier === 'end'
  const meanMs = (links & 1) * (isLocal ? 60 : 80) + (links & 2 ? 20 : 0) + (links & 4 ? 20 : 0)
  const isKnown = links === 0 && isReference
  return { meanMs, deviationMs: isKnown ? 0 : isReference ? 80 : 200, spreadMs: isLocal ? 20 : 25 }
}

/** How much the logarithm of a time rises from one processor state to another (see `StateLayout`). */
export function stateShift(from: number, to: number): number {
  return slowness(to) - slowness(from)
}

function slowness(state: number): number {
  const level = Math.min(8, state >> 1)
  return -Math.log(1 - level / 20) + (state & 1 ? 0.15 : 0)
}
