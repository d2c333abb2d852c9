/** A policy that remembers nothing from one decision to the next. */
import type { Action } from '../action.ts'
import type { Observation } from '../observation.ts'
import type { SchedulingPolicy } from '../scheduling-policy.ts'

export function stateless(
  name: string,
  decide: (observation: Observation) => Action,
): SchedulingPolicy {
  return { name, decide, save: () => undefined, restore: () => undefined }
}
