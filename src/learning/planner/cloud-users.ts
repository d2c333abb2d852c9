/** Decisions with a given number of cloud users, where the price of the cloud alone gives more or fewer. */
import { Assignment } from './assignment.ts'
import { step } from './descent.ts'
import type { Dual } from './dual.ts'
import type { Prices } from './problem.ts'
import type { Reduced } from './reduced.ts'

/** First change of the price of the cloud, relative; each further one is four times as wide. */
const FIRST_STEP = 1e-4
const MOST_STEPS = 8
const HALVINGS = 8

/**
 * What attains the bound on either side of the number, joined: edge after edge changes from one side to the other while the
 * number is not passed. Where an edge has two best numbers of users far apart, no price lies between them.
 */
export function withCloudUsers(
  dual: Dual,
  { accuracyMs, cloudMs }: Prices,
  cloudUsers: number,
): Assignment {
  const { near, far } = attainAround(dual, { accuracyMs, cloudMs }, cloudUsers)
  const tooFew = near.cloudUsers < cloudUsers
  for (let edge = 0; far && edge < dual.instance.edges; edge++) {
    const joined = near.cloudUsers + far.cloudUsersOf(edge) - near.cloudUsersOf(edge)
    if (tooFew ? joined <= cloudUsers : joined >= cloudUsers) near.takeEdge(far, edge)
  }
  forceCloudUsers(near, dual.reduced, cloudUsers)
  return near
}

/** What attains the bound at two close prices of the cloud, on either side of the number; nothing beyond if no price passes it. */
function attainAround(
  dual: Dual,
  { accuracyMs, cloudMs }: Prices,
  cloudUsers: number,
): { readonly near: Assignment; readonly far: Assignment | undefined } {
  const near = new Assignment(dual.instance)
  const far = new Assignment(dual.instance)
  const trial = new Assignment(dual.instance)
  dual.evaluate(accuracyMs, cloudMs)
  near.takeFrom(dual, cloudMs)
  const tooFew = near.cloudUsers < cloudUsers
  const passes = (priceMs: number) => {
    dual.evaluate(accuracyMs, priceMs)
    trial.takeFrom(dual, priceMs)
    const isPassed = trial.cloudUsers < cloudUsers !== tooFew
    const side = isPassed ? far : near
    side.copyFrom(trial)
    return isPassed
  }
  const stepMs = FIRST_STEP * Math.max(1, Math.abs(cloudMs)) * (tooFew ? -1 : 1)
  let nearMs = cloudMs
  let farMs = cloudMs + stepMs
  for (let i = 1; !passes(farMs); i++) {
    if (i === MOST_STEPS) return { near, far: undefined }
    nearMs = farMs
    farMs = cloudMs + stepMs * 4 ** i
  }
  for (let i = 0; i < HALVINGS; i++) {
    const middleMs = (nearMs + farMs) / 2
    if (passes(middleMs)) farMs = middleMs
    else nearMs = middleMs
  }
  return { near, far }
}

/**
 * Moves devices to or from the cloud until it has so many users: those whose move costs least while nobody else moves.
 * @param assignment with every device at a choice of `reduced`
 */
function forceCloudUsers(assignment: Assignment, reduced: Reduced, cloudUsers: number): void {
  const missing = cloudUsers - assignment.cloudUsers
  // Devices of different loads add up to few numbers: with fractions the nearest will do.
  if (missing === 0 || assignment.instance.perUser > 1) return
  const { instance, column } = assignment
  const { devices, edges, start, firstEdge, firstCloud } = instance
  const costOfMoving = new Float64Array(devices).fill(Infinity)
  for (let edge = 0; edge < edges; edge++) {
    const totals = instance.edgeTotals[edge]
    const users = assignment.edgeUsers[edge]
    const fromEdge = step(totals, users)
    const toEdge = step(totals, users + 1)
    for (let row = start[edge]; row < start[edge + 1]; row++) {
      const now = column[row]
      if (now >= firstCloud !== missing < 0) continue
      const cloud = reduced.cloud[row]
      const atEdge = reduced.edge[row]
      const end = reduced.end[row]
      costOfMoving[row] =
        missing < 0
          ? Math.min(end, atEdge + toEdge) - cloud
          : cloud - (now >= firstEdge ? atEdge + fromEdge : end)
    }
  }
  let left = Math.abs(missing)
  const limit = costOfMoving.toSorted()[left - 1] ?? Infinity
  for (let edge = 0; edge < edges; edge++) {
    const toEdge = step(instance.edgeTotals[edge], assignment.edgeUsers[edge] + 1)
    for (let row = start[edge]; row < start[edge + 1] && left > 0; row++) {
      const costMs = costOfMoving[row]
      if (costMs > limit || costMs === Infinity) continue
      const stays = reduced.end[row] <= reduced.edge[row] + toEdge
      const outside = stays ? reduced.endColumn : reduced.edgeColumn
      assignment.move(row, edge, (missing < 0 ? outside : reduced.cloudColumn)[row])
      left--
    }
  }
}
