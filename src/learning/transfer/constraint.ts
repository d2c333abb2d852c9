/**
 * What is known of goals. For another goal nothing changes: labels say which goals they hold for. For another number of
 * devices only decisions in which all devices take the same choice keep their label, by the assumption that a variant is as
 * accurate on one device as on another.
 */
import type { LearnedConstraintState } from '../constraint/constraint.ts'
import { decisionOf, indexOf } from '../environment/feasible.ts'
import type { Task } from './task.ts'

/** @param saved by a constraint; undefined of one that learns nothing */
export function transferConstraint(
  saved: LearnedConstraintState | undefined,
  { problem: from }: Task,
  { problem: to }: Task,
): LearnedConstraintState | undefined {
  if (!saved || from.devices === to.devices) return saved
  const { actions, met, broken } = saved.labels
  const decisions = Array.from(actions, (action) => decisionOf(action, from))
  const uniform = [...decisions.keys()].filter((i) => new Set(decisions[i]).size === 1)
  const labels = {
    actions: Uint32Array.from(uniform, (i) =>
      indexOf(Array<number>(to.devices).fill(decisions[i]?.[0] ?? 0), to),
    ),
    met: Float64Array.from(uniform, (i) => met[i]),
    broken: Float64Array.from(uniform, (i) => broken[i]),
  }
  return { ...saved, labels, fit: undefined }
}
