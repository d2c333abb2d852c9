/** Finished runs for tests, invented. */
import { PROVENANCE } from '../example-run.fixture.ts'
import type { Changed, Drifted, Learned, Trafficked } from './kinds.ts'
import type { PhasesOutcome } from './run/drift.ts'
import type { LearningOutcome } from './run/learning.ts'
import type { TrafficOutcome } from './run/traffic.ts'

const COMMON = {
  agent: 'factored',
  fleet: 'A',
  users: 5,
  goal: 85,
  noise: 0.08,
  seed: 101,
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
  change: Partial<Learned['settings']> = {},
  outcome: Partial<LearningOutcome> = {},
): Learned {
  return {
    settings: {
      ...COMMON,
      study: 'learners',
      part: 'learning',
      steps: 1000,
      horizon: 300,
      ...change,
    },
    result: { ...LEARNING_OUTCOME, ...outcome },
    provenance: PROVENANCE,
  }
}

/** One run of the seeds from 101 for each outcome. */
export function learnedRuns(
  change: Partial<Learned['settings']>,
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
  change: Partial<Drifted['settings']>,
  regretsMs: readonly number[],
  outcome: Partial<PhasesOutcome> = {},
): Drifted {
  return {
    settings: {
      ...COMMON,
      study: 'drift',
      part: 'drift',
      stepsEach: 120,
      event: { what: 'edge', factor: 2 },
      observed: false,
      ...change,
    },
    result: { phases: phases(regretsMs), isHit: true, violations: 0, ...outcome },
    provenance: PROVENANCE,
  }
}

export function changedRun(
  change: Partial<Changed['settings']>,
  regretsMs: readonly number[],
): Changed {
  return {
    settings: {
      ...COMMON,
      study: 'membership',
      part: 'membership',
      stepsEach: 100,
      carriesOver: true,
      ...change,
    },
    result: { phases: phases(regretsMs), violations: 0 },
    provenance: PROVENANCE,
  }
}

/** Of 140 ms in the first tenth, 120 in the second and 100 from then on. */
export function traffickedRun(
  change: Partial<Trafficked['settings']>,
  outcome: Partial<TrafficOutcome> = {},
): Trafficked {
  return {
    settings: {
      ...COMMON,
      study: 'traffic',
      part: 'traffic',
      seconds: 200,
      hears: 'answers',
      pauseMs: 300,
      ...change,
    },
    result: {
      averagesMs: [140, 120, ...Array.from({ length: 8 }, () => 100)],
      bestMs: 100,
      plannedMs: 100,
      lastMs: 100,
      answers: 2000,
      decisionsTaken: 400,
      violations: 0,
      ...outcome,
    },
    provenance: PROVENANCE,
  }
}
