import { InvalidInputError } from '../../errors.ts'
import type { PlanningProblem } from './problem.ts'

/** Eleven days: sums of what is longer lose the milliseconds. */
export const LONGEST_MS = 1e9

const isTime = (ms: number) => Math.abs(ms) <= LONGEST_MS

/** @throws InvalidInputError where shapes or values of a problem do not fit */
export function checkProblem(problem: PlanningProblem): void {
  const { devices, choices, ownTimesMs, loads, edgeOf, edgeCurvesMs, goalPercent } = problem
  if (!Number.isInteger(devices) || devices < 1) throw wrong('devices', devices, 'at least 1')
  if (choices.length === 0) throw wrong('choices', 'empty', 'at least one choice')
  for (const [name, table] of Object.entries({ ownTimesMs, loads })) {
    if (!table || table.length === devices * choices.length) continue
    throw wrong(name, `${table.length} long`, `devices × choices = ${devices * choices.length}`)
  }
  if (edgeOf.length !== devices)
    throw wrong('edgeOf', `${edgeOf.length} long`, `devices = ${devices}`)
  for (const [device, edge] of edgeOf.entries()) {
    if (edge < 0 || edge >= edgeCurvesMs.length) {
      throw wrong(
        `edgeOf[${device}]`,
        edge,
        `the index of one of ${edgeCurvesMs.length} edge curves`,
      )
    }
  }
  const place = (at: number) => `[${Math.floor(at / choices.length)}, ${at % choices.length}]`
  const noTime = ownTimesMs.findIndex((ownMs) => ownMs !== Infinity && !isTime(ownMs))
  if (noTime >= 0) {
    const expected = `a time in ms, at most ${LONGEST_MS}, or Infinity for a closed choice`
    throw wrong(`ownTimesMs${place(noTime)}`, ownTimesMs[noTime], expected)
  }
  const noShare = loads?.findIndex((load) => !(load >= 0 && load <= 1)) ?? -1
  if (noShare >= 0) {
    const expected = 'a share of the requests from 0 to 1'
    throw wrong(`loads${place(noShare)}`, loads?.[noShare], expected)
  }
  checkCurves(problem)
  if (!Number.isFinite(goalPercent)) throw wrong('goalPercent', goalPercent, 'a finite percentage')
}

function checkCurves({ edgeCurvesMs, cloudCurveMs }: PlanningProblem): void {
  for (const [edge, curve] of [...edgeCurvesMs, cloudCurveMs].entries()) {
    const users = curve.findIndex((ms) => !isTime(ms))
    if (users < 0) continue
    const name = edge < edgeCurvesMs.length ? `edgeCurvesMs[${edge}]` : 'cloudCurveMs'
    throw wrong(
      `${name}[${users}]`,
      curve[users],
      `a time in ms, at most ${LONGEST_MS}: end the curve before it`,
    )
  }
}

function wrong(name: string, found: unknown, expected: string): InvalidInputError {
  return new InvalidInputError(`${name} is ${found}: give ${expected}`)
}
