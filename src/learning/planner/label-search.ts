import type { Assignment } from './assignment.ts'
import type { Completion } from './completion.ts'
import type { Instance } from './instance.ts'

/** What matters of a decision for the rows so far. */
interface Label {
  readonly cost: number
  /** Units of the current edge's load; 0 where its rows are done. */
  readonly edgeUsers: number
  readonly cloudUsers: number
  readonly lost: number
  /** The last row's column, and the label of the rows before. */
  readonly column: number
  readonly parent: Label | undefined
}

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
  /** Columns worth trying, by row: at each tier and load those that no other beats on cost and loss. Shape [devices][..]. */
  private readonly candidates: readonly Uint16Array[]
  /** Fewest hundredths that rows from here on lose. Shape [devices + 1]. */
  private readonly leastLost: Float64Array

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
    const cost = instance.cloudTotals[goal.cloudUsers]
    const root = { cost, edgeUsers: 0, cloudUsers: 0, lost: 0, column: 0, parent: undefined }
    let labels: readonly Label[] = [root]
    for (let edge = 0; edge < instance.edges; edge++) {
      for (let row = instance.start[edge]; row < instance.start[edge + 1]; row++) {
        const byState = new Map<number, Label>()
        for (const label of labels) {
          if (!this.extend(label, row, edge, goal, byState)) return 'capped'
        }
        if (byState.size === 0) return goal.bestMs
        labels = this.unbeatenOf(byState)
      }
    }
    return trace(labels, goal.bestMs, best)
  }

  /** Adds a label for every choice of the row that can still lead to a better decision. @returns false without room for them */
  private extend(
    parent: Label,
    row: number,
    edge: number,
    { completion, cloudUsers: target, bestMs }: Goal,
    byState: Map<number, Label>,
  ): boolean {
    const { instance, leastLost } = this
    const { choices, own, loss, load, firstEdge, firstCloud, budget, devices, perUser } = instance
    const { accuracyMs, cloudMs } = completion.prices
    const totals = instance.edgeTotals[edge]
    const isLast = row + 1 === instance.start[edge + 1]
    const mostLater = (devices - row - 1) * perUser
    const limitMs = lessThan(bestMs) + accuracyMs * budget + cloudMs * target
    for (const column of this.candidates[row]) {
      const lost = parent.lost + loss[column]
      if (lost + leastLost[row + 1] > budget) continue
      const units = load[row * choices + column]
      const cloudUsers = parent.cloudUsers + (column >= firstCloud ? units : 0)
      if (cloudUsers > target || cloudUsers + mostLater < target) continue
      const isAtEdge = column >= firstEdge && column < firstCloud
      let edgeUsers = parent.edgeUsers + (isAtEdge ? units : 0)
      if (edgeUsers >= totals.length) continue
      let cost = parent.cost + own[row * choices + column]
      if (isLast) {
        cost += totals[edgeUsers]
        edgeUsers = 0
      }
      const priced = cost + accuracyMs * lost + cloudMs * cloudUsers
      if (priced + completion.from(row + 1, edgeUsers) >= limitMs) continue
      const state = (edgeUsers * (devices * perUser + 1) + cloudUsers) * (budget + 1) + lost
      const known = byState.get(state)
      if (known !== undefined && known.cost <= cost) continue
      if (known === undefined && this.left-- === 0) return false
      byState.set(state, { cost, edgeUsers, cloudUsers, lost, column, parent })
    }
    return true
  }

  /** Of labels with the same users, those that another beats on both cost and loss lead nowhere better. */
  private unbeatenOf(byState: ReadonlyMap<number, Label>): Label[] {
    const beaten = new Set<Label>()
    let users = -1
    let leastMs = Infinity
    for (const state of Float64Array.from(byState.keys()).sort()) {
      const label = byState.get(state) as Label
      const usersOfState = Math.floor(state / (this.instance.budget + 1))
      if (usersOfState !== users) leastMs = Infinity
      users = usersOfState
      if (label.cost >= leastMs) beaten.add(label)
      else leastMs = label.cost
    }
    return [...byState.values()].filter((label) => !beaten.has(label))
  }
}

/** Takes the cheapest of complete labels as the best decision if it is better. @returns the best total, ms */
function trace(labels: readonly Label[], bestMs: number, best: Assignment): number {
  const cheapest = labels.reduce((least, label) => (label.cost < least.cost ? label : least))
  // What a label loses less than it may counts for its bound, not for its cost.
  if (cheapest.cost >= bestMs) return bestMs
  const columns = new Uint16Array(best.column.length)
  let label: Label | undefined = cheapest
  for (let row = columns.length - 1; label && row >= 0; row--, label = label.parent) {
    columns[row] = label.column
  }
  best.take(columns)
  return best.totalMs
}

/** What a decision must cost to be better than rounding alone may make it. */
export function lessThan(bestMs: number): number {
  return bestMs === Infinity ? bestMs : bestMs - 1e-10 * Math.abs(bestMs)
}

/** The open columns of a row that no other of the same tier and load beats on both cost and loss. */
function unbeaten(
  { choices, own, closedMs, loss, load, firstEdge, firstCloud }: Instance,
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
    load[row * choices + one] === load[row * choices + other] &&
    ownOf(one) <= ownOf(other) &&
    lossOf(one) <= lossOf(other) &&
    (ownOf(one) < ownOf(other) || lossOf(one) < lossOf(other) || one < other)
  return Uint16Array.from(open.filter((column) => !open.some((other) => beats(other, column))))
}
