/** Which devices the table shows, in which order, and under which heads. */
import { TIERS } from '../../src/fleet/placement.ts'
import type { DeviceRow } from '../../src/views/schemas.ts'
import { tierOf } from './words.ts'

/** What a table can be sorted by. */
export type Column = 'name' | 'health' | 'decided' | 'meanMs' | 'requests'

/** What somebody looks for. Empty: everything. */
export interface Looked {
  readonly search: string
  readonly tier: string
  readonly variant: string
  readonly health: string
  readonly column: Column
  readonly isDescending: boolean
  /** Under the site and edge of each device. */
  readonly isGrouped: boolean
}

/** All devices by name, under their edges. */
export const lookAtAll: Looked = {
  search: '',
  tier: '',
  variant: '',
  health: '',
  column: 'name',
  isDescending: false,
  isGrouped: true,
}

/** A line of the table. */
export type Line =
  | { readonly kind: 'group'; readonly title: string; readonly devices: number }
  | { readonly kind: 'device'; readonly row: DeviceRow }

const order = new Intl.Collator('en', { numeric: true })

/** Requests of the newest minute. */
export function requestsOf({ byTier }: DeviceRow): number {
  return TIERS.reduce((sum, tier) => sum + byTier[tier], 0)
}

/** The variant of a choice's first placement. */
export function variantOf(choice: string | undefined): string | undefined {
  return choice?.split('>')[0]?.split('/')[1]
}

/** Those that are looked for. @param devices in order of their names */
export function linesOf(devices: readonly DeviceRow[], looked: Looked): Line[] {
  const found = devices.filter((row) => isLookedFor(row, looked))
  const sorted = looked.column === 'name' ? [...found] : found.toSorted(by(looked.column))
  if (looked.isDescending) sorted.reverse()
  const asLine = (row: DeviceRow): Line => ({ kind: 'device', row })
  if (!looked.isGrouped) return sorted.map(asLine)
  const groups = new Map<string, DeviceRow[]>()
  for (const row of sorted) {
    const title = groupTitle(row)
    groups.set(title, groups.get(title) ?? [])
    groups.get(title)?.push(row)
  }
  return [...groups.keys()].sort(order.compare).flatMap((title): Line[] => {
    const own = groups.get(title) ?? []
    return [{ kind: 'group', title, devices: own.length }, ...own.map(asLine)]
  })
}

/** Where a device stands: its site where it tells one, its edge where it has one. */
function groupTitle({ site, edge }: DeviceRow): string {
  const below = edge === undefined ? 'No edge known' : `Edge ${edge}`
  return site === undefined ? below : `${site} · ${below}`
}

function isLookedFor(row: DeviceRow, { search, tier, variant, health }: Looked): boolean {
  const { name, site = '', edge = '', decided = '' } = row
  const text = `${name} ${site} ${edge} ${decided}`.toLowerCase()
  return (
    text.includes(search.trim().toLowerCase()) &&
    (tier === '' || tierOf(decided) === tier) &&
    (variant === '' || variantOf(decided) === variant) &&
    (health === '' || row.health === health)
  )
}

/** Those without a value come last. */
function by(column: Exclude<Column, 'name'>): (a: DeviceRow, b: DeviceRow) => number {
  switch (column) {
    case 'meanMs':
      return (a, b) => (a.meanMs ?? Infinity) - (b.meanMs ?? Infinity)
    case 'requests':
      return (a, b) => requestsOf(a) - requestsOf(b)
    case 'health':
      return (a, b) => order.compare(a.health, b.health)
    case 'decided':
      return (a, b) =>
        Number(a.decided === undefined) - Number(b.decided === undefined) ||
        order.compare(a.decided ?? '', b.decided ?? '')
  }
}
