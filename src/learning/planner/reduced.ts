/** Each device's cheapest choice at each tier once accuracy has a price: all that bound and descent need of the choices. */
import type { Instance } from './instance.ts'

/** All shapes [devices], in the rows of the instance; times in ms, the price of the accuracy included. */
export interface Reduced {
  /** Price of a hundredth of a percent. */
  accuracyMs: number
  readonly end: Float64Array
  readonly edge: Float64Array
  readonly cloud: Float64Array
  /** Columns of those choices. */
  readonly endColumn: Uint16Array
  readonly edgeColumn: Uint16Array
  readonly cloudColumn: Uint16Array
}

/** Room for the choices of so many devices. */
export function allocateReduced(devices: number): Reduced {
  return {
    accuracyMs: Number.NaN,
    end: new Float64Array(devices),
    edge: new Float64Array(devices),
    cloud: new Float64Array(devices),
    endColumn: new Uint16Array(devices),
    edgeColumn: new Uint16Array(devices),
    cloudColumn: new Uint16Array(devices),
  }
}

/** Fills `into` at this price of a hundredth of a percent, ms; nothing to do when it has that price already. */
export function reduce(instance: Instance, accuracyMs: number, into: Reduced): void {
  if (into.accuracyMs === accuracyMs) return
  into.accuracyMs = accuracyMs
  const { firstEdge, firstCloud, choices } = instance
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
