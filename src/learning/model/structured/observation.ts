/** What one response teaches the model. */
import { addSample, type Cell, emptyCell, fold, isDoubtful, label, MEDIAN_VARIANCE, type Normal, tellDelay } from './cell.ts'
import { CHANGE } from './constants.ts'
import type { Row } from './local-times.ts'
import { type Curve, estimate, rebuild, shifted } from './node-curve.ts'
import { addResidual, addTo, inflation, logVariance, type Noise } from './noise.ts'
import type { Knowledge, StructuredModel } from './structured-model.ts'
import { follow, freshWatch, hasRecovered } from './watch.ts'

export interface Response {
  readonly device: number
  readonly choice: number
  readonly responseMs: number
}

/** Variance of the logarithm beyond which a sample tells nothing. */
const MOST_VARIANCE = 4
/** What is left of a response at least when a delay is taken off it: delays explain no more. */
const LEAST_OWN_SHARE = 0.15
/** Deviation of an unknown delay, as a share of the response time it is part of. */
const MOST_OF_RESPONSE = 0.3
/** Least variance of what is believed without a cell's own samples, so that a wrong belief cannot reject them all. */
const LEAST_VARIANCE = 0.35 ** 2

/** A response of a device itself. @param features state it was taken in */
export function observeLocal(model: StructuredModel, features: Float32Array, { device, choice, responseMs }: Response): void {
  const { delays } = model
  const noise = model.knowledge.noise.local
  const relative = logVariance(noise) * inflation(model.knowledge.repeats)
  const variant = model.variantOf[choice]
  const delay = model.delayEstimate(features, device, choice)
  const ownMs = Math.max(responseMs - delay.mean, LEAST_OWN_SHARE * responseMs)
  const told = {
    value: Math.log(ownMs),
    variance: Math.min(MOST_VARIANCE, (relative * responseMs ** 2 + delay.variance) / ownMs ** 2),
  }
  const beliefIn = (row: Row): Normal => {
    const { means, variances } = model.estimateRow(row)
    return { mean: means[variant], variance: variances[variant] }
  }
  const known = model.rowIn(features, device)
  const before = beliefIn(known)
  const samples = (known.cells[variant]?.precision ?? 0) * relative
  const row = followedRow(model, device, known, { variant, told, belief: before, beliefIn, samples })
  model.enterRow(features, device, row)
  if (confirms(model, device, known, variant)) note(model, device, told, before)
  learnResidual(model, device, noise, told, before, -1)
  const cell = row.cells[variant] ?? emptyCell(model.knowledge.round)
  row.cells[variant] = cell
  addSample(cell, told.value, told.variance)
  labelRow(model, row, cell)
  const pool = model.delayOf(features, device, choice)
  if (pool !== undefined) {
    // What is unsure of its own time may explain all of a long response.
    const own = beliefIn(row)
    const believedMs = Math.exp(own.mean)
    const longestMs = Math.max(believedMs, ownMs)
    const variance = relative * responseMs ** 2 + longestMs ** 2 * Math.min(1, own.variance)
    const last = cell.values.length - 1
    tellDelay(cell, last, delays.indexOf(pool, device), { mean: responseMs - believedMs, variance }, delays)
  }
  settle(cell, noise)
}

/** Responses of one shared node. @param served its users, those whose answers never came included; an average where they changed meanwhile */
export function observeShared(model: StructuredModel, features: Float32Array, node: number, served: number, responses: readonly Response[]): void {
  const { delays } = model
  const noise = model.knowledge.noise.shared
  const knots = model.knots[node]
  const relative = logVariance(noise) * inflation(model.knowledge.repeats)
  const known = model.curveIn(features, node)
  const users = Math.min(Math.max(1, Math.round(served)), knots[knots.length - 1])
  // What the curve says lies between them brings a response to a whole number of users, about.
  const shift = estimate(known, knots, served).mean - estimate(known, knots, users).mean
  const samples = responses.map(({ device, choice, responseMs }) => {
    const delay = model.delayEstimate(features, device, choice)
    const ownMs = Math.max(responseMs - delay.mean, LEAST_OWN_SHARE * responseMs)
    // A fast response cannot have come over a slow link, whatever is known of the link.
    const delayVariance = Math.min(delay.variance, (MOST_OF_RESPONSE * responseMs) ** 2)
    const variance = (delayVariance + relative * responseMs ** 2) / ownMs ** 2 + shift ** 2
    return { delay, value: Math.log(ownMs) - shift, variance: Math.min(MOST_VARIANCE, variance) }
  })
  const belief = estimate(known, knots, users)
  const curve = followedCurve(model, known, node, users, typical(samples), belief)
  model.enterCurve(features, node, curve)
  note(model, model.layout.devices + node, typical(samples), belief)
  for (const [index, told] of samples.entries()) {
    const { device } = responses[index]
    learnResidual(model, device, noise, told, belief, node)
  }
  const cell = curve.cells.get(users) ?? emptyCell(model.knowledge.round)
  curve.cells.set(users, cell)
  const first = cell.values.length
  const now = estimate(curve, knots, users)
  for (const { value, variance } of samples) addSample(cell, value, variance)
  label(cell, now, LEAST_VARIANCE, model.slowResponses(noise), delays)
  rebuild(curve, knots)
  const after = estimate(curve, knots, users)
  const nodeMs = Math.exp(after.mean)
  for (const [index, { device, choice, responseMs }] of responses.entries()) {
    const told = {
      mean: responseMs - nodeMs,
      variance: relative * responseMs ** 2 + nodeMs ** 2 * Math.min(1, after.variance),
    }
    const pool = model.delayOf(features, device, choice) ?? 0
    tellDelay(cell, first + index, delays.indexOf(pool, device), told, delays)
  }
  settle(cell, noise)
}

interface Told {
  readonly value: number
  readonly variance: number
}

/**
 * Whether running the variant confirms what is known of the device: not if it never ran it before, while it ran others. Those may be out
 * of date: a device that is used again may be another one now, and run what it never ran.
 */
function confirms({ knowledge }: StructuredModel, device: number, { cells }: Row, variant: number): boolean {
  const last = knowledge.latest.round[device]
  const isOlder = (cell: Cell | undefined) => cell !== undefined && cell.since <= last
  return isOlder(cells[variant]) || !cells.some(isOlder)
}

/** A resource was used in this round, with this surprise. */
function note({ knowledge }: StructuredModel, resource: number, told: Told, belief: Normal): void {
  knowledge.latest.round[resource] = knowledge.round
  knowledge.latest.surprise[resource] = surpriseOf(told, belief)
}

/** What a response says of the noise. @param node -1: the device itself */
function learnResidual(
  { knowledge }: StructuredModel,
  device: number,
  noise: Noise,
  { value, variance }: Told,
  belief: Normal,
  node: number,
): void {
  const residual = value - belief.mean
  const isSure = belief.variance < logVariance(noise)
  addResidual(noise, residual, belief.variance)
  const surprise = bounded(residual / Math.sqrt(variance + belief.variance))
  const last = knowledge.lastSurprises[device]
  if (isSure && !Number.isNaN(last)) addTo(knowledge.repeats, last * surprise)
  knowledge.lastSurprises[device] = isSure ? surprise : Number.NaN
  if (!isSure) return
  const factor = Math.exp(Math.min(MOST_LOG_FACTOR, residual))
  addTo(knowledge.tails.all, factor)
  addTo(node < 0 ? knowledge.tails.local : knowledge.tails.nodes[node], factor)
}

/** A response beyond e³ = 20 times what is believed is a fault, not a tail. */
const MOST_LOG_FACTOR = 3

function bounded(surprise: number): number {
  return Math.min(CHANGE.mostSurprise, Math.max(-CHANGE.mostSurprise, surprise))
}

/** A response, what was believed of it, and by which other beliefs it may be judged. */
interface Judged {
  readonly variant: number
  readonly told: Told
  readonly belief: Normal
  readonly beliefIn: (row: Row) => Normal
  /** How many samples of the very same kind there are. */
  readonly samples: number
}

/** The row itself, what was known of the device before it became slower, or a new one if it has just changed. */
function followedRow(model: StructuredModel, device: number, row: Row, { variant, told, belief, beliefIn, samples }: Judged): Row {
  if (!model.options.forget) return row
  const { before } = row.watch
  if (before && isEstablished(before.cells[variant], row.watch)) {
    const ratio = logLikelihood(told, beliefIn(before)) - logLikelihood(told, belief)
    if (hasRecovered(row.watch, ratio)) {
      return recovered(model, device, row, before)
    }
  }
  const change = changeOf(model, device, row.watch, told, belief, samples, model.knowledge.noise.local)
  if (change === undefined) return row
  model.noteChange(device)
  return {
    group: row.group,
    offsets: model.local.deviations(row),
    speedVariance: CHANGE.deviation ** 2,
    cells: [],
    watch: freshWatch(before ?? row, change === 'faster', model.knowledge.round),
  }
}

/** Only what was known for some time before the change tells whether a resource is as it was then. */
function isEstablished(cell: Cell | undefined, { changedAt }: Row['watch'] | Curve['watch']): boolean {
  return cell !== undefined && cell.since <= changedAt - CHANGE.recentRounds
}

/**
 * What was known before, true again. Where the device had only seemed to be faster, because it runs some variants faster than others let
 * expect, what was learned of those meanwhile is kept.
 */
function recovered(model: StructuredModel, device: number, { cells, watch }: Row, before: Row): Row {
  if (!watch.isFaster) {
    model.noteChange(device)
    return { ...before, watch: freshWatch<Row>() }
  }
  model.knowledge.changes -= 1
  const merged = model.localChoices.map((_, variant) => before.cells[variant] ?? cells[variant])
  return { ...before, cells: merged, watch: freshWatch<Row>() }
}

/** The same of a shared node. */
function followedCurve(model: StructuredModel, curve: Curve, node: number, users: number, told: Told, belief: Normal): Curve {
  if (!model.options.forget) return curve
  const knots = model.knots[node]
  const { before } = curve.watch
  if (before && isEstablished(before.cells.get(users), curve.watch)) {
    const ratio = logLikelihood(told, estimate(before, knots, users)) - logLikelihood(told, belief)
    if (hasRecovered(curve.watch, ratio)) {
      if (curve.watch.isFaster) model.knowledge.changes -= 1
      else model.noteChange(model.layout.devices + node)
      return { ...before, watch: freshWatch<Curve>() }
    }
  }
  const noise = model.knowledge.noise.shared
  const samples = (curve.cells.get(users)?.precision ?? 0) * logVariance(noise)
  const change = changeOf(model, model.layout.devices + node, curve.watch, told, belief, samples, noise)
  if (change === undefined) return curve
  model.noteChange(model.layout.devices + node)
  return shifted(curve, 0, CHANGE.deviation ** 2, freshWatch(before ?? curve, change === 'faster', model.knowledge.round))
}

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
function chanceOfChange({ round, latest, changes, changedAt }: Knowledge, resource: number): number {
  const resources = latest.round.length
  const since = Math.max(1, round - latest.round[resource])
  const recent = changedAt.reduce((count, at) => count + (round - at <= CHANGE.recentRounds ? 1 : 0), 0)
  const rate = (1 + changes) / (CHANGE.roundsPerChange + resources * round)
  return Math.min(0.5, since * rate + Math.max(0, recent - 1) / resources)
}

/** Also where another cell's samples were in doubt: this one may have settled it. */
function labelRow(model: StructuredModel, row: Row, changed: Cell): void {
  const { means, variances } = model.estimateRow(row)
  const slow = model.slowResponses(model.knowledge.noise.local)
  for (const [variant, cell] of row.cells.entries()) {
    if (!cell || (cell !== changed && !isDoubtful(cell))) continue
    label(cell, { mean: means[variant], variance: variances[variant] }, LEAST_VARIANCE, slow, model.delays)
  }
}

/** The median of a round's samples: one slow response is none. */
function typical(samples: readonly Told[]): Told {
  const median = (values: readonly number[]) => [...values].sort((a, b) => a - b)[(values.length - 1) >> 1]
  const variance = median(samples.map((sample) => sample.variance)) / samples.length
  return {
    value: median(samples.map((sample) => sample.value)),
    variance: samples.length > 2 ? MEDIAN_VARIANCE * variance : variance,
  }
}

function surpriseOf({ value, variance }: Told, belief: Normal): number {
  return (value - belief.mean) / Math.sqrt(belief.variance + variance)
}

function logLikelihood(told: Told, belief: Normal): number {
  return -0.5 * (surpriseOf(told, belief) ** 2 + Math.log(belief.variance + told.variance))
}

function settle(cell: Cell, noise: Noise): void {
  const { folded, slow } = fold(cell)
  noise.folded += folded
  noise.slow += slow
}
