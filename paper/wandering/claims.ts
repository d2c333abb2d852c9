/** What we claim of the wandering state, judged by the runs. */
import { claimOfAll, listed } from '../claims.ts'
import { DQN, HYBRID, HYBRID_PER_DEVICE, type Learner, ratioName, runsOf } from '../learners.ts'
import { type Claim, type Comparison, inCell } from '../report.ts'
import { median } from '../statistics.ts'
import { DQN_FALLING, STEPS, type WanderingRun } from './sweep.ts'

/**
 * None of a quick sweep: its runs end before anything is learned.
 * @param factor by which dqn's regret is to exceed hybrid's
 */
export function claimsOf(
  runs: readonly WanderingRun[],
  ratios: readonly Comparison[],
  predictions: readonly Comparison[],
  factor: number,
): Claim[] {
  if (runs.some(({ result }) => result.steps < STEPS)) return []
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
  const own = inCell(ratios, { ratio: ratioName(baseline, hybrid) })
  const times = factor === 1 ? '' : `${factor} times `
  return claimOfAll(
    `The regret of ${baseline.name}, at one update per real step, is at least ${times}that of ${hybrid.name}, at every goal.`,
    own,
    ({ ours }) => ours !== null && ours >= factor,
    `${listed(own)} times`,
  )
}

function rightPolicy(runs: readonly WanderingRun[]): Claim[] {
  const shares = runsOf(runs, HYBRID).map(
    ({ result: { regret } }) => (100 * regret.latePolicyRegretMs) / regret.optimumMs,
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
    inCell(predictions, { of: what, learner: HYBRID.name }).filter((each) =>
      each.measure.startsWith(measure),
    )
  const errors = of('unseen pairs', 'error')
  const [model, persistence] = [of('System', 'cross-entropy'), of('persistence', 'cross-entropy')]
  if (errors.length === 0) return []
  return [
    ...claimOfAll(
      'System predicts the response time of pairs of state and decision that it never met within 10 %, on average, at every goal.',
      errors,
      ({ ours }) => ours !== null && ours <= 10,
      `${listed(errors)}, in %`,
    ),
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
