/** What the Online Learning paper claims, judged by the runs. */
import { claimOfAll, claimOfMost, listed } from '../claims.ts'
import { type Claim, type Comparison, inCell } from '../report.ts'
import { distinct, runsWith } from '../runs.ts'
import { isOptimal, type Training } from '../trainings.ts'
import { GOAL } from './sweep.ts'

/** Accuracy of d0, the most accurate model, percent. */
const BEST_ACCURACY = 89.9

/** @param saved by warm starts @param bars of the abstract */
export function claimsOf(
  runs: readonly Training[],
  reductions: readonly Comparison[],
  users: readonly Comparison[],
  saved: readonly Comparison[],
  bars: { readonly reductionPercent: number; readonly accuracyLossPoints: number },
): Claim[] {
  const { reductionPercent, accuracyLossPoints } = bars
  const joint = runsWith(runs, { goal: GOAL }).filter(({ settings }) => settings.maxSteps > 1)
  const losses = joint.map(({ result }) => BEST_ACCURACY - result.accuracyPercent)
  const inA = inCell(reductions, { scenario: 'A' })
  const told = inA.map(({ cell, ours, low }) => {
    return `${cell['learner']} ${ours?.toFixed(1)} % (from ${low?.toFixed(1)})`
  })
  return [
    ...claimOfAll(
      `Scenario A: choosing models at 89 % saves at least ${reductionPercent} % of the average response time of the best offloading alone, by every learner.`,
      inA,
      ({ low }) => low !== null && low >= reductionPercent,
      told.join(', '),
    ),
    ...claimOfAll(
      `Less than ${accuracyLossPoints} points of accuracy are given up for it, in every run.`,
      losses,
      (points) => points < accuracyLossPoints,
      `largest ${Math.max(...losses).toFixed(2)} points`,
    ),
    ...claimOfMost(
      'What is learned at 89 % is within 1 % of the optimum, in every run.',
      joint,
      isOptimal,
    ),
    ...claimOfMost(
      'Scenarios B, C and D save as much as in the HL paper, Table V.',
      reductions.filter(({ cell }) => cell['scenario'] !== 'A'),
      ({ verdict }) => verdict === 'reproduced',
      { what: 'cells' },
    ),
    ...noPlaceAlone(users),
    ...warmStartsSave(saved),
  ]
}

function noPlaceAlone(users: readonly Comparison[]): Claim[] {
  const best = inCell(users, { strategy: 'offloading alone' }).filter(
    ({ cell }) => Number(cell['users']) > 2,
  )
  const savings = best.map(({ cell, ours }) => {
    const fixed = ['device only', 'edge only', 'cloud only'].map(
      (strategy) => inCell(users, { ...cell, strategy })[0]?.ours ?? Number.NaN,
    )
    return 100 * (1 - (ours ?? Number.NaN) / Math.min(...fixed))
  })
  return claimOfAll(
    'From three users on no place is the best for all: offloading alone beats device only, edge only and cloud only in every scenario.',
    savings,
    (saving) => saving > 0,
    `by ${Math.min(...savings).toFixed(1)} to ${Math.max(...savings).toFixed(1)} % of the best of the three`,
  )
}

function warmStartsSave(saved: readonly Comparison[]): Claim[] {
  return distinct(saved.map(({ cell }) => cell['learner'] ?? '')).flatMap((learner) => {
    const own = inCell(saved, { learner })
    return claimOfAll(
      `A warm start saves ${learner} real steps, from another goal and from fewer users.`,
      own,
      ({ ours }) => ours !== null && ours > 0,
      `${listed(own)}, in %`,
    )
  })
}
