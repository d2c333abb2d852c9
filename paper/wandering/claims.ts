/** What we claim of the wandering state, judged by the runs. */
import { listed } from '../claims.ts'
import type { Claim, Comparison, FinishedRun } from '../experiment.ts'
import { DQN, HYBRID, HYBRID_PER_DEVICE, type Learner, ratioName, runsOf } from '../learners.ts'
import { median } from '../statistics.ts'
import { DQN_FALLING, STEPS } from './sweep.ts'

/**
 * None of a quick sweep: its runs end before anything is learned.
 * @param factor by which dqn's regret is to exceed hybrid's
 */
export function claimsOf(
  runs: readonly FinishedRun[],
  ratios: readonly Comparison[],
  predictions: readonly Comparison[],
  factor: number,
): Claim[] {
  if (runs.some(({ steps }) => steps < STEPS)) return []
  const hybrids = [HYBRID, HYBRID_PER_DEVICE]
  return [
    ...hybrids.flatMap((hybrid) => regretClaim(ratios, [DQN, hybrid], factor)),
    ...hybrids.flatMap((hybrid) => regretClaim(ratios, [DQN_FALLING, hybrid], 1)),
    ...rightPolicy(runs),
    ...foresight(predictions),
  ]
}

function regretClaim(
  ratios: readonly Comparison[],
  [baseline, hybrid]: readonly [baseline: Learner, hybrid: Learner],
  factor: number,
): Claim[] {
  const own = ratios.filter(({ cell }) => cell['ratio'] === ratioName(baseline, hybrid))
  if (own.length === 0) return []
  const times = factor === 1 ? '' : `${factor} times `
  return [
    {
      claim: `The regret of ${baseline.name}, at one update per real step, is at least ${times}that of ${hybrid.name}, at every goal.`,
      measured: `${listed(own)} times`,
      holds: own.every(({ ours }) => ours !== null && ours >= factor),
    },
  ]
}

function rightPolicy(runs: readonly FinishedRun[]): Claim[] {
  const shares = runsOf(runs, HYBRID).flatMap(({ regret }) =>
    regret ? [(100 * regret.latePolicyRegretMs) / regret.optimumMs] : [],
  )
  if (shares.length === 0) return []
  return [
    {
      claim:
        'In the second half of its steps, hybrid’s greedy decisions are on average within 1 % of the optima of the states they meet, with every seed at every goal.',
      measured: `median ${median(shares).toFixed(2)} %, largest ${Math.max(...shares).toFixed(2)} %`,
      holds: shares.every((share) => share <= 1),
    },
  ]
}

/** Both claims are of hybrid with average feedback. */
function foresight(predictions: readonly Comparison[]): Claim[] {
  const of = (what: string, measure: string) =>
    predictions.filter(
      (comparison) =>
        comparison.measure.startsWith(measure) &&
        comparison.cell['of'] === what &&
        comparison.cell['learner'] === HYBRID.name,
    )
  const errors = of('unseen pairs', 'error')
  const [model, persistence] = [of('System', 'cross-entropy'), of('persistence', 'cross-entropy')]
  if (errors.length === 0) return []
  return [
    {
      claim:
        'System predicts the response time of pairs of state and decision that it never met within 10 %, on average, at every goal.',
      measured: `${listed(errors)}, in %`,
      holds: errors.every(({ ours }) => ours !== null && ours <= 10),
    },
    {
      claim:
        'System predicts the next state no worse than persistence: by cross-entropy, at every goal.',
      measured: `System ${entropies(model)}; persistence ${entropies(persistence)}`,
      holds: model.every(
        ({ ours }, index) => (ours ?? Number.POSITIVE_INFINITY) <= (persistence[index]?.ours ?? 0),
      ),
    },
  ]
}

/** `89 % 0.093, Max 0.089` */
function entropies(comparisons: readonly Comparison[]): string {
  return comparisons.map(({ cell, ours }) => `${cell['goal']} ${ours?.toFixed(3)}`).join(', ')
}
