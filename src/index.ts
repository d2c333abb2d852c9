export * from './errors.ts'
export { formatPlacement, parsePlacement, type Placement, TIERS, type Tier } from './placement.ts'
