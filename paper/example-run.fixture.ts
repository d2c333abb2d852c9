/** A finished run for tests, invented. */
import type { FinishedRun } from './experiment.ts'
import { type Learner, settingsOf } from './learners.ts'

export const EXAMPLE_RUN: FinishedRun = {
  agent: 'hybrid',
  mode: 'verified',
  regime: 'exact',
  scenario: 'A',
  users: 5,
  goal: 85,
  seed: 101,
  maxSteps: 3000,
  converged: true,
  realSteps: 97,
  strictRealSteps: 97,
  plannedSteps: 400,
  updates: 2000,
  responseTimeMs: 141.67,
  oracleResponseTimeMs: 141.67,
  accuracyPercent: 85.48,
  goalViolations: 0,
  decisions: [],
  experienceSeconds: 20,
  computationSeconds: 0.3,
  steps: 597,
  commit: 'abc',
  machine: 'test',
}

/** One run for each change, each of a seed of its own, by a learner. */
export function exampleRuns(
  learner: Learner,
  changes: readonly Partial<FinishedRun>[],
): FinishedRun[] {
  const { mode = null, ...settings } = settingsOf(learner)
  return changes.map((change, index) => ({
    ...EXAMPLE_RUN,
    mode,
    ...settings,
    seed: 101 + index,
    ...change,
  }))
}
