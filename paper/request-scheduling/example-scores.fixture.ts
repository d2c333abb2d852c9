/** Scores for the tests of this folder, invented. */
import { PROVENANCE } from '../example-run.fixture.ts'
import type { SchedulingRun, Score } from './scores.ts'
import { BOUND, type SchedulingNode, type SchedulingSettings } from './settings.ts'
import { sweep, WORKLOADS } from './sweep.ts'

/** One worker without batches. */
export const NODE: SchedulingNode = {
  ladder: 'mobilenet',
  profile: 'cpu',
  workers: 1,
  deadlineServices: 2,
}

/** One worker under two policies on a workload. */
export function score(
  policy: string,
  scenario: string,
  seed: number,
  effectiveAccuracyPercent: number,
  more: Partial<Score> = {},
): Score {
  return {
    node: 'n1',
    on: NODE,
    policy,
    seed,
    scenario,
    family: 'steady',
    load: 1,
    requests: 100,
    effectiveAccuracyPercent,
    servedAccuracyPercent: 70,
    violationPercent: 0,
    ...more,
  }
}

/** Gains of a over b: 1 and 3 on the first workload, 4 on the second, −2 on the third. */
export const SCORES = [
  score('a', 'w1', 101, 61),
  score('a', 'w1', 102, 63),
  score('a', 'w2', 101, 54),
  score('a', 'w3', 101, 48),
  score('b', 'w1', 101, 60),
  score('b', 'w1', 102, 60),
  score('b', 'w2', 101, 50),
  score('b', 'w3', 101, 50),
]

/** A full sweep of two seeds, as if it had been run. @param percentOf effective accuracy, of the bound both ends */
export function finishedSweep(
  percentOf: (settings: SchedulingSettings, scenario: string) => number,
): SchedulingRun[] {
  return sweep({ quick: false, seeds: 2 }).map((settings) => {
    const { policy, training, seed, seeds } = settings
    const outcomes = Array.from({ length: seeds }, (_, index) =>
      WORKLOADS.map(({ name, family, load }) => {
        const effectiveAccuracyPercent = percentOf(settings, name)
        return {
          ...{ scenario: name, family, load, requests: 100, seed: seed + index },
          effectiveAccuracyPercent,
          ...(policy === BOUND && { reachedPercent: effectiveAccuracyPercent - 0.5 }),
          servedAccuracyPercent: policy === BOUND ? null : 70,
          violationPercent: policy === BOUND ? null : 0,
        }
      }),
    ).flat()
    return {
      settings,
      result: { outcomes, ...(training && { trainingSeconds: 20 }) },
      provenance: PROVENANCE,
    }
  })
}
