/**
 * The Quality of Service Goal: the average accuracy over all devices may not fall below it. Its only arithmetic.
 *
 * Accuracies count in whole hundredths of a percent, rounded down: integers add up without rounding, so a goal is met or it is not,
 * and what is promised is never more than what was measured.
 *
 *     sum_i hundredths(accuracy_i) >= ceil(100 · devices · goal)
 */
import { type Choice, decidedChoices, loadedTier } from './choice.ts'

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
 * request falls back. What escalates to another node counts as offloaded, and falls back to its own small answer. A device that serves itself keeps its accuracy; the offloaded share the slack, first those whose
 * fallback is worse than an equal share allows. Where that takes more than there is, the result does not meet the goal.
 * @param decided choice of every device. Shape [devices].
 * @param bestPercent of each device's fallbacks the most accurate; of what escalates, its first variant. Shape [devices].
 * @returns shape [devices]
 */
export function fallbackAccuraciesPercent(
  decided: readonly Choice[],
  goalPercent: number,
  bestPercent: readonly number[],
): number[] {
  const hundredths = decided.map(({ accuracyPercent }) => hundredthsOf(accuracyPercent))
  const drops = hundredths.map((own, device) => own - hundredthsOf(bestPercent[device]))
  const isOffloaded = decided.map((choice) => loadedTier(choice) !== 'end')
  // Whose fallback costs most takes its part first.
  const dearest = [...decided.keys()]
    .filter((device) => isOffloaded[device])
    .sort((a, b) => drops[b] - drops[a])
  const sum = hundredths.reduce((total, own) => total + own, 0)
  let slack = sum - neededHundredths(goalPercent, decided.length)
  let sharing = dearest.length
  for (const device of dearest) {
    if (drops[device] <= Math.max(0, slack / sharing)) break
    slack -= drops[device]
    sharing -= 1
  }
  const share = sharing === 0 ? 0 : Math.max(0, Math.floor(slack / sharing))
  return hundredths.map((own, device) => {
    if (!isOffloaded[device]) return decided[device].accuracyPercent
    return Math.max(0, own - Math.max(share, drops[device])) / 100
  })
}
