/** Whether a resource still is what is believed of it: what is believed from now on. */
import type { Cell, Normal } from './cell.ts'
import { CHANGE } from './constants.ts'
import type { Knowledge } from './knowledge.ts'
import type { Row } from './local-times.ts'
import { type Curve, estimate, shifted } from './node-curve.ts'
import { inflation, logVariance, type Noise } from './noise.ts'
import type { StructuredModel } from './structured-model.ts'
import { logLikelihood, surpriseOf, type Told } from './told.ts'
import { follow, freshWatch, hasRecovered } from './watch.ts'

/** A response, what was believed of it, and by which other beliefs it may be judged. */
export interface Judged {
  readonly variant: number
  readonly told: Told
  readonly belief: Normal
  readonly beliefIn: (row: Row) => Normal
  /** How many samples of the very same kind there are. */
  readonly samples: number
}

/** The row itself, what was known of the device before it changed, or a new one if it has just changed. */
export function followedRow(
  model: StructuredModel,
  device: number,
  row: Row,
  { variant, told, belief, beliefIn, samples }: Judged,
): Row {
  if (!model.options.forget) return row
  const { before } = row.watch
  if (before && isEstablished(before.cells[variant], row.watch)) {
    const ratio = logLikelihood(told, beliefIn(before)) - logLikelihood(told, belief)
    if (hasRecovered(row.watch, ratio)) {
      return recovered(model, device, row, before)
    }
  }
  const change = changeOf(
    model,
    device,
    row.watch,
    told,
    belief,
    samples,
    model.knowledge.noise.local,
  )
  if (change === undefined) return row
  model.noteChange(device, change)
  return {
    group: row.group,
    offsets: model.local.deviations(row),
    speedVariance: CHANGE.deviation ** 2,
    cells: [],
    watch: freshWatch(before ?? row, change === 'faster', model.knowledge.round),
  }
}

/** Only what was known for some time before the change tells whether a resource is as it was then. */
function isEstablished(
  cell: Cell | undefined,
  { changedAt }: Row['watch'] | Curve['watch'],
): boolean {
  return cell !== undefined && cell.since <= changedAt - CHANGE.recentRounds
}

/**
 * What was known before, true again. Where the device had only seemed to be faster, because it runs some variants faster than others let
 * expect, what was learned of those meanwhile is kept.
 */
function recovered(
  model: StructuredModel,
  device: number,
  { cells, watch }: Row,
  before: Row,
): Row {
  if (!watch.isFaster) {
    model.noteChange(device, 'as-before')
    return { ...before, watch: freshWatch<Row>() }
  }
  model.takeBackChange(device)
  const merged = model.localChoices.map((_, variant) => before.cells[variant] ?? cells[variant])
  return { ...before, cells: merged, watch: freshWatch<Row>() }
}

/** The same of a shared node. */
export function followedCurve(
  model: StructuredModel,
  curve: Curve,
  node: number,
  users: number,
  told: Told,
  belief: Normal,
): Curve {
  if (!model.options.forget) return curve
  const knots = model.knots[node]
  const resource = model.layout.devices + node
  const { before } = curve.watch
  if (before && isEstablished(before.cells.get(users), curve.watch)) {
    const ratio = logLikelihood(told, estimate(before, knots, users)) - logLikelihood(told, belief)
    if (hasRecovered(curve.watch, ratio)) {
      if (curve.watch.isFaster) model.takeBackChange(resource)
      else model.noteChange(resource, 'as-before')
      return { ...before, watch: freshWatch<Curve>() }
    }
  }
  const noise = model.knowledge.noise.shared
  const samples = (curve.cells.get(users)?.precision ?? 0) * logVariance(noise)
  const change = changeOf(model, resource, curve.watch, told, belief, samples, noise)
  if (change === undefined) return curve
  model.noteChange(resource, change)
  return shifted(
    curve,
    0,
    CHANGE.deviation ** 2,
    freshWatch(before ?? curve, change === 'faster', model.knowledge.round),
  )
}

/**
 * A shared node says that it sheds load: what is believed of it is doubted at once, not after several surprises. What was known stays
 * known for when it has room again. Nothing new where it was just found to be slower.
 */
export function doubtCurve(model: StructuredModel, features: Float32Array, node: number): void {
  const { round } = model.knowledge
  const curve = model.curveIn(features, node)
  const { before, isFaster, changedAt } = curve.watch
  const isKnown = before && !isFaster && round - changedAt <= CHANGE.recentRounds
  if (isKnown || curve.cells.size === 0) return
  model.noteChange(model.layout.devices + node, 'slower')
  const watch = freshWatch(before ?? curve, false, round)
  model.enterCurve(features, node, shifted(curve, 0, CHANGE.deviation ** 2, watch))
}

/** @param samples how many there are of the very same kind */
function changeOf(
  { knowledge }: StructuredModel,
  resource: number,
  watch: Row['watch'] | Curve['watch'],
  told: Told,
  belief: Normal,
  samples: number,
  noise: Noise,
): 'slower' | 'faster' | undefined {
  const { deviations, samples: enough, residuals } = CHANGE.faster
  const surprise = surpriseOf(told, belief)
  if (surprise < -deviations && samples >= enough && noise.count >= residuals) return 'faster'
  if (surprise < -CHANGE.hint) {
    const changed = { mean: belief.mean, variance: belief.variance + (2 * CHANGE.deviation) ** 2 }
    const odds = Math.log(chanceOfChange(knowledge, resource))
    const evidence = odds + logLikelihood(told, changed) - logLikelihood(told, belief)
    if (evidence > CHANGE.sure) return 'faster'
  }
  if (belief.variance > CHANGE.widestBelief ** 2) return undefined
  return follow(watch, surprise / Math.sqrt(inflation(knowledge.repeats)))
}

/**
 * That a resource has changed since it was last used: the longer ago the likelier; and where others just changed, it may be one cause. One
 * other alone may be a mistake.
 */
function chanceOfChange(
  { round, latest, changes, changedAt }: Knowledge,
  resource: number,
): number {
  const resources = latest.round.length
  const since = Math.max(1, round - latest.round[resource])
  const recent = changedAt.reduce(
    (count, at) => count + (round - at <= CHANGE.recentRounds ? 1 : 0),
    0,
  )
  const rate = (1 + changes) / (CHANGE.roundsPerChange + resources * round)
  return Math.min(CHANGE.mostChance, since * rate + Math.max(0, recent - 1) / resources)
}
