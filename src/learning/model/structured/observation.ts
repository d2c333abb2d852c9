/** What one response teaches the model. */
import {
  addSample,
  type Cell,
  emptyCell,
  fold,
  isDoubtful,
  label,
  MEDIAN_VARIANCE,
  type Normal,
  tellDelay,
} from './cell.ts'
import type { Row } from './local-times.ts'
import { type Curve, estimate, rebuild, shifted } from './node-curve.ts'
import { addResidual, type Noise, relativeVariance } from './noise.ts'
import type { StructuredModel } from './structured-model.ts'
import { follow, freshWatch, hasRecovered, use } from './watch.ts'

export interface Response {
  readonly device: number
  readonly choice: number
  readonly responseMs: number
}

/** Variance of the logarithm beyond which a sample tells nothing. */
const MOST_VARIANCE = 4
/** Deviation of an unknown delay, as a share of the response time it is part of. */
const MOST_OF_RESPONSE = 0.3
/** Least variance of what is believed without a cell's own samples. */
const LEAST_LOCAL_VARIANCE = 0.35 ** 2
const LEAST_NODE_VARIANCE = 0.25 ** 2
/** Effective samples from which a cell's residuals tell of the noise. */
const ENOUGH_SAMPLES = 3
/** How little is known of a resource that has just changed. */
const CHANGED_VARIANCE = 0.7 ** 2
/** A belief is sure enough to be surprised while its variance is below this share of one response's. */
const SURE = 0.5

export function observeLocal(
  model: StructuredModel,
  features: Float32Array,
  { device, choice, responseMs }: Response,
): void {
  const { delays } = model
  const noise = model.knowledge.noise.local
  const variant = model.variantOf[choice]
  const delay = model.delayEstimate(features, device, choice)
  const relative = relativeVariance(noise)
  const ownMs = Math.max(responseMs - delay.mean, 0.15 * responseMs)
  const sampleOf = (row: Row) => {
    const { means, variances } = model.estimateRow(row)
    const believedMs = Math.exp(means[variant])
    const noiseVariance = relative * (believedMs + delay.mean) ** 2
    const spread = (noiseVariance + delay.variance) / believedMs ** 2
    return {
      believedMs,
      noiseVariance,
      ownVariance: variances[variant],
      value: Math.log(ownMs),
      variance: Math.min(MOST_VARIANCE, Math.max(relative, spread)),
      belief: { mean: means[variant], variance: variances[variant] },
    }
  }
  const known = model.rowIn(features, device)
  const expected = sampleOf(known)
  const row = followedRow(model, known, expected, sampleOf)
  model.enterRow(features, device, row)
  const cell = row.cells[variant] ?? emptyCell()
  row.cells[variant] = cell
  const { believedMs, noiseVariance, ownVariance, value, variance } =
    row === known ? expected : sampleOf(row)
  const isKnown = cell.precision * relative >= ENOUGH_SAMPLES
  addSample(cell, value, variance)
  labelRow(model, row, cell)
  const last = cell.values.length - 1
  const pool = model.delayOf(features, device, choice)
  if (pool !== undefined) {
    // What is unsure of its own time may explain all of a long response.
    const longestMs = Math.max(believedMs, ownMs)
    const told = {
      mean: responseMs - believedMs,
      variance: noiseVariance + longestMs ** 2 * Math.min(1, ownVariance) + 1,
    }
    tellDelay(cell, last, delays.indexOf(pool, device), told, delays)
  }
  const expectedMs = believedMs + delay.mean
  if (isKnown) addResidual(noise, responseMs / expectedMs - 1, cell.weights[last])
  settle(cell, noise)
}

/** @param served users of the node, those whose answers never came included; an average where they changed meanwhile */
export function observeShared(
  model: StructuredModel,
  features: Float32Array,
  node: number,
  served: number,
  responses: readonly Response[],
): void {
  const { delays } = model
  const noise = model.knowledge.noise.shared
  const knots = model.knots[node]
  const relative = relativeVariance(noise)
  const known = model.curveIn(features, node)
  const users = Math.min(Math.max(1, Math.round(served)), knots.at(-1) ?? 1)
  // What the curve says lies between them brings a response to a whole number of users, about.
  const shift = estimate(known, knots, served).mean - estimate(known, knots, users).mean
  const samples = responses.map(({ device, choice, responseMs }) => {
    const delay = model.delayEstimate(features, device, choice)
    const ownMs = Math.max(responseMs - delay.mean, 0.2 * responseMs)
    // A fast response cannot have come over a slow link, whatever is known of the link.
    const delayVariance = Math.min(delay.variance, (MOST_OF_RESPONSE * responseMs) ** 2)
    const variance = (delayVariance + relative * responseMs ** 2) / ownMs ** 2 + shift ** 2
    return { delay, value: Math.log(ownMs) - shift, variance: Math.min(MOST_VARIANCE, variance) }
  })
  const curve = followedCurve(model, known, knots, users, typical(samples))
  model.enterCurve(features, node, curve)
  const cell = curve.cells.get(users) ?? emptyCell()
  curve.cells.set(users, cell)
  const isKnown = cell.precision * relative >= ENOUGH_SAMPLES
  const before = estimate(curve, knots, users)
  const first = cell.values.length
  for (const { value, variance } of samples) addSample(cell, value, variance)
  label(cell, before, LEAST_NODE_VARIANCE, model.slowRate(noise), delays)
  rebuild(curve, knots)
  const after = estimate(curve, knots, users)
  const nodeMs = Math.exp(after.mean)
  for (const [index, { device, choice, responseMs }] of responses.entries()) {
    const delayMs = samples[index]?.delay.mean ?? 0
    const told = {
      mean: responseMs - nodeMs,
      variance: relative * (nodeMs + delayMs) ** 2 + nodeMs ** 2 * Math.min(1, after.variance) + 1,
    }
    const pool = model.delayOf(features, device, choice) as number
    tellDelay(cell, first + index, delays.indexOf(pool, device), told, delays)
    const residual = responseMs / (Math.exp(before.mean) + delayMs) - 1
    if (isKnown) addResidual(noise, residual, cell.weights[first + index])
  }
  settle(cell, noise)
}

interface Told {
  readonly value: number
  readonly variance: number
}

interface Expected extends Told {
  readonly belief: Normal
}

/** The row itself, what was known of the device before it became slower, or a new one if it has just changed. */
function followedRow(
  model: StructuredModel,
  row: Row,
  now: Expected,
  sampleOf: (row: Row) => Expected,
): Row {
  if (!model.options.forget) return row
  const { round, noise } = model.knowledge
  const { before } = row.watch
  if (before) {
    const then = sampleOf(before)
    const ratio = logLikelihood(then, then.belief) - logLikelihood(now, now.belief)
    if (hasRecovered(row.watch, ratio)) {
      return { ...before, watch: freshWatch<Row>(undefined, round) }
    }
  }
  use(row.watch, round)
  const isSure = now.belief.variance < relativeVariance(noise.local) * SURE
  const change = isSure ? follow(row.watch, surprise(now, now.belief)) : undefined
  if (change === undefined) return row
  return {
    classIndex: -1,
    means: model.estimateRow(row).means.slice(),
    speedVariance: CHANGED_VARIANCE,
    cells: [],
    watch: freshWatch(before ?? (change === 'slower' ? row : undefined), round),
  }
}

/** The same of a shared node. */
function followedCurve(
  model: StructuredModel,
  curve: Curve,
  knots: Int32Array,
  users: number,
  told: Told,
): Curve {
  if (!model.options.forget) return curve
  const { noise, round } = model.knowledge
  const belief = estimate(curve, knots, users)
  const { before } = curve.watch
  if (before) {
    const ratio = logLikelihood(told, estimate(before, knots, users)) - logLikelihood(told, belief)
    if (hasRecovered(curve.watch, ratio)) {
      return { ...before, watch: freshWatch<Curve>(undefined, round) }
    }
  }
  use(curve.watch, round)
  const isSure = belief.variance < relativeVariance(noise.shared) * SURE
  const change = isSure ? follow(curve.watch, surprise(told, belief)) : undefined
  if (change === undefined) return curve
  const remembered = before ?? (change === 'slower' ? curve : undefined)
  return shifted(curve, 0, CHANGED_VARIANCE, freshWatch(remembered, round))
}

/** Also where another cell's samples were in doubt: this one may have settled it. */
function labelRow(model: StructuredModel, row: Row, changed: Cell): void {
  const { means, variances } = model.estimateRow(row)
  const rate = model.slowRate(model.knowledge.noise.local)
  for (const [variant, cell] of row.cells.entries()) {
    if (!cell || (cell !== changed && !isDoubtful(cell))) continue
    const now = { mean: means[variant], variance: variances[variant] }
    label(cell, now, LEAST_LOCAL_VARIANCE, rate, model.delays)
  }
}

/** The median of a round's samples: one slow response is none. */
function typical(samples: readonly Told[]): Told {
  const median = (values: readonly number[]) =>
    [...values].sort((a, b) => a - b)[(values.length - 1) >> 1]
  const variance = median(samples.map((sample) => sample.variance)) / samples.length
  return {
    value: median(samples.map((sample) => sample.value)),
    variance: samples.length > 2 ? MEDIAN_VARIANCE * variance : variance,
  }
}

function surprise({ value, variance }: Told, belief: Normal): number {
  return (value - belief.mean) / Math.sqrt(belief.variance + variance)
}

function logLikelihood(told: Told, belief: Normal): number {
  return -0.5 * (surprise(told, belief) ** 2 + Math.log(belief.variance + told.variance))
}

function settle(cell: Cell, noise: Noise): void {
  const { folded, slow } = fold(cell)
  noise.folded += folded
  noise.slow += slow
}
