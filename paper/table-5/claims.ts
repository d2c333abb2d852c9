/** What the paper and we claim of Table V, judged by the runs. */
import { claimOfAll, claimOfMost } from '../claims.ts'
import { goalName } from '../goals.ts'
import type { Claim } from '../report.ts'
import { runsBy, runsWith, valuesOf } from '../runs.ts'
import { median } from '../statistics.ts'
import { isOptimal, stepCounts, type Training } from '../trainings.ts'

/** Real steps within which a run is quick. */
export const MOST_STEPS = 600
const MOST_MEDIAN_STEPS = 200

/** Optimal decisions over all runs, and steps scenario by scenario. */
export function claimsOf(runs: readonly Training[]): Claim[] {
  return [
    ...claimOfMost(
      'The learned decision is optimal by value in every run (the paper: 100 %).',
      runs,
      isOptimal,
    ),
    ...valuesOf(runs, 'scenario').flatMap((scenario) => {
      const own = runsWith(runs, { scenario })
      return [...medianClaim(scenario, own), ...quickClaim(scenario, own)]
    }),
  ]
}

/** @param runs all of the scenario */
function medianClaim(scenario: string, runs: readonly Training[]): Claim[] {
  const medians = runsBy(runs, 'goal').map(([{ goal }, own]) => {
    return { goal, steps: median(stepCounts(own)) }
  })
  return claimOfAll(
    `Scenario ${scenario}: the median of hybrid’s real steps is at most ${MOST_MEDIAN_STEPS} at every goal.`,
    medians,
    ({ steps }) => steps <= MOST_MEDIAN_STEPS,
    medians.map(({ goal, steps }) => `${goalName(goal)} ${steps}`).join(', '),
  )
}

/** @param runs all of the scenario */
function quickClaim(scenario: string, runs: readonly Training[]): Claim[] {
  return claimOfMost(
    `Scenario ${scenario}: hybrid converges within ${MOST_STEPS} real steps in at least 95 % of the runs.`,
    stepCounts(runs),
    (count) => count <= MOST_STEPS,
    { share: 0.95 },
  )
}
