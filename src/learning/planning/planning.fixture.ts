/** For tests: a System that believes what it is told, and a goal that every decision meets. */
import type { Constraint } from '../constraint/constraint.ts'
import type { Decision, Problem } from '../environment/environment.ts'
import { jointDecisionCount } from '../environment/feasible.ts'
import { SystemView } from '../model/network.ts'
import { WideView } from '../model/wide.ts'
import { WideRows } from '../model/wide-rows.ts'
import type { Suggestion } from './planning.ts'

const NO_FEATURES = new Float32Array(0)

export function problemOf(devices: number, choices: number): Problem {
  return {
    devices,
    stateSize: 1,
    choices: Array.from({ length: choices }, (_, index) => ({
      placement: { tier: 'end' as const, variant: `m${index}` },
      accuracyPercent: 80,
    })),
  }
}

/**
 * Each choice takes so long on average, whoever takes it and however many do.
 * @param timesMs shape [choices]
 * @param deviationsMs of each, independent of the others. Shape [choices]
 */
export function viewOf(
  problem: Problem,
  timesMs: readonly number[],
  deviationsMs: readonly number[] = timesMs.map(() => 0),
): SystemView {
  const rows = new WideRows(problem)
  const mean = new Float64Array(rows.size)
  const covariance = new Float64Array(rows.size ** 2)
  for (const [choice, timeMs] of timesMs.entries()) {
    mean[1 + choice] = timeMs / 1000
    covariance[(1 + choice) * (rows.size + 1)] = (deviationsMs[choice] / 1000) ** 2
  }
  const wide = new WideView(rows, { mean, covariance, scaleMs: 1000, noise: 1 })
  return new SystemView(problem, NO_FEATURES, 1000, wide, undefined)
}

export function openConstraint(problem: Problem): Constraint {
  const all = Uint32Array.from({ length: jointDecisionCount(problem) }, (_, index) => index)
  return {
    allowed: () => all,
    explorable: () => all,
    doubtful: () => new Uint32Array(0),
    isCold: () => false,
    observe: () => true,
    save: () => undefined,
    restore: () => {},
  }
}

export function suggestionOf(decision: Decision, isPromising = false): Suggestion {
  return { decision, isPromising }
}
