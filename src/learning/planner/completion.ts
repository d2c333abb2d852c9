import { Gains } from './gains.ts'
import type { Instance } from './instance.ts'
import type { Prices } from './problem.ts'
import type { Reduced } from './reduced.ts'

/** What the rows still undecided cost at least, at given prices. */
export class Completion {
  readonly prices: Prices
  private readonly instance: Instance
  /** Entry offset[row] + m: rows from this one on, when rows before it load the same edge with m units. */
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
        size += (row - from) * instance.perUser + 1
      }
    }
    this.table = new Float64Array(size)
    let later = 0
    for (let edge = edges - 1; edge >= 0; edge--) later = this.fillEdge(edge, reduced, later)
  }

  /** Cost of rows from `row` on, prices included; rows before it load the same edge with `edgeUsers` units. */
  from(row: number, edgeUsers: number): number {
    if (row === this.instance.devices) return 0
    return this.table[this.offset[row] + edgeUsers]
  }

  /** @param later what later edges cost @returns the same with this edge */
  private fillEdge(edge: number, reduced: Reduced, later: number): number {
    const { start, perUser, levels } = this.instance
    const { end, cloud } = reduced
    const totals = this.instance.edgeTotals[edge]
    const from = start[edge]
    const to = start[edge + 1]
    /** What the edge gains per unit for the rows so far, descending, and how many units. */
    const perUnitMs: number[] = []
    const units: number[] = []
    const gains = new Gains(this.instance, reduced)
    let outside = later
    for (let row = to - 1; row >= from; row--) {
      let outsideMs = end[row]
      for (const [level, load] of levels.entries()) {
        const cloudMs = cloud[row * levels.length + level] + this.prices.cloudMs * load
        outsideMs = Math.min(outsideMs, cloudMs)
      }
      outside += outsideMs
      gains.look(row, outsideMs)
      for (let i = 0; i < gains.count; i++) {
        const gain = gains.perUnitMs[i]
        const at = perUnitMs.findLastIndex((other) => other >= gain) + 1
        perUnitMs.splice(at, 0, gain)
        units.splice(at, 0, gains.units[i])
      }
      const gained = summed(perUnitMs, units)
      for (let users = 0; users <= (row - from) * perUser; users++) {
        this.table[this.offset[row] + users] = outside + bestOf(totals, gained, users)
      }
    }
    return to === from ? later : this.table[this.offset[from]]
  }
}

/** What so many units gain at most. Shape [units + 1]. */
function summed(perUnitMs: readonly number[], units: readonly number[]): number[] {
  const gained = [0]
  for (const [segment, gain] of perUnitMs.entries()) {
    for (let unit = 0; unit < units[segment]; unit++) gained.push(gained[gained.length - 1] + gain)
  }
  return gained
}

/** Least total of the edge minus gains, with `users` units already and as many more as are worth it. */
function bestOf(totals: Float64Array, gained: readonly number[], users: number): number {
  let best = totals[users] ?? Infinity
  const most = Math.min(gained.length, totals.length - users)
  for (let more = 1; more < most; more++) best = Math.min(best, totals[users + more] - gained[more])
  return best
}
