/** Whether a fleet kept its accuracy goal, from the answers that its devices gave and the rounds that its orchestrator closed. */
import { mean } from 'simple-statistics'
import type { ClosedRound } from '../../control/messages.ts'
import type { Answer } from './open-loop.ts'

/** What the goal is accounted over, and so the window that slides here. */
export const GOAL_WINDOW = 'one request of every device (a round)'

/** Accuracies are percent. */
export type GoalOutcome = ReturnType<typeof goalOutcome>

/**
 * @param answers to the requests in their order; the devices got them in turn
 * @param rounds closed meanwhile
 */
export function goalOutcome(
  goalPercent: number,
  answers: readonly Answer[],
  devices: number,
  rounds: readonly ClosedRound[],
) {
  const served = answers
    .flatMap(({ intendedMs, responseTimeMs, outcome }, index) => {
      if (outcome.kind !== 'answered') return []
      const { tier, accuracyPercent } = outcome
      return { atMs: intendedMs + responseTimeMs, device: index % devices, tier, accuracyPercent }
    })
    .toSorted((a, b) => a.atMs - b.atMs)
  const accuracies = served.map(({ accuracyPercent }) => accuracyPercent)
  const newest = new Map<number, number>()
  const windows = served.flatMap(({ device, accuracyPercent }) => {
    newest.set(device, accuracyPercent)
    return newest.size === devices ? mean([...newest.values()]) : []
  })
  return {
    goalPercent,
    window: GOAL_WINDOW,
    /** Over all answers, those that came late included; null if there is none. */
    meanAccuracyPercent: accuracies.length > 0 ? mean(accuracies) : null,
    /** Lowest mean over the newest answer of every device, at any time; null before every device has one. */
    lowestWindowPercent: lowest(windows),
    lowestAnswerPercent: lowest(accuracies),
    /** As the orchestrator counts: a round takes the first answer of every device after its decision, so not all answers. */
    closedRounds: rounds.length,
    goalViolations: rounds.filter(({ violated }) => violated).length,
    /** Answers of devices themselves, to what the edge dropped. */
    answeredByDevices: served.filter(({ tier }) => tier === 'end').length,
  }
}

function lowest(values: readonly number[]): number | null {
  return values.length === 0 ? null : values.reduce((least, value) => Math.min(least, value))
}
