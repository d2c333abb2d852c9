/** What single moves leave: two moves at once, one that gains time and one that gains the accuracy for it. */
import type { Assignment } from './assignment.ts'
import { congestionChange } from './descent.ts'

const MOST_ROUNDS = 4
const MOST_SWAPS = 24
/** Moves that are tried in pairs: those that lose least at the price of the accuracy. */
const MOVES = 64
const LEAST_GAIN_MS = 1e-9

/** Improves a decision that meets the goal until no pair of the moves that promise most does. */
export function swap(assignment: Assignment, accuracyMs: number): void {
  const moves = new Moves()
  for (let round = 0; round < MOST_ROUNDS; round++) {
    moves.collect(assignment, accuracyMs)
    let swaps = 0
    while (swaps < MOST_SWAPS && swapOnce(assignment, moves)) {
      moves.refresh(assignment)
      swaps++
    }
    if (swaps === 0) return
  }
}

/** The best moves found, the one with the lowest regret first. */
class Moves {
  count = 0
  readonly row = new Int32Array(MOVES)
  readonly edge = new Int32Array(MOVES)
  readonly to = new Int32Array(MOVES)
  /** What each changes, the others staying. */
  readonly costMs = new Float64Array(MOVES)
  readonly lost = new Float64Array(MOVES)
  /** Cost with the price of the accuracy: what the move loses at that price. */
  private readonly regretMs = new Float64Array(MOVES)

  collect(assignment: Assignment, accuracyMs: number): void {
    const { instance, column } = assignment
    const { edges, start, choices, own, loss } = instance
    this.count = 0
    let worst = Number.POSITIVE_INFINITY
    for (let edge = 0; edge < edges; edge++) {
      for (let row = start[edge]; row < start[edge + 1]; row++) {
        const now = column[row]
        const nowMs = own[row * choices + now]
        for (let to = 0; to < choices; to++) {
          if (to === now) continue
          const lost = loss[to] - loss[now]
          const ownMs = own[row * choices + to] - nowMs
          const costMs = ownMs + congestionChange(assignment, edge, now, to)
          const regretMs = costMs + accuracyMs * lost
          if (regretMs >= worst) continue
          this.insert(row, edge, to, costMs, lost, regretMs)
          if (this.count === MOVES) worst = this.regretMs[MOVES - 1]
        }
      }
    }
  }

  /** Counts anew what each move changes. */
  refresh(assignment: Assignment): void {
    const { own, loss, choices } = assignment.instance
    for (let move = 0; move < this.count; move++) {
      const row = this.row[move]
      const to = this.to[move]
      const now = assignment.column[row]
      this.lost[move] = loss[to] - loss[now]
      this.costMs[move] =
        own[row * choices + to] -
        own[row * choices + now] +
        congestionChange(assignment, this.edge[move], now, to)
    }
  }

  /** Moves one entry to the next place. */
  private shift(from: number): void {
    this.row[from + 1] = this.row[from]
    this.edge[from + 1] = this.edge[from]
    this.to[from + 1] = this.to[from]
    this.costMs[from + 1] = this.costMs[from]
    this.lost[from + 1] = this.lost[from]
    this.regretMs[from + 1] = this.regretMs[from]
  }

  private insert(
    row: number,
    edge: number,
    to: number,
    costMs: number,
    lost: number,
    regretMs: number,
  ): void {
    if (this.count < MOVES) this.count++
    let at = this.count - 1
    while (at > 0 && this.regretMs[at - 1] > regretMs) at--
    for (let from = this.count - 2; from >= at; from--) this.shift(from)
    this.row[at] = row
    this.edge[at] = edge
    this.to[at] = to
    this.costMs[at] = costMs
    this.lost[at] = lost
    this.regretMs[at] = regretMs
  }
}

/** @returns whether the best pair gained */
function swapOnce(assignment: Assignment, { count, row, edge, to, costMs, lost }: Moves): boolean {
  const slack = assignment.instance.budget - assignment.lost
  let least = -LEAST_GAIN_MS
  let first = -1
  let second = -1
  for (let one = 0; one < count; one++) {
    for (let other = one; other < count; other++) {
      const isSingle = other === one
      if (!isSingle && row[one] === row[other]) continue
      const change = costMs[one] + (isSingle ? 0 : costMs[other])
      const more = lost[one] + (isSingle ? 0 : lost[other])
      if (change < least && more <= slack) {
        least = change
        first = one
        second = other
      }
    }
  }
  if (first < 0) return false
  const beforeMs = assignment.totalMs
  const undo = [first, second].map((move) => [move, assignment.column[row[move]]] as const)
  for (const move of new Set([first, second])) {
    assignment.move(row[move], edge[move], to[move])
  }
  // Two moves at one node change each other's cost.
  if (assignment.totalMs < beforeMs && assignment.isFeasible) return true
  for (const [move, from] of undo) assignment.move(row[move], edge[move], from)
  return false
}
