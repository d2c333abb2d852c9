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
  const { start, choices, own, firstEdge, firstCloud, loss, cloudTotals } = instance
  const edgeTotals = instance.edgeTotals[edge]
  const { accuracyMs, end, edge: edgeCost, cloud, endColumn, edgeColumn, cloudColumn } = reduced
  let moves = 0
  let edgeUsers = assignment.edgeUsers[edge]
  let cloudUsers = assignment.cloudUsers
  let lost = assignment.lost
  let toEdge = step(edgeTotals, edgeUsers + 1)
  let fromEdge = step(edgeTotals, edgeUsers)
  let toCloud = step(cloudTotals, cloudUsers + 1)
  let fromCloud = step(cloudTotals, cloudUsers)
  for (let row = start[edge]; row < start[edge + 1]; row++) {
    const now = column[row]
    const atEnd = end[row]
    const atEdge = edgeCost[row] + (now >= firstEdge && now < firstCloud ? fromEdge : toEdge)
    const atCloud = cloud[row] + (now >= firstCloud ? fromCloud : toCloud)
    let next = endColumn[row]
    let cost = atEnd
    if (atEdge < cost) {
      cost = atEdge
      next = edgeColumn[row]
    }
    if (atCloud < cost) {
      cost = atCloud
      next = cloudColumn[row]
    }
    if (next === now) continue
    const lostNext = lost + loss[next] - loss[now]
    if (lostNext > mostLost) continue
    const congestion = now >= firstCloud ? fromCloud : now >= firstEdge ? fromEdge : 0
    const price = accuracyMs * loss[now]
    if (own[row * choices + now] + price + congestion - cost <= LEAST_GAIN_MS) continue
    column[row] = next
    lost = lostNext
    moves++
    const edgeChange =
      Number(next >= firstEdge && next < firstCloud) - Number(now >= firstEdge && now < firstCloud)
    if (edgeChange !== 0) {
      edgeUsers += edgeChange
      toEdge = step(edgeTotals, edgeUsers + 1)
      fromEdge = step(edgeTotals, edgeUsers)
    }
    const cloudChange = Number(next >= firstCloud) - Number(now >= firstCloud)
    if (cloudChange !== 0) {
      cloudUsers += cloudChange
      toCloud = step(cloudTotals, cloudUsers + 1)
      fromCloud = step(cloudTotals, cloudUsers)
    }
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
  const { edges, start, choices, own, loss, budget } = instance
  for (let pass = 0; pass < MOST_PASSES; pass++) {
    let moves = 0
    for (let edge = 0; edge < edges; edge++) {
      for (let row = start[edge]; row < start[edge + 1]; row++) {
        const now = column[row]
        const most = budget - assignment.lost + loss[now]
        let next = now
        let least = -LEAST_GAIN_MS
        for (let to = 0; to < choices; to++) {
          if (loss[to] > most) continue
          const change =
            own[row * choices + to] -
            own[row * choices + now] +
            congestionChange(assignment, edge, now, to)
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

/** What a move of one device of an edge changes for the users of edge and cloud together, ms. */
export function congestionChange(
  { instance, edgeUsers, cloudUsers }: Assignment,
  edge: number,
  from: number,
  to: number,
): number {
  const { firstEdge, firstCloud, edgeTotals, cloudTotals } = instance
  const wasCloud = from >= firstCloud
  const isCloud = to >= firstCloud
  const wasEdge = !wasCloud && from >= firstEdge
  const isEdge = !isCloud && to >= firstEdge
  let change = 0
  if (wasCloud !== isCloud) {
    change += isCloud ? step(cloudTotals, cloudUsers + 1) : -step(cloudTotals, cloudUsers)
  }
  if (wasEdge !== isEdge) {
    const totals = edgeTotals[edge]
    const users = edgeUsers[edge]
    change += isEdge ? step(totals, users + 1) : -step(totals, users)
  }
  return change
}

/** What the m-th user adds to a node's total; beyond its room, infinity. */
export function step(totals: Float64Array, m: number): number {
  const upper = totals[m]
  return upper === undefined ? Infinity : m === 0 ? 0 : upper - totals[m - 1]
}
