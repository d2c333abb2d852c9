import type { Instance } from './instance.ts'
import type { Prices } from './problem.ts'
import type { Reduced } from './reduced.ts'

/** What the rows still undecided cost at least, at given prices. */
export class Completion {
  readonly prices: Prices
  private readonly instance: Instance
  /** Entry offset[row] + m: rows from this one on, when m rows before it use the same edge. */
  private readonly table: Float64Array
  /** Shape [devices]. */
  private readonly offset: Int32Array

  /** @param reduced at the accuracy price of `prices` */
  constructor(instance: Instance, reduced: Reduced, prices: Prices) {
    this.instance = instance
    this.prices = prices
    const { devices, edges, start } = instance
    this.offset = new Int32Array(devices)
    let size = 0
    for (let edge = 0; edge < edges; edge++) {
      const from = start[edge]
      for (let row = from; row < start[edge + 1]; row++) {
        this.offset[row] = size
        size += row - from + 1
      }
    }
    this.table = new Float64Array(size)
    let later = 0
    for (let edge = edges - 1; edge >= 0; edge--) later = this.fillEdge(edge, reduced, later)
  }

  /** Cost of rows from `row` on, prices included; `edgeUsers` rows before it use the same edge. */
  from(row: number, edgeUsers: number): number {
    if (row === this.instance.devices) return 0
    return this.table[this.offset[row] + edgeUsers]
  }

  /** @param later what later edges cost @returns the same with this edge */
  private fillEdge(edge: number, { end, edge: atEdge, cloud }: Reduced, later: number): number {
    const { start } = this.instance
    const totals = this.instance.edgeTotals[edge]
    const from = start[edge]
    const to = start[edge + 1]
    /** What the edge gains for the rows so far, descending. */
    const gains = new Float64Array(to - from)
    let outside = later
    for (let row = to - 1; row >= from; row--) {
      const outsideMs = Math.min(end[row], cloud[row] + this.prices.cloudMs)
      outside += outsideMs
      let at = to - 1 - row
      const gain = outsideMs - atEdge[row]
      while (at > 0 && gains[at - 1] < gain) {
        gains[at] = gains[at - 1]
        at--
      }
      gains[at] = gain
      for (let users = 0; users <= row - from; users++) {
        this.table[this.offset[row] + users] = outside + bestOf(totals, gains, to - row, users)
      }
    }
    return to === from ? later : this.table[this.offset[from]]
  }
}

/** Least total of the edge minus gains, with `users` users already and as many of the first `count` gains as are worth it. */
function bestOf(totals: Float64Array, gains: Float64Array, count: number, users: number): number {
  let best = totals[users] ?? Infinity
  let gained = 0
  const most = Math.min(count, totals.length - 1 - users)
  for (let more = 1; more <= most; more++) {
    gained += gains[more - 1]
    best = Math.min(best, totals[users + more] - gained)
  }
  return best
}
