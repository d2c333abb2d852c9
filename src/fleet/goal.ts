/**
 * The Quality of Service Goal: the average accuracy over all devices may not fall below it. Its only arithmetic.
 *
 * Accuracies count in whole hundredths of a percent, rounded down: integers add up without rounding, so a goal is met or it is not,
 * and what is promised is never more than what was measured.
 *
 *     sum_i hundredths(accuracy_i) >= ceil(100 · devices · goal)
 */
import { type Choice, decidedChoices } from './choice.ts'

/** What multiplication by 100 may leave below a whole number. */
const ROUNDING = 1e-6

/** An accuracy as it counts. */
export function hundredthsOf(accuracyPercent: number): number {
  return Math.floor(accuracyPercent * 100 + ROUNDING)
}

/** The lowest sum over so many devices that meets the goal, in hundredths. */
export function neededHundredths(goalPercent: number, devices: number): number {
  return Math.ceil(goalPercent * 100 * devices - ROUNDING)
}

/** Sum of accuracies, in hundredths. */
function sumOfHundredths(accuracyPercent: readonly number[]): number {
  return accuracyPercent.reduce((sum, accuracy) => sum + hundredthsOf(accuracy), 0)
}

/** Average over the devices as it counts; 0 of none. @param accuracyPercent shape [devices] */
export function averageAccuracyPercent(accuracyPercent: readonly number[]): number {
  const devices = accuracyPercent.length
  return devices === 0 ? 0 : sumOfHundredths(accuracyPercent) / devices / 100
}

/** Whether the average accuracy is at or above the goal. @param accuracyPercent shape [devices] */
export function meetsGoal(accuracyPercent: readonly number[], goalPercent: number): boolean {
  return sumOfHundredths(accuracyPercent) >= neededHundredths(goalPercent, accuracyPercent.length)
}

/** Accuracy of each device's choice. Shape [devices]. */
export function accuraciesOf(decision: readonly number[], choices: readonly Choice[]): number[] {
  return decidedChoices(decision, choices).map(({ accuracyPercent }) => accuracyPercent)
}

/**
 * How accurate each device's fallback must be at least, so that the average keeps the goal even if every offloaded
 * request falls back to its own device. A device that serves itself keeps its accuracy; the offloaded share the slack.
 * @param decided choice of every device. Shape [devices].
 * @returns shape [devices]
 */
export function fallbackAccuraciesPercent(
  decided: readonly Choice[],
  goalPercent: number,
): number[] {
  const sum = sumOfHundredths(decided.map(({ accuracyPercent }) => accuracyPercent))
  const slack = Math.max(0, sum - neededHundredths(goalPercent, decided.length))
  const offloaded = decided.filter(({ placement }) => placement.tier !== 'end').length
  const drop = offloaded === 0 ? 0 : Math.floor(slack / offloaded)
  return decided.map(({ placement, accuracyPercent }) =>
    placement.tier === 'end'
      ? accuracyPercent
      : Math.max(0, hundredthsOf(accuracyPercent) - drop) / 100,
  )
}
