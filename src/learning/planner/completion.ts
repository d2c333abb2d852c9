import type { Instance } from './instance.ts'
import type { Prices } from './problem.ts'
import type { Reduced } from './reduced.ts'

/** What the rows still undecided cost at least, at given prices. */
export class Completion {
  readonly prices: Prices
  private readonly instance: Instance
  private readonly mostCloudUnits: number
  /** Entry offset[row] + m: rows from this one on, when rows before it load the same edge with m units. */
  private readonly table: Float64Array
  /** Shape [devices]. */
  private readonly offset: Int32Array

  /**
   * @param reduced at the accuracy price of `prices`
   * @param mostCloudUnits no row may load the cloud with more
   */
  constructor(instance: Instance, reduced: Reduced, prices: Prices, mostCloudUnits = Infinity) {
    this.instance = instance
    this.prices = prices
    this.mostCloudUnits = mostCloudUnits
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
    const { end, edge: atEdge, cloud } = reduced
    const count = levels.length
    const totals = this.instance.edgeTotals[edge]
    const from = start[edge]
    const to = start[edge + 1]
    const gained = perUser === 1 ? new GainedByUsers() : new GainedByUnits(this.instance)
    let outside = later
    for (let row = to - 1; row >= from; row--) {
      let outsideMs = end[row]
      for (let level = 0; level < count && levels[level] <= this.mostCloudUnits; level++) {
        const cloudMs = cloud[row * count + level] + this.prices.cloudMs * levels[level]
        outsideMs = Math.min(outsideMs, cloudMs)
      }
      outside += outsideMs
      gained.add(atEdge.subarray(row * count, (row + 1) * count), outsideMs)
      for (let users = 0; users <= (row - from) * perUser; users++) {
        this.table[this.offset[row] + users] = outside + bestOf(totals, gained.most, users)
      }
    }
    return to === from ? later : this.table[this.offset[from]]
  }
}

/** What an edge gains for rows at most, where every load is one. */
class GainedByUsers {
  /** By number of users; one for each row is possible. Shape [rows + 1]. */
  most: number[] = [0]
  /** Descending. */
  private readonly gains: number[] = []

  add([edgeMs]: Float64Array, outsideMs: number): void {
    const gain = outsideMs - edgeMs
    this.gains.splice(this.gains.findLastIndex((other) => other >= gain) + 1, 0, gain)
    this.most = [0]
    let sum = 0
    for (const one of this.gains) {
      sum += one
      this.most.push(sum)
    }
  }
}

/** The same by units of load. */
class GainedByUnits {
  /** -Infinity for what no loads add up to. Shape [units + 1]. */
  most: number[] = [0]
  private readonly instance: Pick<Instance, 'levels' | 'closedMs'>

  constructor(instance: Pick<Instance, 'levels' | 'closedMs'>) {
    this.instance = instance
  }

  add(edgeMs: Float64Array, outsideMs: number): void {
    const { levels, closedMs } = this.instance
    const before = this.most
    const most = [...before, ...Array<number>(Math.max(...levels)).fill(-Infinity)]
    for (const [level, units] of levels.entries()) {
      if (edgeMs[level] >= closedMs) continue
      const gain = outsideMs - edgeMs[level]
      for (const [load, gained] of before.entries()) {
        if (gained + gain > most[load + units]) most[load + units] = gained + gain
      }
    }
    this.most = most
  }
}

/** Least total of the edge minus gains, with `users` units already and as many more as are worth it. */
function bestOf(totals: Float64Array, gained: readonly number[], users: number): number {
  let best = totals[users] ?? Infinity
  const most = Math.min(gained.length, totals.length - users)
  for (let more = 1; more < most; more++) best = Math.min(best, totals[users + more] - gained[more])
  return best
}
