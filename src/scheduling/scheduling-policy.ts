/** Which variant serves the head of the queue, and with how many others. */
import type { Action } from './action.ts'
import type { Observation } from './observation.ts'

export interface SchedulingPolicy {
  readonly name: string
  /** @returns an action that `isAllowed` for this observation */
  decide(observation: Observation): Action
  /** All that the policy remembers from one decision to the next, as a plain value; undefined when it remembers nothing. */
  save(): unknown
  /** @param saved a value that `save` of the same policy gave. @throws InvalidInputError for anything else */
  restore(saved: unknown): void
}
