import { InvalidInputError } from '../errors.ts'

/** The three layers (S, E, C) of the HL paper, section II-A. */
export const TIERS = ['end', 'edge', 'cloud'] as const
/** A layer. */
export type Tier = (typeof TIERS)[number]

/** One device's part of a decision: where its request runs and which variant serves it. Written `edge/d0`. */
export interface Placement {
  readonly tier: Tier
  /** A variant of the model catalogue: `d0` … `d7`. */
  readonly variant: string
}

function isTier(text: string): text is Tier {
  return TIERS.some((tier) => tier === text)
}

/** As `parsePlacement` reads it. */
export function formatPlacement({ tier, variant }: Placement): string {
  return `${tier}/${variant}`
}

/** @throws InvalidInputError when the text is not `<tier>/<variant>` */
export function parsePlacement(text: string): Placement {
  const [tier, variant, ...rest] = text.split('/')
  if (tier !== undefined && isTier(tier) && variant && rest.length === 0) return { tier, variant }
  throw new InvalidInputError(
    `"${text}" is not a placement: write <tier>/<variant>, with tier one of ${TIERS.join(', ')}, as in edge/d0`,
  )
}
