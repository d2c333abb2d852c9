/** What one response teaches the model. */
import { addSample, type Cell, emptyCell, fold, type Normal, tellDelay } from './cell.ts'
import { followedCurve, followedRow } from './changes.ts'
import { LINK } from './constants.ts'
import { labelCurve, labelRow } from './labelling.ts'
import type { Row } from './local-times.ts'
import { estimate } from './node-curve.ts'
import { inflation, logVariance, type Noise } from './noise.ts'
import { learnResidual } from './residuals.ts'
import type { StructuredModel } from './structured-model.ts'
import { surpriseOf, type Told, toldBy, typical } from './told.ts'

/** How long the request of one device took, and what it had chosen. */
export interface Response {
  readonly device: number
  readonly choice: number
  readonly responseMs: number
  /** The choice that escalated, where this is only what followed its first answer: it came that way. */
  readonly leg?: number
}

/** A response of a device itself. @param features state it was taken in */
export function observeLocal(
  model: StructuredModel,
  features: Float32Array,
  { device, choice, responseMs, leg = choice }: Response,
): void {
  const { delays } = model
  const noise = model.knowledge.noise.local
  const relative = logVariance(noise) * inflation(model.knowledge.repeats)
  const variant = model.variantOf[choice]
  const delay = model.delayEstimate(features, device, leg)
  const beliefIn = (row: Row): Normal => {
    const { means, variances } = model.local.estimate(row)
    return { mean: means[variant], variance: variances[variant] }
  }
  const known = model.rowIn(features, device)
  const before = beliefIn(known)
  const told = toldBy(responseMs, delay, delay.variance, before, relative)
  const samples = (known.cells[variant]?.precision ?? 0) * relative
  const row = followedRow(model, device, known, {
    variant,
    told,
    belief: before,
    beliefIn,
    samples,
  })
  model.enterRow(features, device, row)
  if (confirms(model, device, known, variant)) note(model, device, told, before)
  learnResidual(model, device, noise, told, before, -1)
  const cell = row.cells[variant] ?? emptyCell(model.knowledge.round)
  row.cells[variant] = cell
  addSample(cell, told.value, told.variance)
  labelRow(model, row, cell)
  const pool = model.delayOf(features, device, leg)
  if (pool !== undefined) {
    // What is unsure of its own time may explain all of a long response.
    const own = beliefIn(row)
    const believedMs = Math.exp(own.mean)
    const longestMs = Math.max(believedMs, Math.exp(told.value))
    const wholeMs = believedMs + Math.max(0, delay.mean)
    const variance = relative * wholeMs ** 2 + longestMs ** 2 * Math.min(1, own.variance)
    const last = cell.values.length - 1
    tellDelay(
      cell,
      last,
      delays.indexOf(pool, device),
      { mean: responseMs - believedMs, variance },
      delays,
    )
  }
  settle(cell, noise)
}

/** Responses of one shared node. @param served its users, those whose answers never came included; an average where they changed meanwhile */
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
  const relative = logVariance(noise) * inflation(model.knowledge.repeats)
  const known = model.curveIn(features, node)
  const users = Math.min(Math.max(1, Math.round(served)), knots[knots.length - 1])
  // What the curve says lies between them brings a response to a whole number of users, about.
  const shift = estimate(known, knots, served).mean - estimate(known, knots, users).mean
  const belief = estimate(known, knots, users)
  const samples = responses.map(({ device, choice, responseMs, leg = choice }) => {
    const delay = model.delayEstimate(features, device, leg)
    const delayVariance = Math.min(delay.variance, (LINK.mostOfResponse * responseMs) ** 2)
    const { value, variance } = toldBy(responseMs, delay, delayVariance, belief, relative)
    return { value: value - shift, variance: variance + shift ** 2 }
  })
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
  for (const { value, variance } of samples) addSample(cell, value, variance)
  labelCurve(model, curve, node, users)
  const after = estimate(curve, knots, users)
  const nodeMs = Math.exp(after.mean)
  for (const [index, { device, choice, responseMs, leg = choice }] of responses.entries()) {
    const delay = model.delayEstimate(features, device, leg)
    const told = {
      mean: responseMs - nodeMs,
      variance:
        relative * (nodeMs + Math.max(0, delay.mean)) ** 2 +
        nodeMs ** 2 * Math.min(1, after.variance),
    }
    const pool = model.delayOf(features, device, leg) ?? 0
    tellDelay(cell, first + index, delays.indexOf(pool, device), told, delays)
  }
  settle(cell, noise)
}

/**
 * Whether running the variant confirms what is known of the device: not if it never ran it before, while it ran others. Those may be out
 * of date: a device that is used again may be another one now, and run what it never ran.
 */
function confirms(
  { knowledge }: StructuredModel,
  device: number,
  { cells }: Row,
  variant: number,
): boolean {
  const last = knowledge.latest.round[device]
  const isOlder = (cell: Cell | undefined) => cell !== undefined && cell.since <= last
  return isOlder(cells[variant]) || !cells.some(isOlder)
}

/** A resource was used in this round, with this surprise. */
function note({ knowledge }: StructuredModel, resource: number, told: Told, belief: Normal): void {
  knowledge.latest.round[resource] = knowledge.round
  knowledge.latest.surprise[resource] = surpriseOf(told, belief)
}

function settle(cell: Cell, noise: Noise): void {
  const { folded, slow } = fold(cell)
  noise.folded += folded
  noise.slow += slow
}
