import { TIERS, type Tier } from '../../../src/fleet/placement.ts'

/** A bar in the tiers' colours: how requests divide among them. */
export function Split({ byTier }: { readonly byTier: Readonly<Record<Tier, number>> }) {
  return (
    <span class="split" aria-hidden="true">
      {TIERS.map((tier) => (
        <i key={tier} class={`tier-${tier}`} style={{ flexGrow: byTier[tier] }} />
      ))}
    </span>
  )
}
