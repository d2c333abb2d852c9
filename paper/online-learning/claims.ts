/** What the Online Learning paper claims, judged by the runs. */
import { claimOfAll, listed } from '../claims.ts'
import { type Claim, type Comparison, inCell } from '../report.ts'
import { distinct, runsWith } from '../runs.ts'
import { isOptimal, type Training } from '../trainings.ts'
import { GOAL } from './sweep.ts'

interface Bars {
  readonly reductionPercent: number
  readonly accuracyLossPoints: number
}

/** Accuracy of d0, the most accurate model, percent. */
const BEST_ACCURACY = 89.9

export function claimsOf(
  runs: readonly Training[],
  reductions: readonly Comparison[],
  users: readonly Comparison[],
  saved: readonly Comparison[],
  { reductionPercent, accuracyLossPoints }: Bars,
): Claim[] {
  const joint = runsWith(runs, { goal: GOAL }).filter(({ settings }) => settings.maxSteps > 1)
  const losses = joint.map(({ result }) => BEST_ACCURACY - result.accuracyPercent)
  const inA = inCell(reductions, { scenario: 'A' })
  const others = reductions.filter(({ cell }) => cell['scenario'] !== 'A')
  const isReproduced = ({ verdict }: Comparison) => verdict === 'reproduced'
  const optimal = joint.filter(isOptimal).length
  return [
    {
      claim: `Scenario A: choosing models at 89 % saves at least ${reductionPercent} % of the average response time of the best offloading alone, by every learner.`,
      measured: inA
        .map(
          ({ cell, ours, low }) =>
            `${cell['learner']} ${ours?.toFixed(1)} % (from ${low?.toFixed(1)})`,
        )
        .join(', '),
      holds: inA.every(({ low }) => low !== null && low >= reductionPercent),
    },
    {
      claim: `Less than ${accuracyLossPoints} points of accuracy are given up for it, in every run.`,
      measured: `largest ${Math.max(...losses).toFixed(2)} points`,
      holds: losses.every((points) => points < accuracyLossPoints),
    },
    {
      claim: 'What is learned at 89 % is within 1 % of the optimum, in every run.',
      measured: `${optimal} of ${joint.length} runs`,
      holds: optimal === joint.length,
    },
    ...claimOfAll(
      'Scenarios B, C and D save as much as in the HL paper, Table V.',
      others,
      isReproduced,
      `${others.filter(isReproduced).length} of ${others.length} cells`,
    ),
    ...noPlaceAlone(users),
    ...warmStartsSave(saved),
  ]
}

function noPlaceAlone(users: readonly Comparison[]): Claim[] {
  const best = inCell(users, { strategy: 'offloading alone' }).filter(
    ({ cell }) => Number(cell['users']) > 2,
  )
  if (best.length === 0) return []
  const savings = best.map(({ cell, ours }) => {
    const fixed = ['device only', 'edge only', 'cloud only'].map(
      (strategy) => inCell(users, { ...cell, strategy })[0]?.ours ?? Number.NaN,
    )
    return 100 * (1 - (ours ?? Number.NaN) / Math.min(...fixed))
  })
  return [
    {
      claim:
        'From three users on no place is the best for all: offloading alone beats device only, edge only and cloud only in every scenario.',
      measured: `by ${Math.min(...savings).toFixed(1)} to ${Math.max(...savings).toFixed(1)} % of the best of the three`,
      holds: savings.every((saving) => saving > 0),
    },
  ]
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
