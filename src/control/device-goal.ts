/** A goal that is asked for one device while the fleet runs, and what it stands in place of. */
import { z } from 'zod'
import { name, percent } from './fields.ts'

/** Devices that such a goal is kept for. */
export const MAX_ASKED_GOALS = 256

/** On average over the device's own requests. */
const wished = z.union([percent, z.literal('none')])

/** What an operator asks for. */
export const deviceWish = z.object({ device: name, goalPercent: wished })

const askedGoal = z.object({
  goalPercent: wished,
  /** What the device was started with; once it is another, that is in force. */
  ownPercent: percent.exactOptional(),
})
/** Of one device. */
export type AskedGoal = Readonly<z.infer<typeof askedGoal>>

/** By device. */
export const askedGoals = z.record(name, askedGoal)

/** The goal of a device; undefined: none. @param ownPercent that it was started with */
export function goalOfDevice(
  asked: AskedGoal | undefined,
  ownPercent: number | undefined,
): number | undefined {
  if (asked === undefined) return ownPercent
  return asked.goalPercent === 'none' ? undefined : asked.goalPercent
}
