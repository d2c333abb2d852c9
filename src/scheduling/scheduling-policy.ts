/** Which variant serves the head of the queue, and with how many others. */
import { InvalidInputError } from '../errors.ts'
import type { Action } from './action.ts'
import type { Observation } from './observation.ts'

/** Asked whenever a worker is free and a request with a deadline waits. */
export interface SchedulingPolicy {
  readonly name: string
  /** @returns an action that `isAllowed` for this observation */
  decide(observation: Observation): Action
  /** All that the policy remembers from one decision to the next, as a plain value; undefined when it remembers nothing. */
  save(): unknown
  /** @param saved a value that `save` of the same policy gave. @throws InvalidInputError for anything else */
  restore(saved: unknown): void
}

/** A policy that remembers nothing from one decision to the next. */
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
