/** Which samples are nominal, by all that is believed now. */
import { type Cell, isDoubtful, label } from './cell.ts'
import { SLOW } from './constants.ts'
import type { Row } from './local-times.ts'
import { type Curve, estimate, rebuild } from './node-curve.ts'
import type { StructuredModel } from './structured-model.ts'

/** Labels the samples of a row anew: those of the cell that changed, and those in doubt, which it may have settled. */
export function labelRow(model: StructuredModel, row: Row, changed?: Cell): void {
  const { means, variances } = model.local.estimate(row)
  const slow = model.slowResponses(model.knowledge.noise.local)
  for (const [variant, cell] of row.cells.entries()) {
    if (!cell || (cell !== changed && !isDoubtful(cell))) continue
    const now = { mean: means[variant], variance: variances[variant] }
    label(cell, now, SLOW.leastDeviation ** 2, slow, model.delays)
  }
  model.local.forget(row)
}

/** Labels the samples of a curve's cell anew, and learns the curve by it. */
export function labelCurve(
  model: StructuredModel,
  curve: Curve,
  node: number,
  users: number,
): void {
  const cell = curve.cells.get(users)
  if (!cell) return
  const knots = model.knots[node]
  const slow = model.slowResponses(model.knowledge.noise.shared)
  label(cell, estimate(curve, knots, users), SLOW.leastDeviation ** 2, slow, model.delays)
  rebuild(curve, knots)
}
