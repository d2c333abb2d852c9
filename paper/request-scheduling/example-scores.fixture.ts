/** Scores for the tests of this folder, invented. */
import type { Score } from './scores.ts'

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
    workers: 1,
    profile: 'cpu',
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
