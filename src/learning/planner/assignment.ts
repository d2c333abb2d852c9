import type { Dual } from './dual.ts'
import type { Instance } from './instance.ts'

/** A joint decision under construction: a column of the instance for every row, and what its nodes carry. */
export class Assignment {
  readonly instance: Instance
  /** Shape [devices]. */
  readonly column: Uint16Array
  /** In units of load (see `Instance.perUser`). Shape [edges]. */
  readonly edgeUsers: Int32Array
  /** In units of load. */
  cloudUsers = 0
  /** Hundredths of a percent that all devices together lose. */
  lost = 0

  constructor(instance: Instance) {
    this.instance = instance
    this.column = new Uint16Array(instance.devices)
    this.edgeUsers = new Int32Array(instance.edges)
  }

  copyFrom(other: Assignment): void {
    this.column.set(other.column)
    this.edgeUsers.set(other.edgeUsers)
    this.cloudUsers = other.cloudUsers
    this.lost = other.lost
  }

  /** What attains the bound's last evaluation. Its cloud may have more users than it may. */
  takeFrom(dual: Dual, cloudMs: number): void {
    for (let row = 0; row < this.column.length; row++)
      this.column[row] = dual.columnOf(row, cloudMs)
    this.count()
  }

  cloudUsersOf(edge: number): number {
    const { start, firstCloud, choices, load } = this.instance
    let users = 0
    for (let row = start[edge]; row < start[edge + 1]; row++) {
      const column = this.column[row]
      if (column >= firstCloud) users += load[row * choices + column]
    }
    return users
  }

  takeEdge(other: Assignment, edge: number): void {
    const { start } = this.instance
    for (let row = start[edge]; row < start[edge + 1]; row++) {
      this.move(row, edge, other.column[row])
    }
  }

  take(columns: Uint16Array): void {
    this.column.set(columns)
    this.count()
  }

  move(row: number, edge: number, to: number): void {
    const { firstCloud, loss, load, choices } = this.instance
    const from = this.column[row]
    const [unitsFrom, unitsTo] = [load[row * choices + from], load[row * choices + to]]
    this.column[row] = to
    this.lost += loss[to] - loss[from]
    if (from >= firstCloud) this.cloudUsers -= unitsFrom
    else this.edgeUsers[edge] -= unitsFrom
    if (to >= firstCloud) this.cloudUsers += unitsTo
    else this.edgeUsers[edge] += unitsTo
  }

  private count(): void {
    const { edges, start, firstCloud, loss, load, choices } = this.instance
    this.cloudUsers = 0
    this.lost = 0
    for (let edge = 0; edge < edges; edge++) {
      let users = 0
      for (let row = start[edge]; row < start[edge + 1]; row++) {
        const column = this.column[row]
        const units = load[row * choices + column]
        if (column >= firstCloud) this.cloudUsers += units
        else users += units
        this.lost += loss[column]
      }
      this.edgeUsers[edge] = users
    }
  }

  /** Whether it meets the goal and uses only open choices of nodes with room. */
  get isFeasible(): boolean {
    const { instance } = this
    if (this.lost > instance.budget || this.cloudUsers >= instance.cloudTotals.length) return false
    for (let edge = 0; edge < instance.edges; edge++) {
      const most = instance.edgeTotals[edge].length - 1
      if (this.edgeUsers[edge] > most) return false
    }
    for (let row = 0; row < instance.devices; row++) {
      const at = row * instance.choices + this.column[row]
      if (instance.own[at] === instance.closedMs) return false
    }
    return true
  }

  /** Sum of all response times, ms. */
  get totalMs(): number {
    const { devices, choices, edges, own, edgeTotals, cloudTotals } = this.instance
    let totalMs = cloudTotals[this.cloudUsers] ?? Infinity
    for (let edge = 0; edge < edges; edge++) {
      totalMs += edgeTotals[edge]?.[this.edgeUsers[edge]] ?? Infinity
    }
    for (let row = 0; row < devices; row++) {
      totalMs += own[row * choices + this.column[row]]
    }
    return totalMs
  }

  /** By device of the problem, indices of its choices. Shape [devices]. */
  get decision(): number[] {
    const { devices, deviceOf, choiceOf } = this.instance
    const decision = new Array<number>(devices)
    for (let row = 0; row < devices; row++) {
      decision[deviceOf[row]] = choiceOf[this.column[row]]
    }
    return decision
  }
}
