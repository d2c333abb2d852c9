/** From what the model believes to what the planner solves. */
import { Random } from '../../../random.ts'
import type { State } from '../../environment/environment.ts'
import type { PlanningProblem } from '../../planner/problem.ts'
import { type Normal, without } from './cell.ts'
import { EXPLORE, NODE, SLOW } from './constants.ts'
import { refresh } from './learning.ts'
import type { Row, RowEstimate } from './local-times.ts'
import { type Curve, knotValues, rebuild, times } from './node-curve.ts'
import { smearing } from './noise.ts'
import type { StructuredModel } from './structured-model.ts'

/** expected: as believed. optimistic: so many deviations faster (negative: slower). drawn: one of the worlds that may be. */
export type View =
  | { readonly kind: 'expected' }
  | { readonly kind: 'optimistic'; readonly deviations: number }
  | { readonly kind: 'drawn'; readonly seed: number }

/** @param isCapped false: nodes may get as many users as there are */
export function planningInput(
  model: StructuredModel,
  state: State,
  view: View,
  isCapped: boolean,
): PlanningProblem {
  refresh(model)
  const { problem, layout, knots, knowledge } = model
  const { devices, choices } = problem
  const random = view.kind === 'drawn' ? new Random(view.seed) : undefined
  const optimism = view.kind === 'optimistic' ? view.deviations : 0
  const retried = retriedFrom(model)
  const curves = knots.map((usersAt, node) => {
    const curve = model.curveIn(state.features, node)
    let values = knotValues(curve, usersAt, random ? { random } : { optimism })
    const other = optimism > 0 ? curveWithoutDoubtful(curve, usersAt, retried) : undefined
    if (other) values = lowest(values, knotValues(other, usersAt, { optimism }))
    const most = usersAt[usersAt.length - 1]
    const cap = Math.max(1, NODE.userGrowth * knowledge.mostUsers[node])
    const factor = smearing(knowledge.tails.all, knowledge.tails.nodes[node])
    return times(values, usersAt, isCapped ? Math.min(most, cap) : most).map((ms) => ms * factor)
  })
  return {
    devices,
    choices,
    ownTimesMs: ownTimes(model, state, optimism, random),
    ...(model.escalates && { loads: loadsOf(model) }),
    edgeOf: layout.edgeOf,
    edgeCurvesMs: curves.slice(0, -1),
    cloudCurveMs: curves[curves.length - 1],
    goalPercent: state.goalPercent,
  }
}

/**
 * The least that is believable: where a cell is in doubt also by what is believed without it, and where a variant was never tried on a
 * device never too sure, whatever other devices showed. Logarithms, shape [variants].
 */
function lowerBounds(
  row: Row,
  { means, variances }: RowEstimate,
  optimism: number,
  retried: number,
  untriedDeviation: number,
): Float64Array {
  return means.map((mean, k) => {
    const cell = row.cells[k]
    const isTried = cell !== undefined && cell.precision > 0
    const variance = isTried ? variances[k] : Math.max(variances[k], untriedDeviation ** 2)
    const now = { mean, variance }
    const bound = (belief: Normal) => belief.mean - optimism * Math.sqrt(belief.variance)
    const isDoubtful = cell !== undefined && cell.allSlow > retried
    return isDoubtful ? Math.min(bound(now), bound(without(cell, now, 0))) : bound(now)
  })
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

/** How likely all samples of a cell must be slow for it to be tried again. */
function retriedFrom({ knowledge: { noise } }: StructuredModel): number {
  return noise.local.slow + noise.shared.slow < 1 ? SLOW.retried.before : SLOW.retried.after
}

function lowest(values: Float64Array, others: Float64Array): Float64Array {
  return values.map((value, i) => Math.min(value, others[i]))
}

/** Shape [devices, choices], ms. */
function ownTimes(
  model: StructuredModel,
  { features, available }: State,
  optimism: number,
  random: Random | undefined,
): Float64Array {
  const { problem, local, delays, knowledge } = model
  const { devices, choices } = problem
  const own = new Float64Array(devices * choices.length)
  const groupMeans = random ? local.drawGroups(random) : []
  const delayMeans = random ? delays.drawMeans(random) : undefined
  const retried = retriedFrom(model)
  const { all, local: ownTail, nodes } = knowledge.tails
  const ownFactor = smearing(all, ownTail)
  const nodeFactors = nodes.map((tail) => smearing(all, tail))
  const delayMs = (device: number, choice: number) => {
    const pool = model.delayOf(features, device, choice)
    if (pool === undefined) return 0
    if (random && delayMeans) {
      return delays.drawDelay(pool, device, delayMeans[pool], random)
    }
    const { mean, variance } = delays.estimate(pool, device)
    return mean - optimism * Math.sqrt(variance)
  }
  const logsOf = (device: number) => {
    const row = model.rowIn(features, device)
    if (random) return local.drawTimes(row, groupMeans, random)
    const estimate = local.estimate(row)
    if (optimism <= 0) return estimate.means
    const { told, untold } = EXPLORE.untriedDeviation
    return lowerBounds(row, estimate, optimism, retried, model.offsets[device] ? told : untold)
  }
  for (let device = 0; device < devices; device++) {
    const logs = logsOf(device)
    const start = device * choices.length
    const timeMs = (choice: number, way: number) => {
      const variant = model.variantOf[choice]
      const localMs = variant < 0 ? 0 : Math.exp(logs[variant])
      const ms =
        (localMs + delayMs(device, way)) *
        (nodeFactors[model.sharedNode(device, choice)] ?? ownFactor)
      return way === choice || variant < 0 ? ms : Math.max(0, ms)
    }
    for (let choice = 0; choice < choices.length; choice++) {
      if (!available[device][choice]) {
        own[start + choice] = Number.POSITIVE_INFINITY
        continue
      }
      const stage = model.stages[choice]
      own[start + choice] = stage
        ? timeMs(stage.first, stage.first) +
          model.shareOf(device, choice) * timeMs(stage.second, choice)
        : timeMs(choice, choice)
    }
  }
  return own
}

/** Of every device and choice: how many requests reach the node. Shape [devices, choices]. */
function loadsOf(model: StructuredModel): Float64Array {
  const { devices, choices } = model.problem
  const loads = new Float64Array(devices * choices.length)
  for (let at = 0; at < loads.length; at++) {
    const [device, choice] = [Math.floor(at / choices.length), at % choices.length]
    if (model.sharedNode(device, choice) >= 0) loads[at] = model.shareOf(device, choice)
  }
  return loads
}
