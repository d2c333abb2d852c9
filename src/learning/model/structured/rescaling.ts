/**
 * Samples count by the noise they were believed to have. The first ones come before the noise is known: when it turns out to be another,
 * all that was learned by them is weighed anew.
 */
import type { Cell } from './cell.ts'
import { NOISE } from './constants.ts'
import { labelCurve, labelRow } from './labelling.ts'
import { type Curve, rebuild } from './node-curve.ts'
import { inflation, logVariance } from './noise.ts'
import type { StructuredModel } from './structured-model.ts'

/** Weighs anew what was learned with another noise than is now believed; nothing where that differs little. */
export function rescale(model: StructuredModel): void {
  const { noise, repeats, weighedWith } = model.knowledge
  const repeated = inflation(repeats)
  const local = (logVariance(noise.local) * repeated) / weighedWith.local
  const shared = (logVariance(noise.shared) * repeated) / weighedWith.shared
  if (differs(local)) rescaleRows(model, local)
  if (differs(shared)) rescaleCurves(model, shared)
}

function differs(ratio: number): boolean {
  return Math.abs(Math.log(ratio)) > NOISE.reweighed
}

function rescaleRows(model: StructuredModel, ratio: number): void {
  model.knowledge.weighedWith.local *= ratio
  const rows = model.allRows()
  for (const { cells } of rows) for (const cell of cells) if (cell) scale(cell, ratio)
  scalePools(model, model.localPools(), 1 / ratio)
  model.local.refresh(rows)
  for (const row of rows) labelRow(model, row)
}

function rescaleCurves(model: StructuredModel, ratio: number): void {
  const { weighedWith, curves } = model.knowledge
  weighedWith.shared *= ratio
  // Before the samples are labelled anew: what that adds and takes away is weighed anew already.
  scalePools(model, model.sharedPools(), 1 / ratio)
  for (const [node, states] of curves.entries()) {
    for (const curve of states.values()) {
      for (let at: Curve | undefined = curve; at; at = at.watch.before) {
        for (const cell of at.cells.values()) scale(cell, ratio)
        rebuild(at, model.knots[node])
        for (const users of at.cells.keys()) labelCurve(model, at, node, users)
      }
    }
  }
}

/** What was told of these delays counts so many times as much, also what devices that are absent told. */
function scalePools({ delays, knowledge }: StructuredModel, pools: number[], times: number): void {
  for (const pool of pools) delays.scale(pool, times)
  for (const [name, known] of knowledge.absent) {
    const scaled = known.delays.map((own) =>
      pools.includes(own.pool)
        ? { ...own, precision: own.precision * times, sum: own.sum * times }
        : own,
    )
    knowledge.absent.set(name, { ...known, delays: scaled })
  }
}

/** All its samples are so many times as uncertain as they were taken for. */
function scale(cell: Cell, ratio: number): void {
  cell.variances = cell.variances.map((variance) => variance * ratio)
  cell.delayVariances = cell.delayVariances.map((variance) => variance * ratio)
  cell.foldedPrecision /= ratio
  cell.foldedSum /= ratio
  cell.precision /= ratio
  cell.sum /= ratio
}
