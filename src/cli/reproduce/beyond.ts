/** The runs of `beyond`: agents judged at every step by what their decisions truly cost. */
import type { BeyondResult, BeyondRun } from '../../../paper/index.ts'
import { runDrift } from './beyond/drift.ts'
import { runLearning } from './beyond/learning.ts'
import { runMembership } from './beyond/membership.ts'
import { Pace, type PaceOptions } from './beyond/pace.ts'
import { runTraffic } from './beyond/traffic.ts'

/** @returns undefined when aborted */
export async function runBeyond(
  run: BeyondRun,
  options: PaceOptions,
): Promise<BeyondResult | undefined> {
  const pace = new Pace(options)
  switch (run.part) {
    case 'learning':
      return finished(run, await runLearning(run, pace))
    case 'drift':
      return finished(run, await runDrift(run, pace))
    case 'membership':
      return finished(run, await runMembership(run, pace))
    case 'traffic':
      return finished(run, await runTraffic(run, pace))
  }
}

function finished<Run extends BeyondRun, Outcome>(run: Run, outcome: Outcome | undefined) {
  return outcome && { ...run, outcome }
}
