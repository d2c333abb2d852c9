/**
 * Coordinate descent on true cost: one device after the other moves to what is cheapest for all, the others staying. Unlike the
 * bound's own solution, where devices that are alike all move at the same price, every move changes what the next one costs.
 */
import type { Assignment } from './assignment.ts'
import type { Reduced } from './reduced.ts'

const MOST_PASSES = 30
/** Smaller gains are rounding. */
const LEAST_GAIN_MS = 1e-9

/** Bounds on the accuracy lost, in hundredths of a percent. */
export interface DescentOptions {
  /** Ends as soon as no more hundredths are lost than this. */
  readonly untilLost?: number
  /** Moves that lose more hundredths in all than this are not made. */
  readonly mostLost?: number
}

/** Moves until none gains: over each tier's cheapest choice at the accuracy price of `reduced`. */
export function descend(
  assignment: Assignment,
  reduced: Reduced,
  { untilLost = -Infinity, mostLost = Infinity }: DescentOptions = {},
): void {
  for (let pass = 0; pass < MOST_PASSES; pass++) {
    let moves = 0
    for (let edge = 0; edge < assignment.instance.edges; edge++) {
      if (assignment.lost <= untilLost) return
      moves += descendEdge(assignment, reduced, edge, untilLost, mostLost)
    }
    if (moves === 0) return
  }
}

/** @returns how many devices of the edge moved */
function descendEdge(
  assignment: Assignment,
  reduced: Reduced,
  edge: number,
  untilLost: number,
  mostLost: number,
): number {
  const { instance, column } = assignment
  const { start, choices, own, firstEdge, firstCloud, loss, load, levels, cloudTotals } = instance
  const edgeTotals = instance.edgeTotals[edge]
  const { accuracyMs, end, edge: edgeCost, cloud, endColumn, edgeColumn, cloudColumn } = reduced
  const count = levels.length
  let moves = 0
  let edgeUsers = assignment.edgeUsers[edge]
  let cloudUsers = assignment.cloudUsers
  let lost = assignment.lost
  for (let row = start[edge]; row < start[edge + 1]; row++) {
    const now = column[row]
    const units = load[row * choices + now]
    const isAtCloud = now >= firstCloud
    const isAtEdge = !isAtCloud && now >= firstEdge
    /** Load of the others. */
    const edgeOthers = isAtEdge ? edgeUsers - units : edgeUsers
    const cloudOthers = isAtCloud ? cloudUsers - units : cloudUsers
    let next = endColumn[row]
    let cost = end[row]
    for (let level = 0; level < count; level++) {
      const at = row * count + level
      const atEdge = edgeCost[at] + rise(edgeTotals, edgeOthers, edgeOthers + levels[level])
      if (atEdge >= cost) continue
      cost = atEdge
      next = edgeColumn[at]
    }
    for (let level = 0; level < count; level++) {
      const at = row * count + level
      const atCloud = cloud[at] + rise(cloudTotals, cloudOthers, cloudOthers + levels[level])
      if (atCloud >= cost) continue
      cost = atCloud
      next = cloudColumn[at]
    }
    if (next === now) continue
    const lostNext = lost + loss[next] - loss[now]
    if (lostNext > mostLost) continue
    const congestion = isAtCloud
      ? rise(cloudTotals, cloudOthers, cloudUsers)
      : isAtEdge
        ? rise(edgeTotals, edgeOthers, edgeUsers)
        : 0
    const price = accuracyMs * loss[now]
    if (own[row * choices + now] + price + congestion - cost <= LEAST_GAIN_MS) continue
    column[row] = next
    lost = lostNext
    moves++
    const unitsNext = load[row * choices + next]
    edgeUsers = edgeOthers + (next >= firstEdge && next < firstCloud ? unitsNext : 0)
    cloudUsers = cloudOthers + (next >= firstCloud ? unitsNext : 0)
    if (lost <= untilLost) break
  }
  assignment.edgeUsers[edge] = edgeUsers
  assignment.cloudUsers = cloudUsers
  assignment.lost = lost
  return moves
}

/**
 * Single moves on the cost itself to any open choice, as long as the goal stays met: what the price of accuracy leaves undone.
 */
export function polish(assignment: Assignment): void {
  const { instance, column } = assignment
  const { edges, start, choices, own, loss, budget, closedMs } = instance
  for (let pass = 0; pass < MOST_PASSES; pass++) {
    let moves = 0
    for (let edge = 0; edge < edges; edge++) {
      for (let row = start[edge]; row < start[edge + 1]; row++) {
        const now = column[row]
        const most = budget - assignment.lost + loss[now]
        let next = now
        let least = -LEAST_GAIN_MS
        for (let to = 0; to < choices; to++) {
          if (loss[to] > most || own[row * choices + to] === closedMs) continue
          const change =
            own[row * choices + to] -
            own[row * choices + now] +
            congestionChange(assignment, row, edge, to)
          if (change < least) {
            least = change
            next = to
          }
        }
        if (next === now) continue
        assignment.move(row, edge, next)
        moves++
      }
    }
    if (moves === 0) return
  }
}

/** What a move of one device of an edge to another column changes for the users of edge and cloud together, ms. */
export function congestionChange(
  { instance, column, edgeUsers, cloudUsers }: Assignment,
  row: number,
  edge: number,
  to: number,
): number {
  const { choices, firstEdge, firstCloud, load, edgeTotals, cloudTotals } = instance
  const from = column[row]
  const [unitsFrom, unitsTo] = [load[row * choices + from], load[row * choices + to]]
  const wasCloud = from >= firstCloud
  const isCloud = to >= firstCloud
  const wasEdge = !wasCloud && from >= firstEdge
  const isEdge = !isCloud && to >= firstEdge
  let change = 0
  if (wasCloud || isCloud) {
    const others = cloudUsers - (wasCloud ? unitsFrom : 0)
    change += moved(cloudTotals, others, cloudUsers, others + (isCloud ? unitsTo : 0))
  }
  if (wasEdge || isEdge) {
    const users = edgeUsers[edge]
    const others = users - (wasEdge ? unitsFrom : 0)
    change += moved(edgeTotals[edge], others, users, others + (isEdge ? unitsTo : 0))
  }
  return change
}

/** What it changes that a load becomes another. @param others what stays */
function moved(totals: Float64Array, others: number, before: number, after: number): number {
  if (before === after) return 0
  const afterMs = after === others ? 0 : rise(totals, others, after)
  return afterMs - (before === others ? 0 : rise(totals, others, before))
}

/** What a load adds to a node's total when it grows so far; beyond its room, infinity. */
function rise(totals: Float64Array, from: number, to: number): number {
  const upper = totals[to]
  return upper === undefined ? Infinity : upper - totals[from]
}

/** What one more user adds to a node's total; beyond its room, infinity. @param m users then */
export function step(totals: Float64Array, m: number): number {
  return m === 0 ? 0 : rise(totals, m - 1, m)
}
