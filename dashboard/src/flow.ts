/** Requests on their way, as the page draws them: a sample of what was answered since the last drawing. */
import type { Tier } from '../../src/fleet/placement.ts'
import type { FleetView } from './fleet.ts'

/** One request that is drawn. */
export interface Flow {
  /** Unique: device and its request number. */
  readonly key: string
  readonly device: string
  readonly tier: Tier
  readonly failed: boolean
}

/** Drawings that a flow stays for: about as long as its animation. */
const LIFETIME = 5

/** What is drawn, and what was counted so far. */
export interface Flows {
  /** Request counts by device at the last drawing. */
  readonly counts: ReadonlyMap<string, number>
  /** Newest last: one list for each of the last `LIFETIME` drawings. */
  readonly drawings: readonly (readonly Flow[])[]
}

/** Before the first drawing. */
export const noFlows: Flows = { counts: new Map(), drawings: [] }

/** Adds one flow for every device that was answered since the last drawing, and lets the oldest go. */
export function nextFlows({ counts, drawings }: Flows, fleet: FleetView): Flows {
  const fresh: Flow[] = []
  for (const [device, { served, requests, failed }] of fleet.devices) {
    if (served === undefined || requests === (counts.get(device) ?? 0)) continue
    fresh.push({ key: `${device}/${requests}`, device, tier: served.tier, failed })
  }
  return {
    counts: new Map([...fleet.devices].map(([device, { requests }]) => [device, requests])),
    drawings: [...drawings.slice(1 - LIFETIME), fresh],
  }
}
