/** An agent at work in a fleet that it was not made for. */
import { mean } from 'simple-statistics'
import { createAgent } from '../../../src/learning/agents/create.ts'
import { Judge } from '../../beyond/run/judge.ts'
import { type Settled, settledAt } from '../../beyond/run/settling.ts'
import type { RunContext } from '../../experiment.ts'
import type { GeneralitySettings } from '../settings.ts'
import { BEST_FIXED, bestFixed } from './best-fixed.ts'
import { fleetOf, streamOf } from './fleets.ts'
import { profileOf } from './profiles.ts'

/** Steps in which the best decision stays the same. Response times are noise-free averages over the devices. */
export interface Phase {
  readonly optimumMs: number
  /** Steps until the greedy decision is good and stays so to the end of the phase. */
  readonly settledAt: Settled
  /** The same, where 95 % of the checks from there on are good. */
  readonly mostlySettledAt: Settled
  /** Of the decisions taken, above the optimum, percent of it. */
  readonly extraPercent: {
    readonly first100: number
    readonly all: number
    readonly last200: number
    /** From step 500 on; null where there are no such steps. */
    readonly from500: number | null
  }
  /** The last greedy decision above the optimum, percent of it. */
  readonly finalPercent: number
}

export interface GeneralityResult {
  /** Two where something changed. */
  readonly phases: readonly Phase[]
  /** Decisions below the goal, taken or greedy. */
  readonly violations: number
  /** Of deciding and learning, without the checks. */
  readonly msPerRound: number
}

const MOSTLY = 0.95

export async function run(
  settings: GeneralitySettings,
  context: RunContext,
): Promise<GeneralityResult> {
  const { agent: name, overrides, profile, steps } = settings
  const { world, environment, optimum, event } = fleetOf(settings)
  const seedFor = (purpose: string) => streamOf(settings, purpose).integer(2 ** 32)
  const told = profileOf(profile, world, streamOf(settings, 'profile'))
  const agent = createAgent(
    name === BEST_FIXED ? bestFixed(environment) : name,
    { ...environment.problem, ...told },
    { seed: seedFor('agent'), ...(overrides && { overrides }) },
  )
  const judge = new Judge(agent, environment, environment.reset(seedFor('responses')))
  const before = event ? Math.round(steps / 3) : steps
  const phases = [await phaseOf(judge, optimum.responseTimeMs, before, context)]
  if (event && settings.change) {
    for (const node of event.nodes) environment.setFactor(node, settings.change.factor)
    phases.push(await phaseOf(judge, event.optimum.responseTimeMs, steps - before, context))
  }
  return {
    phases,
    violations: judge.violations,
    msPerRound: (1000 * judge.computationSeconds) / steps,
  }
}

async function phaseOf(
  judge: Judge,
  optimumMs: number,
  steps: number,
  { onProgress }: RunContext,
): Promise<Phase> {
  const ratios = [judge.greedyMs() / optimumMs]
  const taken: number[] = []
  for (let step = 1; step <= steps; step++) {
    taken.push(judge.step() / optimumMs)
    ratios.push(judge.greedyMs() / optimumMs)
    await onProgress(`step ${step}`)
  }
  const extra = (from: number, to = steps) => 100 * (mean(taken.slice(from, to)) - 1)
  return {
    optimumMs,
    settledAt: settledAt(ratios),
    mostlySettledAt: settledAt(ratios, MOSTLY),
    extraPercent: {
      first100: extra(0, 100),
      all: extra(0),
      last200: extra(-200),
      from500: steps > 500 ? extra(500) : null,
    },
    finalPercent: 100 * ((ratios.at(-1) ?? Number.NaN) - 1),
  }
}
