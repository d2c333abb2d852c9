/** What the paper and we claim of Table VII, judged by the runs with five users. */
import { ratioClaim } from '../claims.ts'
import { DQN, HYBRID, Q_LEARNING_PENALTY, runsOf } from '../learners.ts'
import type { Claim, Comparison } from '../report.ts'
import { runsWith } from '../runs.ts'
import { median } from '../statistics.ts'
import type { Training } from '../trainings.ts'

const MOST_SECONDS = 2

/** @param goalRatios of the total time, goal by goal */
export function claimsOf(runs: readonly Training[], goalRatios: readonly Comparison[]): Claim[] {
  const what = 'the total time'
  return [
    ...ratioClaim(what, 7.5, goalRatios, [DQN, HYBRID], ['Min', '80 %', '85 %']),
    ...ratioClaim(what, 109.4, goalRatios, [Q_LEARNING_PENALTY, HYBRID]),
    ...computationIsSmall(runs),
  ]
}

function computationIsSmall(runs: readonly Training[]): Claim[] {
  const seconds = runsWith(runsOf(runs, HYBRID), { users: 5 }).flatMap(({ result }) =>
    result.converged ? result.computationSeconds : [],
  )
  if (seconds.length === 0) return []
  const most = Math.max(...seconds)
  return [
    {
      claim: `Five users: a run of ${HYBRID.name} that converges costs at most ${MOST_SECONDS} s of computation on one core.`,
      measured: `median ${median(seconds).toFixed(2)} s, largest ${most.toFixed(2)} s, ${seconds.length} runs`,
      holds: most <= MOST_SECONDS,
    },
  ]
}
