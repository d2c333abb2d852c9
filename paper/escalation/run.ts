/** Confidence escalation: what small variants save that pass on only what they are unsure of, by plan and by simulated rounds. */
import { mean } from 'simple-statistics'
import { decidedChoices, formatChoice, loadOf } from '../../src/fleet/choice.ts'
import { accuraciesOf, averageAccuracyPercent, meetsGoal } from '../../src/fleet/goal.ts'
import { plan } from '../../src/learning/planner/plan.ts'
import type { Plan, PlanningProblem } from '../../src/learning/planner/problem.ts'
import { responseTimesOf } from '../../src/learning/planner/response-times.ts'
import { Random } from '../../src/random.ts'
import { SimulatedEnvironment } from '../../src/simulation/simulated-environment.ts'
import type { Experiment, RunContext } from '../experiment.ts'
import { analyse, title } from './analysis.ts'
import { goalPercentOf, worldOf } from './fleet.ts'
import { roundsOf } from './rounds.ts'
import type { EscalationResult, EscalationSettings } from './settings.ts'
import { sweep } from './sweep.ts'

/** Steps between two looks at whether to go on. */
const STEPS = 250

/** The plan of one strategy in one fleet, tried. */
export async function run(
  settings: EscalationSettings,
  { onProgress }: Pick<RunContext, 'onProgress'>,
): Promise<EscalationResult> {
  const goalPercent = goalPercentOf(settings)
  const { seed, rounds, strategy } = settings
  const world = worldOf(settings)
  const problem = new SimulatedEnvironment({ world, goalPercent }).planningProblem()
  const planned = strategy === 'one for all' ? bestOfOne(problem) : plan(problem)
  const { decision, responseTimeMs, accuracyPercent, lowerBoundMs, gap, proven } = planned
  const nextRound = roundsOf(world, decision, new Random(seed))
  let sumMs = 0
  for (let round = 0; round < rounds; round++) {
    sumMs += nextRound()
    if (round % STEPS === 0) await onProgress(`round ${round}`)
  }
  const chosen = decidedChoices(decision, problem.choices)
  return {
    ...{ goalPercent, accuracyPercent, promisedMs: responseTimeMs, lowerBoundMs, gap, proven },
    simulatedMs: sumMs / rounds,
    load: chosen.reduce((sum, choice) => sum + loadOf(choice), 0),
    decision: chosen.map(formatChoice),
  }
}

/** The quickest choice that keeps the goal where all devices take it. */
function bestOfOne(problem: PlanningProblem): Omit<Plan, 'prices' | 'capped'> {
  const { devices, choices, goalPercent } = problem
  const tried = choices.flatMap((_, choice) => {
    const decision = Array<number>(devices).fill(choice)
    const accuracies = accuraciesOf(decision, choices)
    if (!meetsGoal(accuracies, goalPercent)) return []
    const responseTimeMs = mean([...responseTimesOf(problem, decision)])
    return [{ decision, responseTimeMs, accuracyPercent: averageAccuracyPercent(accuracies) }]
  })
  const best = tried.reduce((one, other) =>
    other.responseTimeMs < one.responseTimeMs ? other : one,
  )
  const { responseTimeMs } = best
  const totalResponseTimeMs = responseTimeMs * devices
  return { ...best, totalResponseTimeMs, lowerBoundMs: responseTimeMs, gap: 0, proven: true }
}

/** As `tierwise reproduce` takes it. */
export const experiment: Experiment<EscalationSettings, EscalationResult> = {
  name: 'escalation',
  title,
  defaultSeeds: { full: 5, quick: 1 },
  sweep,
  label: ({ strategy, fleet, speeds, goal, scenario, seed }) => ({
    kind: strategy,
    cell: `${fleet}, ${speeds}, ${scenario}, goal ${goal}, seed ${seed}`,
  }),
  run,
  analyse,
}
