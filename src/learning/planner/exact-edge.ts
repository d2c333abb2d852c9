import type { Instance } from './instance.ts'
import type { Reduced } from './reduced.ts'

/**
 * One edge's part of the relaxation where loads are fractions and devices few: dynamic programming over the units, device after device,
 * so that nothing of it is relaxed.
 */
export class ExactEdge {
  private readonly instance: Instance
  private readonly reduced: Reduced
  /** Least change by units so far. Shape [units + 1]. */
  private cost = new Float64Array(0)
  private next = new Float64Array(0)
  /** What each row then does, as `usesEdge` says it. Shape [rows, units + 1]. */
  private taken = new Uint8Array(0)

  constructor(instance: Instance, reduced: Reduced) {
    this.instance = instance
    this.reduced = reduced
  }

  /** As `FractionalEdge.solve`, but no device is split. */
  solve(
    from: number,
    to: number,
    curve: Float64Array,
    outside: Float64Array,
    usesEdge: Uint8Array,
  ): number {
    const most = curve.length - 1
    this.allocate((to - from) * (most + 1), most + 1)
    this.cost.fill(Infinity)
    this.cost[0] = 0
    for (let row = from; row < to; row++)
      this.add(row, outside[row], (row - from) * (most + 1), most)
    let best = Infinity
    let units = 0
    for (let u = 0; u <= most; u++) {
      const value = this.cost[u] + curve[u]
      if (value >= best) continue
      best = value
      units = u
    }
    for (let row = to - 1; row >= from; row--) {
      usesEdge[row] = this.taken[(row - from) * (most + 1) + units]
      if (usesEdge[row] > 0) units -= this.instance.levels[usesEdge[row] - 1]
    }
    return best
  }

  private allocate(cells: number, units: number): void {
    if (this.taken.length < cells) this.taken = new Uint8Array(cells)
    if (this.cost.length === units) return
    this.cost = new Float64Array(units)
    this.next = new Float64Array(units)
  }

  private add(row: number, outsideMs: number, offset: number, most: number): void {
    const { cost, next, taken } = this
    const { levels, closedMs } = this.instance
    const { edge } = this.reduced
    next.set(cost)
    taken.fill(0, offset, offset + most + 1)
    for (let level = 0; level < levels.length; level++) {
      const costMs = edge[row * levels.length + level]
      if (costMs >= closedMs) continue
      const units = levels[level]
      const changeMs = costMs - outsideMs
      for (let u = units; u <= most; u++) {
        const changed = cost[u - units] + changeMs
        if (changed >= next[u]) continue
        next[u] = changed
        taken[offset + u] = level + 1
      }
    }
    this.cost = next
    this.next = cost
  }
}
