import type { Dual } from './dual.ts'
import type { Instance } from './instance.ts'

/** A joint decision under construction: a column of the instance for every row, and what its nodes carry. */
export class Assignment {
  readonly instance: Instance
  /** Shape [devices]. */
  readonly column: Uint16Array
  /** Shape [edges]. */
  readonly edgeUsers: Int32Array
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
  takeFrom({ reduced, usesEdge }: Dual, cloudMs: number): void {
    const { end, cloud, endColumn, edgeColumn, cloudColumn } = reduced
    for (let row = 0; row < this.column.length; row++) {
      const usesCloud = cloud[row] + cloudMs < end[row]
      const columns = usesEdge[row] === 1 ? edgeColumn : usesCloud ? cloudColumn : endColumn
      this.column[row] = columns[row]
    }
    this.count()
  }

  cloudUsersOf(edge: number): number {
    const { start, firstCloud } = this.instance
    let users = 0
    for (let row = start[edge]; row < start[edge + 1]; row++) {
      if (this.column[row] >= firstCloud) users++
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
    const { firstEdge, firstCloud, loss } = this.instance
    const from = this.column[row]
    this.column[row] = to
    this.lost += loss[to] - loss[from]
    this.cloudUsers += Number(to >= firstCloud) - Number(from >= firstCloud)
    const atEdge = (column: number) => Number(column >= firstEdge && column < firstCloud)
    this.edgeUsers[edge] = this.edgeUsers[edge] + atEdge(to) - atEdge(from)
  }

  private count(): void {
    const { edges, start, firstEdge, firstCloud, loss } = this.instance
    this.cloudUsers = 0
    this.lost = 0
    for (let edge = 0; edge < edges; edge++) {
      let users = 0
      for (let row = start[edge]; row < start[edge + 1]; row++) {
        const column = this.column[row]
        if (column >= firstCloud) this.cloudUsers++
        else if (column >= firstEdge) users++
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
