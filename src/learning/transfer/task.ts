/** What knowledge is carried from and to: another goal, another number of devices, or both. */
import { InvalidInputError } from '../../errors.ts'
import { formatChoice } from '../../fleet/choice.ts'
import type { Problem } from '../environment/environment.ts'

export interface Task {
  readonly problem: Problem
  readonly goalPercent: number
}

/**
 * How `State.features` is made up: so many of each device, device after device, then those of what devices share.
 * @throws InvalidInputError if the tasks differ in more than the number of devices and the goal
 */
export function featuresPerDevice({ problem: from }: Task, { problem: to }: Task): number {
  if (placementsOf(from) !== placementsOf(to)) {
    throw new InvalidInputError(
      `cannot transfer: learned for choices ${placementsOf(from)}, but here they are ${placementsOf(to)}`,
    )
  }
  const changed = from.devices - to.devices
  const perDevice = changed === 0 ? 0 : (from.stateSize - to.stateSize) / changed
  const shared = from.stateSize - perDevice * from.devices
  const compares = changed !== 0 || from.stateSize === to.stateSize
  if (compares && Number.isInteger(perDevice) && perDevice >= 0 && shared >= 0) return perDevice
  throw new InvalidInputError(
    `cannot transfer: ${from.stateSize} state features of ${from.devices} devices do not compare with ${to.stateSize} of ${to.devices}: use fleets with the same edges`,
  )
}

function placementsOf({ choices }: Problem): string {
  return choices.map(formatChoice).join(' ')
}
