/** The Quality of Service Goal: the average accuracy over all devices may not fall below it. */
import { ConfigError } from '../errors.ts'
import type { Choice, Decision } from '../learning/environment/environment.ts'
import { formatPlacement } from '../placement.ts'

/** Accuracies are multiples of 0.1 (HL paper, Table III); whole tenths add up without rounding. */
function tenths(accuracyPercent: number): number {
  return Math.round(accuracyPercent * 10)
}

/** Slack left for a goal that is no multiple of a tenth. */
const EPSILON = 1e-6

/** @param accuracyPercent of every device. Shape [devices]. */
export function averageAccuracyPercent(accuracyPercent: readonly number[]): number {
  const sum = accuracyPercent.reduce((total, accuracy) => total + tenths(accuracy), 0)
  return accuracyPercent.length === 0 ? 0 : sum / accuracyPercent.length / 10
}

/** Whether the average accuracy is at or above the goal. */
export function meetsGoal(accuracyPercent: readonly number[], goalPercent: number): boolean {
  return slackTenths(accuracyPercent, goalPercent) >= -EPSILON
}

/** By how much the accuracies may fall in all, in tenths of a percent. */
function slackTenths(accuracyPercent: readonly number[], goalPercent: number): number {
  const sum = accuracyPercent.reduce((total, accuracy) => total + tenths(accuracy), 0)
  return sum - accuracyPercent.length * goalPercent * 10
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
  const accuracyPercent = decided.map((choice) => choice.accuracyPercent)
  const offloaded = decided.filter(({ placement }) => placement.tier !== 'end').length
  const slack = Math.max(0, slackTenths(accuracyPercent, goalPercent))
  const drop = offloaded === 0 ? 0 : Math.floor(slack / offloaded + EPSILON)
  return decided.map(({ placement, accuracyPercent: own }) =>
    placement.tier === 'end' ? own : Math.max(0, tenths(own) - drop) / 10,
  )
}

/**
 * The choice that needs no other node and is the most accurate of those: what every device does before anything is
 * learned, and whenever nothing better is known to keep the goal.
 * @throws ConfigError when no choice serves on the device
 */
export function safeChoice(choices: readonly Choice[]): number {
  let safe = -1
  for (const [index, { placement, accuracyPercent }] of choices.entries()) {
    if (placement.tier !== 'end') continue
    if (accuracyPercent > (choices[safe]?.accuracyPercent ?? -1)) safe = index
  }
  if (safe < 0) {
    const given = choices.map(({ placement }) => formatPlacement(placement)).join(', ')
    throw new ConfigError(`none of the choices ${given || '(none)'} serves on the device: add one`)
  }
  return safe
}

/** The choices that a decision stands for. Shape [devices]. */
export function decidedChoices(decision: Decision, choices: readonly Choice[]): Choice[] {
  return decision.flatMap((index) => choices[index] ?? [])
}
