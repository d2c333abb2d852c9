/** What one response teaches the model. */
import { addSample, type Cell, emptyCell, fold, isDoubtful, label, MEDIAN_VARIANCE, type Normal, tellDelay } from './cell.ts'
import { CHANGE } from './constants.ts'
import type { Row } from './local-times.ts'
import { type Curve, estimate, rebuild, shifted } from './node-curve.ts'
import { addResidual, addTo, inflation, logVariance, type Noise } from './noise.ts'
import type { StructuredModel } from './structured-model.ts'
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
  const row = followedRow(model, known, { told, belief: before, beliefIn, samples })
  model.enterRow(features, device, row)
  learnResidual(model, device, noise, told, before, -1)
  const cell = row.cells[variant] ?? emptyCell()
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
  for (const [index, told] of samples.entries()) {
    const { device } = responses[index]
    learnResidual(model, device, noise, told, belief, node)
  }
  const cell = curve.cells.get(users) ?? emptyCell()
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
  const resource = node < 0 ? device : knowledge.rows.length + node
  knowledge.latest.round[resource] = knowledge.round
  knowledge.latest.surprise[resource] = residual / Math.sqrt(variance + belief.variance)
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
  readonly told: Told
  readonly belief: Normal
  readonly beliefIn: (row: Row) => Normal
  /** How many samples of the very same kind there are. */
  readonly samples: number
}

/** The row itself, what was known of the device before it became slower, or a new one if it has just changed. */
function followedRow(model: StructuredModel, row: Row, { told, belief, beliefIn, samples }: Judged): Row {
  if (!model.options.forget) return row
  const { before } = row.watch
  if (before) {
    const ratio = logLikelihood(told, beliefIn(before)) - logLikelihood(told, belief)
    if (hasRecovered(row.watch, ratio)) {
      model.knowledge.changes += 1
      return { ...before, watch: freshWatch<Row>() }
    }
  }
  const change = changeOf(model, row.watch, told, belief, samples, model.knowledge.noise.local)
  if (change === undefined) return row
  model.knowledge.changes += 1
  return {
    group: -1,
    offsets: model.estimateRow(row).means.slice(),
    speedVariance: CHANGE.deviation ** 2,
    cells: [],
    watch: freshWatch(before ?? (change === 'slower' ? row : undefined)),
  }
}

/** The same of a shared node. */
function followedCurve(model: StructuredModel, curve: Curve, node: number, users: number, told: Told, belief: Normal): Curve {
  if (!model.options.forget) return curve
  const knots = model.knots[node]
  const { before } = curve.watch
  if (before) {
    const ratio = logLikelihood(told, estimate(before, knots, users)) - logLikelihood(told, belief)
    if (hasRecovered(curve.watch, ratio)) {
      model.knowledge.changes += 1
      return { ...before, watch: freshWatch<Curve>() }
    }
  }
  const noise = model.knowledge.noise.shared
  const samples = (curve.cells.get(users)?.precision ?? 0) * logVariance(noise)
  const change = changeOf(model, curve.watch, told, belief, samples, noise)
  if (change === undefined) return curve
  model.knowledge.changes += 1
  const remembered = before ?? (change === 'slower' ? curve : undefined)
  return shifted(curve, 0, CHANGE.deviation ** 2, freshWatch(remembered))
}

function changeOf(
  { knowledge }: StructuredModel,
  watch: Row['watch'] | Curve['watch'],
  told: Told,
  belief: Normal,
  samples: number,
  noise: Noise,
): 'slower' | 'faster' | undefined {
  const { deviations, samples: enough, residuals } = CHANGE.faster
  const surprise = surpriseOf(told, belief)
  if (surprise < -deviations && samples >= enough && noise.count >= residuals) return 'faster'
  if (belief.variance > CHANGE.widestBelief ** 2) return undefined
  return follow(watch, surprise / Math.sqrt(inflation(knowledge.repeats)))
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
