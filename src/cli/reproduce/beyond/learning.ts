/** An agent learns in a fleet that stays as it is. */
import type { LearningOutcome, LearningRun } from '../../../../paper/index.ts'
import { Convergence } from '../../../trial/convergence.ts'
import { agentOf, fleetOf, optimumOf, seedFor } from './fleets.ts'
import { Judge } from './judge.ts'
import type { Pace } from './pace.ts'
import { settledAt } from './settling.ts'

/** Steps that count as the beginning. */
const FIRST_STEPS = 100

/** @returns undefined when aborted */
export async function runLearning(
  run: LearningRun,
  pace: Pace,
): Promise<LearningOutcome | undefined> {
  const { steps, horizon, checkedSteps = steps } = run
  const fleet = fleetOf(run)
  const { responseTimeMs: optimumMs } = optimumOf(fleet)
  const judge = new Judge(
    agentOf(run, fleet.problem),
    fleet,
    fleet.reset(seedFor(run, 'responses')),
  )
  const ratios = [judge.greedyMs() / optimumMs]
  const convergence = new Convergence()
  const extraMs: number[] = []
  for (let step = 1; step <= steps; step++) {
    extraMs.push(judge.step() - optimumMs)
    if (step <= checkedSteps) {
      const ratio = judge.greedyMs() / optimumMs
      ratios.push(ratio)
      convergence.add(ratio <= 1.01 + 1e-9)
    }
    if (!(await pace.goesOn(`step ${step}`))) return undefined
  }
  const sum = (values: readonly number[]) => values.reduce((total, value) => total + value, 0)
  const percent = (values: readonly number[]) => (100 * sum(values)) / values.length / optimumMs
  return {
    optimumMs,
    lastMs: judge.greedyMs(),
    settledAt: settledAt(ratios.slice(0, horizon + 1)),
    settledForGoodAt: settledAt(ratios),
    convergedAt: convergence.step ?? null,
    extraPercent: { first100: percent(extraMs.slice(0, FIRST_STEPS)), all: percent(extraMs) },
    regretMs: sum(extraMs.slice(0, FIRST_STEPS)),
    violations: judge.violations,
    computationSeconds: judge.computationSeconds,
  }
}
