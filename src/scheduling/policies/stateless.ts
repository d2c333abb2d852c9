/** A policy that remembers nothing from one decision to the next. */
import { InvalidInputError } from '../../errors.ts'
import type { Action } from '../action.ts'
import type { Observation } from '../observation.ts'
import type { SchedulingPolicy } from '../scheduling-policy.ts'

export function stateless(
  name: string,
  decide: (observation: Observation) => Action,
): SchedulingPolicy {
  const restore = (saved: unknown) => {
    if (saved === undefined) return
    throw new InvalidInputError(`${name} remembers nothing: it cannot restore ${typeof saved}`)
  }
  return { name, decide, save: () => undefined, restore }
}
