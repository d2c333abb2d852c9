/** What the paper and we claim of Table V, judged by the runs. */
import { goalName } from '../goals.ts'
import type { Claim } from '../report.ts'
import { runsWith, valuesOf } from '../runs.ts'
import { median } from '../statistics.ts'
import { isOptimal, stepCounts, type Training } from '../trainings.ts'

export const MOST_STEPS = 600
const MOST_MEDIAN_STEPS = 200

export function claimsOf(runs: readonly Training[]): Claim[] {
  const optimal = runs.filter(isOptimal).length
  return [
    {
      claim: 'The learned decision is optimal by value in every run (the paper: 100 %).',
      measured: `${optimal} of ${runs.length} runs`,
      holds: optimal === runs.length,
    },
    ...valuesOf(runs, 'scenario').flatMap((scenario) => {
      const own = runsWith(runs, { scenario })
      return [medianClaim(scenario, own), quickClaim(scenario, own)]
    }),
  ]
}

/** @param runs all of the scenario */
function medianClaim(scenario: string, runs: readonly Training[]): Claim {
  const medians = valuesOf(runs, 'goal').map((goal) => ({
    goal,
    steps: median(stepCounts(runsWith(runs, { goal }))),
  }))
  return {
    claim: `Scenario ${scenario}: the median of hybrid’s real steps is at most ${MOST_MEDIAN_STEPS} at every goal.`,
    measured: medians.map(({ goal, steps }) => `${goalName(goal)} ${steps}`).join(', '),
    holds: medians.every(({ steps }) => steps <= MOST_MEDIAN_STEPS),
  }
}

/** @param runs all of the scenario */
function quickClaim(scenario: string, runs: readonly Training[]): Claim {
  const quick = stepCounts(runs).filter((count) => count <= MOST_STEPS).length
  return {
    claim: `Scenario ${scenario}: hybrid converges within ${MOST_STEPS} real steps in at least 95 % of the runs.`,
    measured: `${quick} of ${runs.length} runs`,
    holds: quick >= 0.95 * runs.length,
  }
}
