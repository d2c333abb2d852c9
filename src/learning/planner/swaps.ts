import type { Assignment } from './assignment.ts'
import { congestionChange } from './descent.ts'

const MOST_ROUNDS = 4
const MOST_SWAPS = 24
/** Moves that are tried in pairs: those that lose least at the price of the accuracy. */
const MOVES = 64
const LEAST_GAIN_MS = 1e-9

/** Improves a decision that meets the goal by two moves at once, one for time and one for the accuracy it costs, until none does. */
export function swap(assignment: Assignment, accuracyMs: number): void {
  for (let round = 0; round < MOST_ROUNDS; round++) {
    const moves = bestMoves(assignment, accuracyMs)
    let swaps = 0
    while (swaps < MOST_SWAPS && swapOnce(assignment, moves)) {
      for (const move of moves) {
        Object.assign(move, changeBy(assignment, move.row, move.edge, move.to))
      }
      swaps++
    }
    if (swaps === 0) return
  }
}

/** One device's move to another choice. */
interface Move {
  readonly row: number
  readonly edge: number
  readonly to: number
  /** What it changes, the others staying. */
  costMs: number
  lost: number
  /** Cost with the price of the accuracy: what the move loses at that price. */
  readonly regretMs: number
}

/** The moves that lose least at this price, the best first. */
function bestMoves(assignment: Assignment, accuracyMs: number): Move[] {
  const { edges, start, choices, own, closedMs } = assignment.instance
  const moves: Move[] = []
  for (let edge = 0; edge < edges; edge++) {
    for (let row = start[edge]; row < start[edge + 1]; row++) {
      for (let to = 0; to < choices; to++) {
        if (to === assignment.column[row] || own[row * choices + to] === closedMs) continue
        const { costMs, lost } = changeBy(assignment, row, edge, to)
        const regretMs = costMs + accuracyMs * lost
        const isFull = moves.length === MOVES
        if (isFull && regretMs >= moves[MOVES - 1].regretMs) continue
        if (isFull) moves.pop()
        const at = moves.findLastIndex((better) => better.regretMs <= regretMs) + 1
        moves.splice(at, 0, { row, edge, to, costMs, lost, regretMs })
      }
    }
  }
  return moves
}

/** What a move changes now, the others staying. */
function changeBy(assignment: Assignment, row: number, edge: number, to: number) {
  const { own, loss, choices } = assignment.instance
  const now = assignment.column[row]
  const ownMs = own[row * choices + to] - own[row * choices + now]
  const costMs = ownMs + congestionChange(assignment, row, edge, to)
  return { costMs, lost: loss[to] - loss[now] }
}

/** @returns whether the best pair gained */
function swapOnce(assignment: Assignment, moves: readonly Move[]): boolean {
  const slack = assignment.instance.budget - assignment.lost
  let least = -LEAST_GAIN_MS
  let best: readonly Move[] = []
  for (let i = 0; i < moves.length; i++) {
    const one = moves[i]
    if (one.costMs < least && one.lost <= slack) {
      least = one.costMs
      best = [one]
    }
    for (let j = i + 1; j < moves.length; j++) {
      const other = moves[j]
      if (one.row === other.row) continue
      const change = one.costMs + other.costMs
      if (change < least && one.lost + other.lost <= slack) {
        least = change
        best = [one, other]
      }
    }
  }
  const beforeMs = assignment.totalMs
  const undo = best.map((move) => ({ ...move, to: assignment.column[move.row] }))
  for (const { row, edge, to } of best) assignment.move(row, edge, to)
  // Two moves at one node change each other's cost.
  if (assignment.totalMs < beforeMs && assignment.isFeasible) return true
  for (const { row, edge, to } of undo) assignment.move(row, edge, to)
  return false
}
