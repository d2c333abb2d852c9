/** What a training tells in the end, added up step by step. */
import { mean } from 'simple-statistics'
import { formatChoice } from '../fleet/choice.ts'
import { accuraciesOf, averageAccuracyPercent, meetsGoal } from '../fleet/goal.ts'
import type { Explanation } from '../learning/agents/agent.ts'
import type { TracedLine } from '../learning/agents/line-trace.ts'
import type { Decision, Transition } from '../learning/environment/environment.ts'
import type { SimulatedEnvironment } from '../simulation/simulated-environment.ts'
import { type Check, Convergence } from './convergence.ts'
import type { TimedAgent } from './timed-agent.ts'

/** Counts and times run to the step of convergence, else to the end. */
export interface TrainingResult {
  readonly converged: boolean
  readonly realSteps: number
  readonly plannedSteps: number
  readonly updates: number
  /** Noise-free average of the final greedy decision. */
  readonly responseTimeMs: number
  readonly oracleResponseTimeMs: number
  /** Average of the final greedy decision. */
  readonly accuracyPercent: number
  /** Real steps whose average accuracy was below the goal. */
  readonly goalViolations: number
  /** The final greedy decision: a placement for every device. */
  readonly decisions: readonly string[]
  /** Of agents that plan on a model: what no decision goes below by what is believed, and how far this one is from it at most. */
  readonly lowerBoundMs?: number
  readonly gap?: number
  /** Sum of the average response times of the real steps. */
  readonly experienceSeconds: number
  /** Of deciding and learning, by the clock of the training. */
  readonly computationSeconds: number
  /** Real steps taken, those that prove the convergence included. */
  readonly steps: number
  /** The step of convergence if every check after it must be good; null if the run does not show it. */
  readonly strictRealSteps: number | null
  /** Average response time of the first 100 real steps, exploration included; absent of a run that ended before. */
  readonly firstHundredMs?: number
  /** Noise-free average response time of the greedy decision at each of `curveSteps`; null where it breaks the goal. */
  readonly curveMs?: readonly (number | null)[]
  /** How often each printed line of Algorithm 1 acted, where it was asked for; none of agents that do not follow it. */
  readonly lines?: readonly TracedLine[]
}

/** What the real steps so far add up to; kept for every step, because convergence is known only later. */
interface Totals {
  readonly plannedSteps: number
  readonly updates: number
  readonly goalViolations: number
  readonly experienceMs: number
  readonly computationMs: number
}

const NONE: Totals = {
  plannedSteps: 0,
  updates: 0,
  goalViolations: 0,
  experienceMs: 0,
  computationMs: 0,
}

/** Follows one agent in one environment. */
export class TrainingRecord {
  private readonly agent: TimedAgent
  private readonly environment: SimulatedEnvironment
  private readonly convergence = new Convergence()
  private readonly totals: Totals[] = []

  constructor(agent: TimedAgent, environment: SimulatedEnvironment) {
    this.agent = agent
    this.environment = environment
  }

  get steps(): number {
    return this.totals.length
  }

  get hasConverged(): boolean {
    return this.convergence.step !== undefined
  }

  /** The next real step. @param isGood the check of the greedy decision */
  add({ state, outcome }: Transition, isGood: boolean): void {
    const { progress, computationMs } = this.agent
    const before = this.totals.at(-1) ?? NONE
    const isViolated = !meetsGoal(outcome.accuracyPercent, state.goalPercent)
    this.totals.push({
      plannedSteps: progress.plannedSteps,
      updates: progress.updates,
      goalViolations: before.goalViolations + (isViolated ? 1 : 0),
      experienceMs: before.experienceMs + mean(outcome.responseTimesMs),
      computationMs,
    })
    this.convergence.add(isGood)
  }

  /** @param decision the final greedy one */
  resultOf(
    decision: Decision,
    oracleResponseTimeMs: number,
    explanation?: Explanation,
  ): TrainingResult {
    const { convergence, environment, steps } = this
    const { choices } = environment.problem
    const realSteps = convergence.step ?? steps
    const { experienceMs, computationMs, ...counts } = this.totals[realSteps - 1] ?? NONE
    const { responseTimeMs, accuracyPercent } = expected(environment, decision)
    const hundredth = this.totals[99]
    return {
      converged: this.hasConverged,
      realSteps,
      plannedSteps: counts.plannedSteps,
      updates: counts.updates,
      responseTimeMs,
      oracleResponseTimeMs,
      accuracyPercent,
      goalViolations: counts.goalViolations,
      decisions: decision.map((choice) => formatChoice(choices[choice])),
      ...(explanation && { lowerBoundMs: explanation.lowerBoundMs, gap: explanation.gap }),
      experienceSeconds: experienceMs / 1000,
      computationSeconds: computationMs / 1000,
      steps,
      strictRealSteps: convergence.strictStep ?? null,
      ...(hundredth && { firstHundredMs: hundredth.experienceMs / 100 }),
    }
  }
}

/** Noise-free averages over the devices. */
export function expected(environment: SimulatedEnvironment, decision: Decision): Check {
  const accuracies = accuraciesOf(decision, environment.problem.choices)
  return {
    responseTimeMs: environment.expectedResponseTimeMs(decision),
    accuracyPercent: averageAccuracyPercent(accuracies),
    isGoalMet: meetsGoal(accuracies, environment.currentState().goalPercent),
  }
}
