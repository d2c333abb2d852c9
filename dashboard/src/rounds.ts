import type { JointDecision } from '../../src/control/messages.ts'

/** One closed round as the page keeps it. */
export interface Round {
  readonly round: number
  readonly agent: string
  readonly responseTimeMs: number
  readonly accuracyPercent: number
  readonly goalPercent: number
  readonly violated: boolean
  readonly realSteps: number
  readonly plannedSteps: number
}

/** What the page remembers of a session: bounded, however long the fleet runs. */
export const MAX_ROUNDS = 2000
/** Rounds that "first", "now" and the smoothed lines average over. */
export const WINDOW = 20

/** The round that this joint decision closed, if it closed one. */
export function closedRound({ closed, progress }: JointDecision): Round | undefined {
  if (closed === undefined) return undefined
  const { round, agent, responseTimeMs, accuracyPercent, goalPercent, violated } = closed
  const { realSteps, plannedSteps } = progress
  return {
    round,
    agent,
    responseTimeMs,
    accuracyPercent,
    goalPercent,
    violated,
    realSteps,
    plannedSteps,
  }
}

/** Appends, keeping the newest `MAX_ROUNDS`; a round already known (retained, sent again on reconnection) changes nothing. */
export function append(rounds: readonly Round[], round: Round): readonly Round[] {
  const newest = rounds.at(-1)
  if (newest !== undefined && round.round <= newest.round) return rounds
  return [...rounds.slice(rounds.length >= MAX_ROUNDS ? 1 - MAX_ROUNDS : 0), round]
}

/** Undefined of none. */
export function mean(values: readonly number[]): number | undefined {
  if (values.length === 0) return undefined
  return values.reduce((sum, value) => sum + value, 0) / values.length
}

/** Mean of each value and the up to `window - 1` before it; same length. */
export function movingMean(values: readonly number[], window: number): number[] {
  let sum = 0
  return values.map((value, index) => {
    sum += value - (index >= window ? (values[index - window] ?? 0) : 0)
    return sum / Math.min(index + 1, window)
  })
}

/** The rounds from which another agent decided; the first agent is no change. */
export function agentChanges(rounds: readonly Round[]): { round: number; label: string }[] {
  return rounds.flatMap(({ round, agent }, index) => {
    const before = rounds[index - 1]
    return before === undefined || before.agent === agent ? [] : [{ round, label: agent }]
  })
}
