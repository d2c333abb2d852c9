/** From a planning problem to an instance that the search can walk through quickly. */
import { ConfigError } from '../../errors.ts'
import { loadedTier, loadOf } from '../../fleet/choice.ts'
import { hundredthsOf, neededHundredths } from '../../fleet/goal.ts'
import { checkProblem } from './check-problem.ts'
import { withoutDominated } from './dominance.ts'
import type { Instance } from './instance.ts'
import { surchargeMs, totalsOf, unitsOf, unitsPerUser } from './load.ts'
import { openChoices } from './open-choices.ts'
import type { PlanningProblem } from './problem.ts'

/**
 * @throws InvalidInputError where shapes or values do not fit
 * @throws ConfigError where a device has no open choice, or no decision can meet the goal
 */
export function layOut(problem: PlanningProblem): Instance {
  checkProblem(problem)
  const { devices, choices, edgeOf, edgeCurvesMs, cloudCurveMs } = problem
  const edges = edgeCurvesMs.length
  const byTier = (tier: string) =>
    choices.flatMap((each, choice) => (loadedTier(each) === tier ? [choice] : []))
  const atEnd = byTier('end')
  const atEdge = byTier('edge')
  const choiceOf = Int32Array.from([...atEnd, ...atEdge, ...byTier('cloud')])
  const { start, deviceOf } = groupByEdge(edgeOf, edges)
  const perUser = unitsPerUser(problem)
  const edgeTotals = edgeCurvesMs.map((curve, edge) =>
    totalsOf(curve, start[edge + 1] - start[edge], perUser),
  )
  const cloudTotals = totalsOf(cloudCurveMs, devices, perUser)
  const closedMs = more(problem, edgeTotals, cloudTotals, perUser)
  const loadOfColumn = Float64Array.from(choiceOf, (choice) => loadOf(choices[choice]))
  const own = new Float64Array(devices * choices.length)
  const load = new Uint8Array(devices * choices.length)
  for (let row = 0; row < devices; row++) {
    const device = deviceOf[row]
    for (let column = 0; column < choices.length; column++) {
      const at = row * choices.length + column
      const choice = choiceOf[column]
      const ownMs = problem.ownTimesMs[device * choices.length + choice]
      own[at] = ownMs === Infinity ? closedMs : ownMs
      if (column < atEnd.length) continue
      const share = problem.loads?.[device * choices.length + choice] ?? loadOfColumn[column]
      load[at] = unitsOf(share, perUser)
      if (ownMs === Infinity || perUser === 1) continue
      const isAtEdge = column < atEnd.length + atEdge.length
      own[at] += surchargeMs(isAtEdge ? edgeCurvesMs[edgeOf[device]] : cloudCurveMs, share, perUser)
    }
  }
  const hundredths = choices.map(({ accuracyPercent }) => hundredthsOf(accuracyPercent))
  const mostHundredths = Math.max(...hundredths)
  const instance = {
    devices,
    choices: choices.length,
    edges,
    firstEdge: atEnd.length,
    firstCloud: atEnd.length + atEdge.length,
    choiceOf,
    deviceOf,
    start,
    own,
    perUser,
    load,
    levels: levelsIn(load, perUser),
    closedMs,
    loss: Float64Array.from(choiceOf, (choice) => mostHundredths - hundredths[choice]),
    mostHundredths,
    budget: devices * mostHundredths - neededHundredths(problem.goalPercent, devices),
    accuracyMatters: true,
    edgeTotals,
    cloudTotals,
  }
  closeNodesWithoutRoom(instance)
  const needed = perUser === 1 ? instance : withoutDominated(instance)
  const accuracyMatters = applyGoal(needed, problem.goalPercent)
  return { ...needed, accuracyMatters, ...(perUser > 1 && { open: openChoices(needed) }) }
}

/** Those that occur but 0, ascending. */
function levelsIn(load: Uint8Array, perUser: number): number[] {
  if (perUser === 1) return [1]
  const isThere = new Uint8Array(perUser + 1)
  for (let at = 0; at < load.length; at++) isThere[load[at]] = 1
  return [...isThere.keys()].filter((units) => units > 0 && isThere[units] === 1)
}

/** Counting sort. */
function groupByEdge(edgeOf: Int32Array, edges: number) {
  const start = new Int32Array(edges + 1)
  for (const edge of edgeOf) start[edge + 1] = start[edge + 1] + 1
  for (let edge = 0; edge < edges; edge++) {
    start[edge + 1] = start[edge + 1] + start[edge]
  }
  const next = start.slice()
  const deviceOf = new Int32Array(edgeOf.length)
  for (let device = 0; device < edgeOf.length; device++) {
    const edge = edgeOf[device]
    deviceOf[next[edge]] = device
    next[edge] = next[edge] + 1
  }
  return { start, deviceOf }
}

/** Ten times what moving one device can change at most. */
function more(
  { ownTimesMs }: PlanningProblem,
  edgeTotals: readonly Float64Array[],
  cloudTotals: Float64Array,
  perUser: number,
): number {
  let most = 1
  for (let at = 0; at < ownTimesMs.length; at++) {
    const sizeMs = Math.abs(ownTimesMs[at])
    if (sizeMs > most && sizeMs !== Infinity) most = sizeMs
  }
  let steepest = 0
  for (const curve of [...edgeTotals, cloudTotals]) {
    for (let m = 1; m < curve.length; m++) {
      steepest = Math.max(steepest, Math.abs(curve[m] - curve[m - 1]))
    }
  }
  return 10 * (most + perUser * steepest)
}

/** Closes choices at nodes that may have no user. */
function closeNodesWithoutRoom(instance: Instance): void {
  const { choices, edges, start, own, closedMs, firstEdge, firstCloud } = instance
  const close = (row: number, from: number, to: number) =>
    own.fill(closedMs, row * choices + from, row * choices + to)
  for (let edge = 0; edge < edges; edge++) {
    const edgeHasRoom = instance.edgeTotals[edge].length > 1
    for (let row = start[edge]; row < start[edge + 1]; row++) {
      if (!edgeHasRoom) close(row, firstEdge, firstCloud)
      if (instance.cloudTotals.length === 1) close(row, firstCloud, choices)
    }
  }
}

/**
 * Where the goal leaves no room, closes all but each device's most accurate choices.
 * @returns whether open choices differ in whether they meet the goal
 * @throws ConfigError where a device has no open choice, or no decision can meet the goal
 */
function applyGoal(
  { devices, choices, own, closedMs, loss, budget, deviceOf, mostHundredths }: Instance,
  goalPercent: number,
): boolean {
  const leastLoss = new Float64Array(devices)
  let leastSum = 0
  let mostSum = 0
  for (let row = 0; row < devices; row++) {
    let least = Infinity
    let most = 0
    for (let column = 0; column < choices; column++) {
      if (own[row * choices + column] === closedMs) continue
      least = Math.min(least, loss[column])
      most = Math.max(most, loss[column])
    }
    if (least === Infinity) {
      throw new ConfigError(
        `device ${deviceOf[row]} has no open choice: give it a finite time at one whose node may have users`,
      )
    }
    leastLoss[row] = least
    leastSum += least
    mostSum += most
  }
  if (leastSum > budget) throw unreachable(goalPercent, (mostHundredths - leastSum / devices) / 100)
  if (leastSum === budget) {
    for (let at = 0; at < own.length; at++) {
      const row = Math.floor(at / choices)
      if (loss[at % choices] > leastLoss[row]) own[at] = closedMs
    }
  }
  return leastSum < budget && budget < mostSum
}

function unreachable(goalPercent: number, reachablePercent: number): ConfigError {
  return new ConfigError(
    `no decision meets the goal of ${goalPercent} %: set a goal of at most ${Math.floor(reachablePercent * 100 + 1e-6) / 100} %, or open more accurate choices`,
  )
}
