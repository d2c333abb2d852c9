/** What goes with a joint decision, in one line each for a terminal. */
import type { DecisionExplanation, ShadowScore } from '../control/messages.ts'

/** Of the best decision the agent knows. */
export function explainedText(explanation: DecisionExplanation): string {
  const { responseTimeMs, lowerBoundMs, gapPercent, inForce } = explanation
  const known = `best decision known ${responseTimeMs.toFixed(1)} ms, none below ${lowerBoundMs.toFixed(1)} ms (gap ${gapText(gapPercent)}), by what is learned`
  return inForce ? known : `${known}; exploring now`
}

/** A gap so small that it reads as none is none for a reader. */
export function gapText(gapPercent: number): string {
  return `${Math.max(0, gapPercent).toFixed(gapPercent > 0 && gapPercent < 0.1 ? 3 : 1)} %`
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
