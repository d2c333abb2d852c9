/** What a device may do with a request: every variant on the device itself, the most accurate one on edge and cloud. */
import type { Choice } from '../learning/environment/environment.ts'
import type { Catalogue, Variant } from '../serving/catalogue.ts'

/** The variant that shared tiers always use (HL paper, section II-B). */
export function mostAccurate(catalogue: Catalogue): Variant {
  return catalogue.variants.reduce((best, variant) =>
    variant.accuracyPercent > best.accuracyPercent ? variant : best,
  )
}

/** Shape [variants + 2]; the action space of the HL paper, section II-B(b). */
export function choicesOf(catalogue: Catalogue): Choice[] {
  const local = catalogue.variants.map(({ name, accuracyPercent }) => ({
    placement: { tier: 'end' as const, variant: name },
    accuracyPercent,
  }))
  const { name, accuracyPercent } = mostAccurate(catalogue)
  const shared = (['edge', 'cloud'] as const).map((tier) => ({
    placement: { tier, variant: name },
    accuracyPercent,
  }))
  return [...local, ...shared]
}
