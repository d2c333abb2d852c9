import type { Assignment } from './assignment.ts'
import type { Completion } from './completion.ts'
import type { Instance } from './instance.ts'

/** Label of the empty decision. */
const ROOT = 0
/** Room for labels at first. */
const FEWEST = 256

interface Goal {
  /** Prices that suit the number of cloud users. */
  readonly completion: Completion
  /** At the end. */
  readonly cloudUsers: number
  /** Total of the best decision known. */
  readonly bestMs: number
}

/**
 * The exact search: label-setting dynamic programming over the devices, edge after edge. A label is what matters of a partial
 * decision: users of the current edge, users of the cloud, hundredths lost, cost. Of equal labels the cheapest stays; a label goes
 * when the best completion that its prices allow is not below the best decision known. The number of cloud users at the end is
 * given, so the cloud costs what it costs; the caller searches every number that can still be best.
 */
export class LabelSearch {
  private readonly instance: Instance
  private left: number
  /** Columns worth trying, by row: at each tier those that no other beats on cost and loss. Shape [devices][..]. */
  private readonly candidates: readonly Uint16Array[]
  /** Fewest hundredths that rows from here on lose. Shape [devices + 1]. */
  private readonly leastLost: Float64Array
  private labels = 0
  /** Of every label. They grow together. */
  private cost = new Float64Array(FEWEST)
  private parent = new Int32Array(FEWEST)
  private column = new Uint16Array(FEWEST)
  private edgeUsers = new Int32Array(FEWEST)
  private cloudUsers = new Int32Array(FEWEST)
  private lost = new Int32Array(FEWEST)
  /** Of the stage under construction: label by state. */
  private readonly byState = new Map<number, number>()

  /** @param most labels in all searches together */
  constructor(instance: Instance, most: number) {
    this.instance = instance
    this.left = most
    this.candidates = Array.from({ length: instance.devices }, (_, row) => unbeaten(instance, row))
    this.leastLost = new Float64Array(instance.devices + 1)
    for (let row = instance.devices - 1; row >= 0; row--) {
      const columns = this.candidates[row]
      const least = columns.reduce((low, column) => Math.min(low, instance.loss[column]), 1e9)
      this.leastLost[row] = this.leastLost[row + 1] + least
    }
  }

  /**
   * @param best replaced if a better decision is found
   * @returns its total, or that of the best known; 'capped' when there were too many labels to tell
   */
  search(goal: Goal, best: Assignment): number | 'capped' {
    const { instance } = this
    this.labels = 1
    this.cost[ROOT] = instance.cloudTotals[goal.cloudUsers]
    let from = ROOT
    for (let edge = 0; edge < instance.edges; edge++) {
      for (let row = instance.start[edge]; row < instance.start[edge + 1]; row++) {
        const to = this.labels
        this.byState.clear()
        for (let label = from; label < to; label++) {
          if (!this.extend(label, row, edge, goal)) return 'capped'
        }
        if (this.labels === to) return goal.bestMs
        this.dropBeaten()
        from = to
      }
    }
    return this.trace(from, goal.bestMs, best)
  }

  /** Adds a label for every choice of the row that can still lead to a better decision. @returns false without room for them */
  private extend(
    label: number,
    row: number,
    edge: number,
    { completion, cloudUsers: target, bestMs }: Goal,
  ): boolean {
    const { instance, leastLost } = this
    const { choices, own, loss, firstEdge, firstCloud, budget, devices } = instance
    const { accuracyMs, cloudMs } = completion.prices
    const totals = instance.edgeTotals[edge]
    const isLast = row + 1 === instance.start[edge + 1]
    const limitMs = lessThan(bestMs) + accuracyMs * budget + cloudMs * target
    for (const column of this.candidates[row]) {
      const lost = this.lost[label] + loss[column]
      if (lost + leastLost[row + 1] > budget) continue
      const cloudUsers = this.cloudUsers[label] + Number(column >= firstCloud)
      if (cloudUsers > target || cloudUsers + devices - row - 1 < target) continue
      let edgeUsers = this.edgeUsers[label] + Number(column >= firstEdge && column < firstCloud)
      if (edgeUsers >= totals.length) continue
      let cost = this.cost[label] + own[row * choices + column]
      if (isLast) {
        cost += totals[edgeUsers]
        edgeUsers = 0
      }
      const priced = cost + accuracyMs * lost + cloudMs * cloudUsers
      if (priced + completion.from(row + 1, edgeUsers) >= limitMs) continue
      const state = (edgeUsers * (devices + 1) + cloudUsers) * (budget + 1) + lost
      const known = this.byState.get(state)
      if (known !== undefined && this.cost[known] <= cost) continue
      if (known === undefined && this.left-- === 0) return false
      const added = known ?? this.labels++
      if (added === this.cost.length) this.grow()
      this.byState.set(state, added)
      this.cost[added] = cost
      this.parent[added] = label
      this.column[added] = column
      this.edgeUsers[added] = edgeUsers
      this.cloudUsers[added] = cloudUsers
      this.lost[added] = lost
    }
    return true
  }

  /** Of the stage's labels with the same users, those that another beats on both cost and loss lead nowhere better. */
  private dropBeaten(): void {
    let users = -1
    let leastMs = Number.POSITIVE_INFINITY
    for (const state of Float64Array.from(this.byState.keys()).sort()) {
      const label = this.byState.get(state) as number
      const usersOfState = Math.floor(state / (this.instance.budget + 1))
      if (usersOfState !== users) leastMs = Number.POSITIVE_INFINITY
      users = usersOfState
      const costMs = this.cost[label]
      if (costMs >= leastMs) this.cost[label] = Number.POSITIVE_INFINITY
      else leastMs = costMs
    }
  }

  private grow(): void {
    const size = 2 * this.cost.length
    this.cost = extended(new Float64Array(size), this.cost)
    this.parent = extended(new Int32Array(size), this.parent)
    this.column = extended(new Uint16Array(size), this.column)
    this.edgeUsers = extended(new Int32Array(size), this.edgeUsers)
    this.cloudUsers = extended(new Int32Array(size), this.cloudUsers)
    this.lost = extended(new Int32Array(size), this.lost)
  }

  /** Takes the cheapest of the labels from `from` on, all complete, as the best decision if it is better. */
  private trace(from: number, bestMs: number, best: Assignment): number {
    let cheapest = from
    for (let label = from; label < this.labels; label++) {
      if (this.cost[label] < this.cost[cheapest]) cheapest = label
    }
    // What a label loses less than it may counts for its bound, not for its cost.
    if (this.cost[cheapest] >= bestMs) return bestMs
    const columns = new Uint16Array(this.instance.devices)
    for (let row = columns.length - 1, label = cheapest; row >= 0; row--) {
      columns[row] = this.column[label]
      label = this.parent[label]
    }
    best.take(columns)
    return best.totalMs
  }
}

/** What a decision must cost to be better than rounding alone may make it. */
export function lessThan(bestMs: number): number {
  return bestMs === Number.POSITIVE_INFINITY ? bestMs : bestMs - 1e-10 * Math.abs(bestMs)
}

function extended<Values extends Float64Array | Int32Array | Uint16Array>(
  larger: Values,
  values: Values,
): Values {
  larger.set(values)
  return larger
}

/** The open columns of a row that no other of the same tier beats on both cost and loss. */
function unbeaten(
  { choices, own, closedMs, loss, firstEdge, firstCloud }: Instance,
  row: number,
): Uint16Array {
  const tierOf = (column: number) => Number(column >= firstEdge) + Number(column >= firstCloud)
  const ownOf = (column: number) => own[row * choices + column]
  const open = Array.from({ length: choices }, (_, column) => column).filter(
    (column) => ownOf(column) !== closedMs,
  )
  const lossOf = (column: number) => loss[column]
  const beats = (one: number, other: number) =>
    tierOf(one) === tierOf(other) &&
    ownOf(one) <= ownOf(other) &&
    lossOf(one) <= lossOf(other) &&
    (ownOf(one) < ownOf(other) || lossOf(one) < lossOf(other) || one < other)
  return Uint16Array.from(open.filter((column) => !open.some((other) => beats(other, column))))
}
