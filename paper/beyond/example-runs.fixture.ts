/** Finished runs for tests, invented. */
import type { Changed, Drifted, Learned, Trafficked } from './kinds.ts'
import type { LearningOutcome, PhasesOutcome, TrafficOutcome } from './settings.ts'

const COMMON = {
  kind: 'beyond',
  agent: 'factored',
  fleet: 'A',
  users: 5,
  goal: 85,
  noise: 0.08,
  seed: 101,
  commit: 'abc',
  machine: 'test',
} as const

const LEARNING_OUTCOME: LearningOutcome = {
  optimumMs: 100,
  lastMs: 100,
  settledAt: { '1 %': 10, '2 %': 5, '5 %': 2 },
  settledForGoodAt: { '1 %': 10, '2 %': 5, '5 %': 2 },
  convergedAt: 10,
  extraPercent: { first100: 3, all: 0.4 },
  regretMs: 300,
  violations: 0,
  computationSeconds: 0.1,
}

export function learnedRun(
  change: Partial<Learned> = {},
  outcome: Partial<LearningOutcome> = {},
): Learned {
  return {
    ...COMMON,
    study: 'learners',
    part: 'learning',
    steps: 1000,
    horizon: 300,
    ...change,
    outcome: { ...LEARNING_OUTCOME, ...outcome },
  }
}

/** One run of the seeds from 101 for each outcome. */
export function learnedRuns(
  change: Partial<Learned>,
  outcomes: readonly Partial<LearningOutcome>[],
): Learned[] {
  return outcomes.map((outcome, index) => learnedRun({ ...change, seed: 101 + index }, outcome))
}

/** Phases with these regrets. */
function phases(regretsMs: readonly number[]): PhasesOutcome['phases'] {
  return regretsMs.map((regretMs) => ({
    optimumMs: 100,
    regretMs,
    settledAt: { '1 %': 4, '2 %': 3, '5 %': 2 },
  }))
}

export function driftedRun(
  change: Partial<Drifted>,
  regretsMs: readonly number[],
  outcome: Partial<PhasesOutcome> = {},
): Drifted {
  return {
    ...COMMON,
    study: 'drift',
    part: 'drift',
    stepsEach: 120,
    event: { what: 'edge', factor: 2 },
    observed: false,
    ...change,
    outcome: { phases: phases(regretsMs), isHit: true, violations: 0, ...outcome },
  }
}

export function changedRun(change: Partial<Changed>, regretsMs: readonly number[]): Changed {
  return {
    ...COMMON,
    study: 'membership',
    part: 'membership',
    stepsEach: 100,
    carriesOver: true,
    ...change,
    outcome: { phases: phases(regretsMs), violations: 0 },
  }
}

/** Of 140 ms in the first tenth, 120 in the second and 100 from then on. */
export function traffickedRun(
  change: Partial<Trafficked>,
  outcome: Partial<TrafficOutcome> = {},
): Trafficked {
  return {
    ...COMMON,
    study: 'traffic',
    part: 'traffic',
    seconds: 200,
    hears: 'answers',
    pauseMs: 300,
    ...change,
    outcome: {
      averagesMs: [140, 120, ...Array.from({ length: 8 }, () => 100)],
      bestMs: 100,
      plannedMs: 100,
      lastMs: 100,
      answers: 2000,
      decisionsTaken: 400,
      violations: 0,
      ...outcome,
    },
  }
}
