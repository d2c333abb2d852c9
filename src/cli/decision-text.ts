/** What goes with a joint decision, in one line each for a terminal. */
import type {
  DecisionExplanation,
  DeviceGoal,
  JointDecision,
  ShadowScore,
} from '../control/messages.ts'
import { shareInterval } from '../fleet/share-interval.ts'

/**
 * Of the best decision the agent knows.
 * @param measuredMs what the fleet took of late: below the bound, the bound is none
 */
export function explainedText(explanation: DecisionExplanation, measuredMs?: number): string {
  const { responseTimeMs, lowerBoundMs, gapPercent, inForce } = explanation
  const best = `best decision known ${responseTimeMs.toFixed(1)} ms`
  const known = isBound(explanation, measuredMs)
    ? `${best}, none below ${lowerBoundMs.toFixed(1)} ms (gap ${gapText(gapPercent)}), by what is learned`
    : `${best} by what is learned, and the fleet is quicker than that: no bound`
  return inForce ? known : `${known}; exploring now`
}

/** What the newest round under this goal took, and what the agent believes beside it: a bound that was undercut is none. */
export function certifiedTexts({ goalPercent, closed, explanation }: JointDecision): string[] {
  const tookMs = closed?.goalPercent === goalPercent ? closed.responseTimeMs : undefined
  return [
    ...(tookMs === undefined ? [] : [`the newest round took ${tookMs.toFixed(1)} ms on average`]),
    ...(explanation ? [explainedText(explanation, tookMs)] : []),
  ]
}

/** Whether what is believed to be the least that any decision takes can be, beside what was measured. */
export function isBound({ lowerBoundMs }: DecisionExplanation, measuredMs = Infinity): boolean {
  return lowerBoundMs <= measuredMs
}

/** A gap so small that it reads as none is none for a reader. */
export function gapText(gapPercent: number): string {
  return `${Math.max(0, gapPercent).toFixed(gapPercent > 0 && gapPercent < 0.1 ? 3 : 1)} %`
}

/** What labels say of the fleet's answers. */
export function measuredText({ labelled, right }: NonNullable<JointDecision['measured']>): string {
  const { low, high } = shareInterval(right, labelled)
  const [share, lowest, highest] = [right / labelled, low, high].map((one) =>
    (100 * one).toFixed(1),
  )
  return `right by labels: ${share} % of ${labelled} answers (95 % interval ${lowest} to ${highest} %)`
}

/** Device → the accuracy that it is not to be served below, percent; of those that have such a floor. */
export type Floors = ReadonlyMap<string, number>

/** A line for each device. One with a floor and no decision is named, too: nothing may serve it now, or it has just come. */
export function devicesText(
  {
    placements,
    leftOut = 0,
    deviceGoals = {},
  }: Pick<JointDecision, 'placements' | 'leftOut' | 'deviceGoals'>,
  floors: Floors,
): string[] {
  const undecided = [...floors.keys()].filter((device) => !(device in placements))
  const told = { ...placements, ...(leftOut === 0 && noDecision(undecided)) }
  const lines = Object.entries(told).map(([device, text]) => {
    const floorPercent = floors.get(device)
    const goal = deviceGoals[device]
    const bounds = [
      ...(floorPercent === undefined ? [] : [`floor ${floorPercent} %`]),
      ...(goal ? [ownGoalText(goal)] : []),
    ]
    return `  ${device}  ${[text, ...bounds].join(', ')}`
  })
  return leftOut === 0 ? lines : [...lines, `  and ${leftOut} more`]
}

/** The goal of one device, and how it is kept. */
function ownGoalText(goal: DeviceGoal): string {
  const { goalPercent, raisedGoalPercent, reachablePercent, served } = goal
  return [
    `own goal ${goalPercent} %`,
    served
      ? `served ${served.accuracyPercent.toFixed(2)} % over ${served.requests} requests`
      : 'nothing served lately',
    ...(raisedGoalPercent === undefined ? [] : [`held to ${raisedGoalPercent} % for it`]),
    ...(reachablePercent === undefined ? [] : [`cannot be kept: ${reachablePercent} % at most`]),
  ].join(', ')
}

function noDecision(devices: readonly string[]): Record<string, string> {
  return Object.fromEntries(devices.map((device) => [device, 'no decision']))
}

/** Both decisions judged by one model of the fleet. */
export function shadowText(shadow: ShadowScore): string {
  const { agent, rounds, agreementPercent, savingPercent, judgeErrorPercent, goalViolations } =
    shadow
  const compared =
    savingPercent >= 0
      ? `${savingPercent.toFixed(1)} % faster`
      : `${(-savingPercent).toFixed(1)} % slower`
  return `shadow ${agent}: same decision in ${agreementPercent.toFixed(0)} % of ${rounds} rounds, ${compared} by a prediction that misses by ${judgeErrorPercent.toFixed(1)} %, ${goalViolations} decisions below the goal`
}
