import { combinations, type SweepOptions, seedsOf } from '../experiment.ts'
import {
  type EscalationSettings,
  FLEETS,
  GOALS,
  SCENARIOS,
  SPEEDS,
  STRATEGIES,
} from './settings.ts'

/** Rounds that a promise is judged by. */
export const ROUNDS = 4000

/** Seeds draw which requests are unsure; plans are the same. */
export function sweep(options: SweepOptions): EscalationSettings[] {
  const { quick } = options
  return combinations({
    seed: seedsOf(options),
    fleet: FLEETS,
    speeds: quick ? SPEEDS.slice(0, 1) : SPEEDS,
    scenario: SCENARIOS,
    goal: quick ? GOALS.slice(2) : GOALS,
    strategy: STRATEGIES,
    rounds: [quick ? ROUNDS / 10 : ROUNDS],
  })
}
