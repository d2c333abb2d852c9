/** An agent learns in a fleet that stays as it is. */
import { mean, sum } from 'simple-statistics'
import { Convergence } from '../../../src/trial/convergence.ts'
import type { RunContext } from '../../experiment.ts'
import type { LearningSettings } from '../settings.ts'
import { agentOf, fleetOf, optimumOf, seedFor } from './fleets.ts'
import { Judge } from './judge.ts'
import { type Settled, settledAt } from './settling.ts'

/** Response times are noise-free averages over the devices. */
export interface LearningOutcome {
  /** Of the best decision. */
  readonly optimumMs: number
  /** Of the last greedy decision. */
  readonly lastMs: number
  /** Staying there up to `horizon`. */
  readonly settledAt: Settled
  /** Staying there up to the last check. */
  readonly settledForGoodAt: Settled
  /** Steps to convergence by the rule of Table VI; null: not shown. */
  readonly convergedAt: number | null
  /** Of the decisions taken, above the optimum, percent of it: over the first 100 steps, and over all. */
  readonly extraPercent: { readonly first100: number; readonly all: number }
  /** The same summed over the first 100 steps, ms. */
  readonly regretMs: number
  /** Decisions below the goal by true accuracies, taken or greedy. */
  readonly violations: number
  /** Of deciding and learning, without the checks. */
  readonly computationSeconds: number
}

/** Steps that count as the beginning. */
const FIRST_STEPS = 100

export async function runLearning(
  settings: LearningSettings,
  { onProgress }: RunContext,
): Promise<LearningOutcome> {
  const { steps, horizon, checkedSteps = steps } = settings
  const fleet = fleetOf(settings)
  const { responseTimeMs: optimumMs } = optimumOf(fleet)
  const state = fleet.reset(seedFor(settings, 'responses'))
  const judge = new Judge(agentOf(settings, fleet.problem), fleet, state)
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
    await onProgress(`step ${step}`)
  }
  const firstMs = extraMs.slice(0, FIRST_STEPS)
  const percent = (valuesMs: readonly number[]) => (100 * mean(valuesMs)) / optimumMs
  return {
    optimumMs,
    lastMs: judge.greedyMs(),
    settledAt: settledAt(ratios.slice(0, horizon + 1)),
    settledForGoodAt: settledAt(ratios),
    convergedAt: convergence.step ?? null,
    extraPercent: { first100: percent(firstMs), all: percent(extraMs) },
    regretMs: sum(firstMs),
    violations: judge.violations,
    computationSeconds: judge.computationSeconds,
  }
}
