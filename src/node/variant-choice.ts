/** Which local variant serves when no decision says so. */
import { mostAccurate } from '../fleet/choice.ts'
import type { Catalogue, Variant } from '../serving/models/catalogue.ts'

/**
 * The fastest local variant that keeps the fleet's average accuracy at its goal.
 * Variants not measured yet count as slower than measured ones, and among themselves as slower the more accurate
 * they are (in Table III of the HL paper fewer multiply-accumulates mean less accuracy).
 * @param leastAccuracyPercent of the decision; when no variant reaches it, the most accurate is chosen
 * @param medianMs measured time of a variant on this node
 */
export function fallbackVariant(
  catalogue: Pick<Catalogue, 'variants'>,
  leastAccuracyPercent: number,
  medianMs: (variant: string) => number | undefined,
): Variant {
  const speed = (variant: Variant) => medianMs(variant.name) ?? Infinity
  const [fastest] = catalogue.variants
    .filter((variant) => variant.accuracyPercent >= leastAccuracyPercent)
    .toSorted(
      (a, b) => compare(speed(a), speed(b)) || compare(a.accuracyPercent, b.accuracyPercent),
    )
  return fastest ?? mostAccurate(catalogue.variants)
}

/** Unlike a difference, right for two infinities. */
function compare(a: number, b: number): number {
  return a < b ? -1 : a > b ? 1 : 0
}
