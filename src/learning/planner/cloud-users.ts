import type { Assignment } from './assignment.ts'
import { step } from './descent.ts'
import type { Reduced } from './reduced.ts'

/**
 * Moves devices to or from the cloud until it has so many users: those whose move costs least while nobody else moves.
 * @param assignment with every device at a choice of `reduced`
 */
export function forceCloudUsers(
  assignment: Assignment,
  reduced: Reduced,
  cloudUsers: number,
): void {
  const missing = cloudUsers - assignment.cloudUsers
  if (missing === 0) return
  const { instance, column } = assignment
  const { devices, edges, start, firstEdge, firstCloud } = instance
  const costOfMoving = new Float64Array(devices).fill(Number.POSITIVE_INFINITY)
  for (let edge = 0; edge < edges; edge++) {
    const totals = instance.edgeTotals[edge] as Float64Array
    const users = assignment.edgeUsers[edge] as number
    const fromEdge = step(totals, users)
    const toEdge = step(totals, users + 1)
    for (let row = start[edge] as number; row < (start[edge + 1] as number); row++) {
      const now = column[row] as number
      if (now >= firstCloud !== missing < 0) continue
      const cloud = reduced.cloud[row] as number
      const atEdge = reduced.edge[row] as number
      const end = reduced.end[row] as number
      costOfMoving[row] =
        missing < 0
          ? Math.min(end, atEdge + toEdge) - cloud
          : cloud - (now >= firstEdge ? atEdge + fromEdge : end)
    }
  }
  let left = Math.abs(missing)
  const limit = costOfMoving.toSorted()[left - 1] ?? Number.POSITIVE_INFINITY
  for (let edge = 0; edge < edges; edge++) {
    const toEdge = step(
      instance.edgeTotals[edge] as Float64Array,
      (assignment.edgeUsers[edge] as number) + 1,
    )
    for (let row = start[edge] as number; row < (start[edge + 1] as number) && left > 0; row++) {
      if ((costOfMoving[row] as number) > limit) continue
      const stays = (reduced.end[row] as number) <= (reduced.edge[row] as number) + toEdge
      const outside = stays ? reduced.endColumn : reduced.edgeColumn
      assignment.move(row, edge, (missing < 0 ? outside : reduced.cloudColumn)[row] as number)
      left--
    }
  }
}
