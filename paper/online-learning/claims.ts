/** What the Online Learning paper claims, judged by the runs. */
import { listed } from '../claims.ts'
import type { Claim, Comparison, FinishedRun } from '../experiment.ts'
import { GOAL } from './sweep.ts'

interface Bars {
  readonly reductionPercent: number
  readonly accuracyLossPoints: number
}

/** Accuracy of d0, the most accurate model, percent. */
const BEST_ACCURACY = 89.9

export function claimsOf(
  runs: readonly FinishedRun[],
  reductions: readonly Comparison[],
  users: readonly Comparison[],
  saved: readonly Comparison[],
  { reductionPercent, accuracyLossPoints }: Bars,
): Claim[] {
  const joint = runs.filter(({ goal, maxSteps }) => goal === GOAL && maxSteps > 1)
  const losses = joint.map(({ accuracyPercent }) => BEST_ACCURACY - accuracyPercent)
  const inA = reductions.filter(({ cell }) => cell['scenario'] === 'A')
  const others = reductions.filter(({ cell }) => cell['scenario'] !== 'A')
  const optimal = joint.filter(
    ({ responseTimeMs, oracleResponseTimeMs }) => responseTimeMs <= 1.01 * oracleResponseTimeMs,
  ).length
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
    ...(others.length > 0
      ? [
          {
            claim: 'Scenarios B, C and D save as much as in the HL paper, Table V.',
            measured: `${others.filter(({ verdict }) => verdict === 'reproduced').length} of ${others.length} cells`,
            holds: others.every(({ verdict }) => verdict === 'reproduced'),
          },
        ]
      : []),
    ...noPlaceAlone(users),
    ...warmStartsSave(saved),
  ]
}

function noPlaceAlone(users: readonly Comparison[]): Claim[] {
  const of = (strategy: string, comparison: Comparison) =>
    users.find(
      ({ cell }) =>
        cell['strategy'] === strategy &&
        cell['scenario'] === comparison.cell['scenario'] &&
        cell['users'] === comparison.cell['users'],
    )?.ours ?? Number.NaN
  const best = users.filter(
    ({ cell }) => cell['strategy'] === 'offloading alone' && Number(cell['users']) > 2,
  )
  if (best.length === 0) return []
  const savings = best.map((comparison) => {
    const fixed = ['device only', 'edge only', 'cloud only'].map((name) => of(name, comparison))
    return 100 * (1 - (comparison.ours ?? Number.NaN) / Math.min(...fixed))
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
  return [...new Set(saved.map(({ cell }) => cell['learner'] ?? ''))].map((learner) => {
    const own = saved.filter(({ cell }) => cell['learner'] === learner)
    return {
      claim: `A warm start saves ${learner} real steps, from another goal and from fewer users.`,
      measured: `${listed(own)}, in %`,
      holds: own.every(({ ours }) => ours !== null && ours > 0),
    }
  })
}
