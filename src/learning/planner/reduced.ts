/** Each device's cheapest choice at each tier and load once accuracy has a price: all that bound and descent need of the choices. */
import type { Instance } from './instance.ts'

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
  const { firstEdge, firstCloud, choices, levels } = instance
  const cheapestAt = levels.length === 1 ? cheapest : cheapestByLevel
  cheapest(instance, accuracyMs, 0, firstEdge, into.end, into.endColumn)
  cheapestAt(instance, accuracyMs, firstEdge, firstCloud, into.edge, into.edgeColumn)
  cheapestAt(instance, accuracyMs, firstCloud, choices, into.cloud, into.cloudColumn)
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

/** The same for every load by itself. */
function cheapestByLevel(
  { devices, choices, own, closedMs, loss, load, levels }: Instance,
  accuracyMs: number,
  from: number,
  to: number,
  least: Float64Array,
  columns: Uint16Array,
): void {
  const levelOf = new Uint8Array(256)
  for (const [level, units] of levels.entries()) levelOf[units] = level
  const count = levels.length
  least.fill(closedMs)
  columns.fill(from)
  for (let row = 0; row < devices; row++) {
    const offset = row * choices
    for (let column = from; column < to; column++) {
      const ownMs = own[offset + column]
      if (ownMs === closedMs) continue
      const cost = ownMs + accuracyMs * loss[column]
      const at = row * count + levelOf[load[offset + column]]
      if (cost >= least[at]) continue
      least[at] = cost
      columns[at] = column
    }
  }
}
