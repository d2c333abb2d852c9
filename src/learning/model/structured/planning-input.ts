/** From what the model believes to what the planner solves. */
import { Random } from '../../../random.ts'
import type { State } from '../../environment/environment.ts'
import type { PlanningProblem } from '../../planner/problem.ts'
import { type Normal, without } from './cell.ts'
import type { Row } from './local-times.ts'
import { type Curve, knotValues, rebuild, times } from './node-curve.ts'
import type { StructuredModel } from './structured-model.ts'
import { isDue } from './watch.ts'

/** expected: as believed. optimistic: so many deviations faster. drawn: one of the worlds that may be. */
export type View =
  | { readonly kind: 'expected' }
  | { readonly kind: 'optimistic'; readonly deviations: number }
  | { readonly kind: 'drawn'; readonly seed: number }

/** A shared node may get so many times as many users as it ever served. */
const USER_GROWTH = 2

/**
 * From how likely on all samples of a cell are slow it is planned with as if it had none: then it is tried again. Much sooner once
 * some response has been slow for sure: where none ever is, trying again is worth nothing. Chosen among 0.02, 0.01, 0.004, 0.003, 0.002
 * and 0.0015 on seeds 1 to 15 of random fleets with five devices: the lower, the fewer runs do not settle, and the more regret.
 */
const RETRIED = { before: 0.02, after: 0.003 }
const SURELY_SLOW = 1

/** What trying a resource is worth that may have recovered: more than any response time. */
const PROBE_MS = 30_000

/** @param isCapped false: nodes may get as many users as there are */
export function planningInput(
  model: StructuredModel,
  state: State,
  view: View,
  isCapped: boolean,
): PlanningProblem {
  model.refresh()
  const { problem, layout, knots, knowledge } = model
  const { devices, choices } = problem
  const random = view.kind === 'drawn' ? new Random(view.seed) : undefined
  const optimism = view.kind === 'optimistic' ? view.deviations : 0
  const ownTimesMs = ownTimes(model, state, optimism, random)
  if (view.kind !== 'expected') favourProbes(model, state, ownTimesMs)
  const retried = retriedFrom(model)
  const curves = knots.map((usersAt, node) => {
    const curve = model.curveIn(state.features, node)
    const values = knotValues(curve, random ? { random } : { optimism })
    const other = optimism > 0 ? curveWithoutDoubtful(curve, usersAt, retried) : undefined
    if (other) lower(values, knotValues(other, { optimism }))
    const most = usersAt.at(-1) as number
    const cap = Math.max(1, USER_GROWTH * knowledge.mostUsers[node])
    return times(values, usersAt, isCapped ? Math.min(most, cap) : most)
  })
  return {
    devices,
    choices,
    ownTimesMs,
    edgeOf: layout.edgeOf,
    edgeCurvesMs: curves.slice(0, -1),
    cloudCurveMs: curves.at(-1) as Float64Array,
    goalPercent: state.goalPercent,
  }
}

/** Replaces expectations by the least that is believable, where a cell is in doubt also by what is believed without it. */
function lowerBounds(
  row: Row,
  logs: Float64Array,
  variances: Float64Array,
  optimism: number,
  retried: number,
): void {
  for (const [k, mean] of logs.entries()) {
    const now = { mean, variance: variances[k] }
    const bound = (belief: Normal) => belief.mean - optimism * Math.sqrt(belief.variance)
    const cell = row.cells[k]
    logs[k] =
      cell && cell.allSlow > retried
        ? Math.min(bound(now), bound(without(cell, now, 0)))
        : bound(now)
  }
}

/** undefined: none of its cells is in doubt. */
function curveWithoutDoubtful(
  curve: Curve,
  usersAt: Int32Array,
  retried: number,
): Curve | undefined {
  const kept = [...curve.cells].filter(([, cell]) => cell.allSlow <= retried)
  if (kept.length === curve.cells.size) return undefined
  const other = { ...curve, cells: new Map(kept) }
  rebuild(other, usersAt)
  return other
}

function retriedFrom({ knowledge: { noise } }: StructuredModel): number {
  return noise.local.slow + noise.shared.slow < SURELY_SLOW ? RETRIED.before : RETRIED.after
}

function lower(values: Float64Array, others: Float64Array): void {
  for (const [i, other] of others.entries()) values[i] = Math.min(values[i], other)
}

/** Makes one request go where it shows whether a resource that became slower has recovered. */
function favourProbes(model: StructuredModel, { features }: State, ownTimesMs: Float64Array): void {
  const { problem, layout, knots, knowledge, localChoices } = model
  const { devices, choices } = problem
  const favour = (device: number, choice: number) => {
    const index = device * choices.length + choice
    ownTimesMs[index] = ownTimesMs[index] - PROBE_MS
  }
  for (let device = 0; device < devices; device++) {
    const { watch } = model.rowIn(features, device)
    if (!watch.before || !isDue(watch, knowledge.round)) continue
    const precisions = localChoices.map(
      (_, variant) => watch.before?.cells[variant]?.precision ?? 0,
    )
    favour(device, localChoices[precisions.indexOf(Math.max(...precisions))])
  }
  for (let node = 0; node < knots.length; node++) {
    if (!isDue(model.curveIn(features, node).watch, knowledge.round)) continue
    const tier = node === layout.edges ? 'cloud' : 'edge'
    const choice = choices.findIndex(({ placement }) => placement.tier === tier)
    const nearest = fastest(devices, (device) =>
      model.sharedNode(device, choice) === node
        ? ownTimesMs[device * choices.length + choice]
        : Number.POSITIVE_INFINITY,
    )
    if (nearest >= 0) favour(nearest, choice)
  }
}

/** -1: none is finite. */
function fastest(devices: number, timeMs: (device: number) => number): number {
  let best = -1
  for (let device = 0; device < devices; device++) {
    if (timeMs(device) < (best < 0 ? Number.POSITIVE_INFINITY : timeMs(best))) best = device
  }
  return best
}

/** Shape [devices, choices], ms. */
function ownTimes(
  model: StructuredModel,
  { features, available }: State,
  optimism: number,
  random: Random | undefined,
): Float64Array {
  const { problem, local, delays, localChoices } = model
  const { devices, choices } = problem
  const variants = localChoices.length
  const own = new Float64Array(devices * choices.length)
  const logs = new Float64Array(variants)
  const variances = new Float64Array(variants)
  const classMeans = random ? local.drawClasses(random) : []
  const delayMeans = random ? delays.drawMeans(random) : undefined
  const retried = retriedFrom(model)
  const delayMs = (device: number, choice: number) => {
    const pool = model.delayOf(features, device, choice)
    if (pool === undefined) return 0
    if (random && delayMeans) {
      return delays.drawDelay(pool, device, delayMeans[pool], random)
    }
    const { mean, variance } = delays.estimate(pool, device)
    return mean - optimism * Math.sqrt(variance)
  }
  for (let device = 0; device < devices; device++) {
    const row = model.rowIn(features, device)
    if (random) local.drawTimes(row, classMeans, random, logs, 0)
    else local.estimate(row, logs, variances)
    if (optimism > 0) lowerBounds(row, logs, variances, optimism, retried)
    const start = device * choices.length
    for (const [variant, choice] of localChoices.entries()) {
      own[start + choice] = Math.exp(logs[variant])
    }
    for (let choice = 0; choice < choices.length; choice++) {
      const index = start + choice
      own[index] = available[device][choice]
        ? own[index] + delayMs(device, choice)
        : Number.POSITIVE_INFINITY
    }
  }
  return own
}
