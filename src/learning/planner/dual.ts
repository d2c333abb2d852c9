import { ExactEdge } from './exact-edge.ts'
import { FractionalEdge, type Split } from './fractional-edge.ts'
import type { Instance } from './instance.ts'
import { allocateReduced, type Reduced, reduce } from './reduced.ts'

/** Up to so many values, insertion beats the engine's sort. */
const FEW = 48
/** Up to so many devices an edge's part is exact where loads are fractions. */
const FEW_DEVICES = 50

/**
 * The Lagrangian relaxation. Accuracy and each user of the cloud get prices (accuracyMs = λ >= 0, cloudMs = μ); then each edge
 * is a problem of its own, solved exactly for any curve:
 *
 *     l_i = cheapest at the device   q_i = min(l_i, cloud_i + μ)   v_i = q_i - edge_i      (all with λ · loss in them)
 *     R(λ, μ) = sum_i q_i + sum_e min_m [G_e(m) - the m largest v_i on e] - λ · budget
 *
 * R is concave, (loss - budget, cloud users) a supergradient. Whatever meets the goal with M cloud users costs at least
 * R(λ, μ) - μ M + G_cloud(M).
 *
 * With fractions of users, m and M are units of load, μ a unit's price, and of each load a device takes its cheapest choice; an edge's
 * part is then relaxed too (`fractional-edge.ts`) unless there are few devices (`exact-edge.ts`).
 */
export class Dual {
  readonly instance: Instance
  /** At the last accuracy price. */
  readonly reduced: Reduced
  /** 0 where the last evaluation does not use the edge, else 1 + the level of the load. Shape [devices]. */
  readonly usesEdge: Uint8Array
  /** Of the last evaluation: R and its supergradient; a device that is split counts with both its parts. */
  value = 0
  accuracySlope = 0
  cloudUsers = 0
  /** v, shape [devices]. */
  private readonly gain: Float64Array
  /** The gains of one edge, descending. */
  private readonly sorted: Float64Array
  /** Least cost without the edge, shape [devices]; where loads are fractions. */
  private readonly outsideMs: Float64Array
  private readonly fractional: FractionalEdge | ExactEdge | undefined
  /** Largest load of the cloud that a device may take in the last evaluation, in units. */
  private mostCloudUnits = Infinity

  constructor(instance: Instance) {
    this.instance = instance
    this.reduced = allocateReduced(instance.devices, instance.levels.length)
    this.usesEdge = new Uint8Array(instance.devices)
    this.gain = new Float64Array(instance.devices)
    let largest = 0
    for (let edge = 0; edge < instance.edges; edge++) {
      const size = instance.start[edge + 1] - instance.start[edge]
      largest = Math.max(largest, size)
    }
    this.sorted = new Float64Array(largest)
    this.outsideMs = new Float64Array(instance.perUser === 1 ? 0 : instance.devices)
    if (instance.perUser > 1) {
      this.fractional =
        instance.devices <= FEW_DEVICES
          ? new ExactEdge(instance, this.reduced)
          : new FractionalEdge(instance, this.reduced, largest)
    }
  }

  /** @param mostCloudUnits no device may load the cloud with more: what R is then holds for no more cloud users than that */
  evaluate(accuracyMs: number, cloudMs: number, mostCloudUnits = Infinity): void {
    const { instance, reduced } = this
    this.mostCloudUnits = mostCloudUnits
    reduce(instance, accuracyMs, reduced)
    const { edges, start, edgeTotals, budget } = instance
    const { fractional, usesEdge, outsideMs } = this
    const splits: Split[] = []
    let value = this.outside(cloudMs) - accuracyMs * budget
    for (let edge = 0; edge < edges; edge++) {
      const from = start[edge]
      const to = start[edge + 1]
      if (to === from) continue
      if (fractional) {
        value += fractional.solve(from, to, edgeTotals[edge], outsideMs, usesEdge)
        if ('split' in fractional && fractional.split) splits.push(fractional.split)
      } else value += this.solveEdge(from, to, edgeTotals[edge])
    }
    this.value = value
    if (fractional) this.countUnits(cloudMs, splits)
    else this.countUsers(cloudMs)
  }

  /** The supergradient where every load is whole. */
  private countUsers(cloudMs: number): void {
    const { end, cloud, endColumn, edgeColumn, cloudColumn } = this.reduced
    const { devices, loss, budget } = this.instance
    let lost = 0
    let cloudUsers = 0
    for (let row = 0; row < devices; row++) {
      if (this.usesEdge[row] === 1) {
        lost += loss[edgeColumn[row]]
      } else if (cloud[row] + cloudMs < end[row]) {
        lost += loss[cloudColumn[row]]
        cloudUsers++
      } else {
        lost += loss[endColumn[row]]
      }
    }
    this.accuracySlope = lost - budget
    this.cloudUsers = cloudUsers
  }

  /** The same for fractions. */
  private countUnits(cloudMs: number, splits: readonly Split[]): void {
    const { devices, choices, loss, load, firstCloud, budget } = this.instance
    let lost = 0
    let cloudUsers = 0
    const add = (row: number, column: number, share: number) => {
      lost += share * loss[column]
      if (column >= firstCloud) cloudUsers += share * load[row * choices + column]
    }
    for (let row = 0; row < devices; row++) add(row, this.columnOf(row, cloudMs), 1)
    for (const { row, from, to, share } of splits) {
      add(row, this.columnAt(row, to, cloudMs), share)
      add(row, this.columnAt(row, from, cloudMs), -share)
    }
    this.accuracySlope = lost - budget
    this.cloudUsers = cloudUsers
  }

  /** The column that the last evaluation gives a row. */
  columnOf(row: number, cloudMs: number): number {
    return this.columnAt(row, this.usesEdge[row], cloudMs)
  }

  /** @param uses as `usesEdge` */
  private columnAt(row: number, uses: number, cloudMs: number): number {
    const { end, cloud, endColumn, edgeColumn, cloudColumn } = this.reduced
    const { levels } = this.instance
    const first = row * levels.length
    if (uses > 0) return edgeColumn[first + uses - 1]
    let column = endColumn[row]
    let least = end[row]
    for (let level = 0; level < levels.length; level++) {
      const costMs = cloud[first + level] + cloudMs * levels[level]
      if (costMs >= least || levels[level] > this.mostCloudUnits) continue
      least = costMs
      column = cloudColumn[first + level]
    }
    return column
  }

  /** @returns the sum of q; leaves v in `gain`, or q in `outsideMs` where loads are fractions */
  private outside(cloudMs: number): number {
    const { gain, outsideMs, fractional } = this
    const { end, edge, cloud } = this.reduced
    const { levels } = this.instance
    const count = levels.length
    let sum = 0
    for (let row = 0; row < gain.length; row++) {
      if (!fractional) {
        const outside = Math.min(end[row], cloud[row] + cloudMs)
        sum += outside
        gain[row] = outside - edge[row]
        continue
      }
      let least = end[row]
      for (let level = 0; level < count; level++) {
        if (levels[level] > this.mostCloudUnits) break
        least = Math.min(least, cloud[row * count + level] + cloudMs * levels[level])
      }
      sum += least
      outsideMs[row] = least
    }
    return sum
  }

  /** Chooses the best users of one edge. @returns what they change */
  private solveEdge(from: number, to: number, curve: Float64Array): number {
    const { gain, sorted, usesEdge } = this
    sortDescending(gain, from, to, sorted)
    let best = 0
    let users = 0
    let gained = 0
    for (let m = 1; m < curve.length; m++) {
      gained += sorted[m - 1]
      const value = curve[m] - gained
      if (value < best) {
        best = value
        users = m
      }
    }
    const least = users === 0 ? Infinity : sorted[users - 1]
    /** Of equals, only so many. */
    let equals = users
    for (let m = 0; m < users && sorted[m] > least; m++) equals--
    for (let row = from; row < to; row++) {
      const own = gain[row]
      if (own > least) usesEdge[row] = 1
      else if (own === least && equals > 0) {
        usesEdge[row] = 1
        equals--
      } else usesEdge[row] = 0
    }
    return best
  }
}

/** Copies values [from, to) into `sorted` [to - from], highest first. */
export function sortDescending(
  values: Float64Array,
  from: number,
  to: number,
  sorted: Float64Array,
): void {
  const count = to - from
  if (count > FEW) {
    const part = sorted.subarray(0, count)
    for (let i = 0; i < count; i++) part[i] = -values[from + i]
    part.sort()
    for (let i = 0; i < count; i++) part[i] = -part[i]
    return
  }
  for (let i = 0; i < count; i++) {
    const value = values[from + i]
    let at = i
    while (at > 0 && sorted[at - 1] < value) {
      sorted[at] = sorted[at - 1]
      at--
    }
    sorted[at] = value
  }
}
