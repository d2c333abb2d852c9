/** Finished trainings for tests, invented. */
import type { TrainingSettings } from '../src/trial/training.ts'
import type { TrainingResult } from '../src/trial/training-result.ts'
import { type Learner, settingsOf } from './learners.ts'
import type { Training } from './trainings.ts'

export const PROVENANCE = { commit: 'abc', machine: 'test' }

export const EXAMPLE_RUN: Training = {
  settings: {
    agent: 'hybrid',
    regime: 'exact',
    scenario: 'A',
    users: 5,
    goal: 85,
    seed: 101,
    maxSteps: 3000,
  },
  result: {
    converged: true,
    realSteps: 97,
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
    strictRealSteps: 97,
    firstHundredMs: 190,
  },
  provenance: PROVENANCE,
}

/** Settings and results: no name is of both. */
export type Change = Partial<TrainingSettings & TrainingResult>

/** The example run, or another, with other settings or results. */
export function changed(change: Change, run = EXAMPLE_RUN): Training {
  const isResult = ([name]: [string, unknown]) => name in EXAMPLE_RUN.result || name === 'curveMs'
  const entries = Object.entries(change)
  const settings = Object.fromEntries(entries.filter((entry) => !isResult(entry)))
  const result = Object.fromEntries(entries.filter(isResult))
  return {
    ...run,
    settings: { ...run.settings, ...settings },
    result: { ...run.result, ...result },
  }
}

/** One run for each change, each of a seed of its own, by a learner. */
export function exampleRuns(learner: Learner, changes: readonly Change[]): Training[] {
  return changes.map((change, index) =>
    changed({ ...settingsOf(learner), seed: 101 + index, ...change }),
  )
}
