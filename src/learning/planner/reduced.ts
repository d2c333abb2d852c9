/** Each device's cheapest choice at each tier and load once accuracy has a price: all that bound and descent need of the choices. */
import type { Instance, OpenChoices } from './instance.ts'

/** In the rows of the instance; times in ms, the price of the accuracy included; `closedMs` where a row has no such choice. */
export interface Reduced {
  /** Price of a hundredth of a percent. */
  accuracyMs: number
  /** Shape [devices]. */
  readonly end: Float64Array
  /** Shape [devices, levels]. */
  readonly edge: Float64Array
  readonly cloud: Float64Array
  /** Columns of those choices, in the same shapes. */
  readonly endColumn: Uint16Array
  readonly edgeColumn: Uint16Array
  readonly cloudColumn: Uint16Array
}

/** Room for the choices of so many devices at so many loads. */
export function allocateReduced(devices: number, levels = 1): Reduced {
  return {
    accuracyMs: Number.NaN,
    end: new Float64Array(devices),
    edge: new Float64Array(devices * levels),
    cloud: new Float64Array(devices * levels),
    endColumn: new Uint16Array(devices),
    edgeColumn: new Uint16Array(devices * levels),
    cloudColumn: new Uint16Array(devices * levels),
  }
}

/** Fills `into` at this price of a hundredth of a percent, ms; nothing to do when it has that price already. */
export function reduce(instance: Instance, accuracyMs: number, into: Reduced): void {
  if (into.accuracyMs === accuracyMs) return
  into.accuracyMs = accuracyMs
  const { firstEdge, firstCloud, choices, open } = instance
  if (open) {
    const { end, endColumn, edge, edgeColumn, cloud, cloudColumn } = into
    const { length } = instance.levels
    cheapestOpen(open, accuracyMs, instance.closedMs, 0, 1, end, endColumn)
    cheapestOpen(open, accuracyMs, instance.closedMs, 1, length, edge, edgeColumn)
    cheapestOpen(open, accuracyMs, instance.closedMs, 2, length, cloud, cloudColumn)
    return
  }
  cheapest(instance, accuracyMs, 0, firstEdge, into.end, into.endColumn)
  cheapest(instance, accuracyMs, firstEdge, firstCloud, into.edge, into.edgeColumn)
  cheapest(instance, accuracyMs, firstCloud, choices, into.cloud, into.cloudColumn)
}

/** Among columns [from, to); without any, closed. */
function cheapest(
  { devices, choices, own, closedMs, loss }: Instance,
  accuracyMs: number,
  from: number,
  to: number,
  least: Float64Array,
  columns: Uint16Array,
): void {
  if (from === to) {
    least.fill(closedMs)
    return
  }
  const firstPrice = accuracyMs * loss[from]
  for (let row = 0; row < devices; row++) {
    const offset = row * choices
    let best = own[offset + from] + firstPrice
    let bestColumn = from
    for (let column = from + 1; column < to; column++) {
      const cost = own[offset + column] + accuracyMs * loss[column]
      if (cost < best) {
        best = cost
        bestColumn = column
      }
    }
    least[row] = best
    columns[row] = bestColumn
  }
}

/** Of one tier (0 device, 1 edge, 2 cloud), for every load by itself. @param levels how many there are @param least filled, as is `columns` */
function cheapestOpen(
  { first, own, loss, column, level }: OpenChoices,
  accuracyMs: number,
  closedMs: number,
  tier: number,
  levels: number,
  least: Float64Array,
  columns: Uint16Array,
): void {
  least.fill(closedMs)
  for (let row = 0; 3 * row < first.length - 1; row++) {
    const end = first[3 * row + tier + 1]
    for (let entry = first[3 * row + tier]; entry < end; entry++) {
      const cost = own[entry] + accuracyMs * loss[entry]
      const at = row * levels + level[entry]
      if (cost >= least[at]) continue
      least[at] = cost
      columns[at] = column[entry]
    }
  }
}
