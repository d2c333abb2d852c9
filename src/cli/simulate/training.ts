/** One agent trained in the simulator until it has converged: what `simulate` prints and `reproduce` collects. */

import { setImmediate } from 'node:timers/promises'
import { mean } from 'simple-statistics'
import { ConfigError } from '../../errors.ts'
import { accuraciesOf, averageAccuracyPercent, meetsGoal } from '../../fleet/goal.ts'
import { formatPlacement } from '../../fleet/placement.ts'
import type { Scenario } from '../../fleet/scenarios.ts'
import type { Explanation } from '../../learning/agents/agent.ts'
import { bestDecision, type Profile } from '../../learning/agents/baselines/oracle.ts'
import { type Check, Convergence, isGood } from '../../learning/agents/convergence.ts'
import { createAgent } from '../../learning/agents/create.ts'
import type { Feedback, Mode } from '../../learning/agents/hybrid-options.ts'
import { interact } from '../../learning/agents/interact.ts'
import type { Overrides } from '../../learning/agents/overrides.ts'
import { PENALTY_MS, type Regime } from '../../learning/agents/regime.ts'
import type { Decision, Transition } from '../../learning/environment/environment.ts'
import { plan } from '../../learning/planner/plan.ts'
import type { Task } from '../../learning/transfer/task.ts'
import { transfer } from '../../learning/transfer/transfer.ts'
import { SimulatedEnvironment } from '../../simulation/simulated-environment.ts'
import { DEFAULT_CHOICES } from '../../simulation/worlds/paper-world.ts'
import { TimedAgent } from './timed-agent.ts'

export interface TrainingSettings {
  /** As `createAgent` takes it, and what follows. */
  readonly agent: string
  readonly regime: Regime
  readonly mode?: Mode
  readonly feedback?: Feedback
  readonly overrides?: Overrides
  /** What the agent learns first; what it then knows is carried over, and steps count anew. */
  readonly warmStart?: WarmStart
  /** The only variants to choose among, such as d0 alone: offloading without model selection. All by default. */
  readonly variants?: readonly string[]
  readonly scenario: Scenario
  readonly users: number
  /** Percent; 0 for none. */
  readonly goal: number
  readonly seed: number
  /** Most real steps; a run of T steps can show convergence at steps up to T − 500, or T / 2 if that is less. */
  readonly maxSteps: number
  /** Real steps at which to record what has been learned; with them the run goes on to `maxSteps`. */
  readonly curveSteps?: readonly number[]
}

/** Another goal, another number of users, or both; all else is as in the settings. */
interface WarmStart {
  readonly goal: number
  readonly users: number
  /** Real steps spent on it. */
  readonly steps: number
}

/** The object that `tierwise simulate --json` prints. Counts and times run to the step of convergence, else to the end. */
interface TrainingResult {
  readonly agent: string
  /** Of `hybrid`; null: the agent has no modes. */
  readonly mode: Mode | null
  readonly regime: Regime
  readonly scenario: Scenario
  readonly users: number
  readonly goal: number
  readonly seed: number
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
  /** Wall clock of deciding and learning. */
  readonly computationSeconds: number
  /** Where it was chosen. */
  readonly feedback?: Feedback
  readonly overrides?: Overrides
  readonly variants?: readonly string[]
  readonly warmStart?: WarmStart
}

export interface Training {
  readonly result: TrainingResult
  /** Real steps taken, those that prove the convergence included. */
  readonly steps: number
  /** The step of convergence if every check after it must be good; null if the run does not show it. */
  readonly strictRealSteps: number | null
  /** Noise-free average response time of the greedy decision at each of `curveSteps`; null where it breaks the goal. */
  readonly curveMs?: readonly (number | null)[]
}

export interface TrainingOptions {
  /** Ends the run after the step under way. */
  readonly signal?: AbortSignal
  /** After each real step: the noise-free average response time of the greedy decision then in force. */
  readonly onStep?: (step: number, responseTimeMs: number) => void
}

/** What the real steps so far add up to; kept for every step, because convergence is known only later. */
export interface Totals {
  readonly plannedSteps: number
  readonly updates: number
  readonly goalViolations: number
  readonly experienceMs: number
  readonly computationMs: number
}

export const NONE: Totals = {
  plannedSteps: 0,
  updates: 0,
  goalViolations: 0,
  experienceMs: 0,
  computationMs: 0,
}

/** Those that can learn the goal from a penalty. */
const PENALTY_AGENTS = ['hybrid', 'dqn', 'q-learning', 'bandit', 'supervised']

/** Devices up to which the optimum is exact, found in about 2 s; beyond, it is a plan, whose gap is at most some tenths of a percent. */
const MOST_PROFILED = 30

/** Longest that the event loop waits, so that Ctrl-C is heard. */
const YIELD_MS = 50

/** @throws ConfigError if there is no such agent, it cannot learn in the regime, or no decision meets the goal */
export async function train(
  settings: TrainingSettings,
  { signal, onStep }: TrainingOptions = {},
): Promise<Training> {
  const { goal: goalPercent, seed, maxSteps, curveSteps } = settings
  const environment = simulated(settings)
  const { problem } = environment
  const profile = profileOf(settings.agent, environment)
  const { available } = environment.currentState()
  const optimum = profile
    ? bestDecision(problem, profile, goalPercent, available)
    : plan(environment.planningProblem())
  const agent = new TimedAgent(
    createAgent(settings.agent, problem, { ...settings, ...(profile && { profile }) }),
  )
  if (settings.warmStart) {
    agent.restore(
      await learnedFirst(settings, settings.warmStart, { problem, goalPercent }, signal),
    )
  }
  const convergence = new Convergence()
  const ended = new AbortController()
  const totals: Totals[] = []
  const curveMs: (number | null)[] = []
  let yieldedMs = performance.now()
  const steps = await interact(agent, environment, {
    seed,
    steps: maxSteps,
    signal: signal ? AbortSignal.any([signal, ended.signal]) : ended.signal,
    onStep: (transition, step) => {
      totals.push(addStep(totals.at(-1) ?? NONE, transition, agent))
      const check = expected(environment, agent.greedy(transition.outcome.state))
      convergence.add(isGood(check, optimum.responseTimeMs))
      if (convergence.step !== undefined && !curveSteps) ended.abort()
      if (curveSteps?.includes(step)) {
        curveMs.push(check.isGoalMet ? check.responseTimeMs : null)
      }
      onStep?.(step, check.responseTimeMs)
      if (performance.now() - yieldedMs < YIELD_MS) return
      yieldedMs = performance.now()
      return setImmediate()
    },
  })
  const realSteps = convergence.step ?? steps
  return {
    steps,
    strictRealSteps: convergence.strictStep ?? null,
    ...(curveSteps && { curveMs }),
    result: resultOf(settings, environment, agent.greedy(environment.currentState()), {
      ...(totals[realSteps - 1] ?? NONE),
      converged: convergence.step !== undefined,
      realSteps,
      oracleResponseTimeMs: optimum.responseTimeMs,
      explanation: agent.explain(environment.currentState()),
    }),
  }
}

/** What an agent of the same seed learns of the task of the warm start, carried over. */
async function learnedFirst(
  settings: TrainingSettings,
  { goal, users, steps }: WarmStart,
  to: Task,
  signal?: AbortSignal,
): Promise<unknown> {
  const environment = simulated({ ...settings, goal, users })
  const { problem } = environment
  const agent = createAgent(settings.agent, problem, settings)
  await interact(agent, environment, { seed: settings.seed, steps, ...(signal && { signal }) })
  return transfer(agent.save(), { problem, goalPercent: goal }, to)
}

/** @throws ConfigError if the oracle is to search among too many users */
function profileOf(agent: string, environment: SimulatedEnvironment): Profile | undefined {
  const { devices } = environment.problem
  if (devices <= MOST_PROFILED) return environment.profile()
  if (agent !== 'oracle') return undefined
  throw new ConfigError(
    `agent "oracle" searches for at most ${MOST_PROFILED} users: leave --users ${devices}, or use "factored"`,
  )
}

/** @throws ConfigError if the agent cannot learn in the regime */
function simulated({ agent, regime, users, scenario, goal, seed, variants }: TrainingSettings) {
  const choices = variants
    ? DEFAULT_CHOICES.filter(({ placement }) => variants.includes(placement.variant))
    : DEFAULT_CHOICES
  const options = { devices: users, scenario, goalPercent: goal, seed, choices }
  if (regime === 'exact') return new SimulatedEnvironment(options)
  if (PENALTY_AGENTS.includes(agent)) {
    return new SimulatedEnvironment({ ...options, penaltyMs: PENALTY_MS })
  }
  throw new ConfigError(
    `agent "${agent}" never breaks the goal, so there is no penalty to learn from: leave --regime penalty, or use one of ${PENALTY_AGENTS.join(', ')}`,
  )
}

export function addStep(before: Totals, { state, outcome }: Transition, agent: TimedAgent): Totals {
  const { plannedSteps, updates } = agent.progress
  const isViolated = !meetsGoal(outcome.accuracyPercent, state.goalPercent)
  return {
    plannedSteps,
    updates,
    goalViolations: before.goalViolations + (isViolated ? 1 : 0),
    experienceMs: before.experienceMs + mean(outcome.responseTimesMs),
    computationMs: agent.computationMs,
  }
}

type Learned = Totals &
  Pick<TrainingResult, 'converged' | 'realSteps' | 'oracleResponseTimeMs'> & {
    readonly explanation?: Explanation | undefined
  }

/** In the order that is printed. */
export function resultOf(
  settings: TrainingSettings,
  environment: SimulatedEnvironment,
  decision: Decision,
  learned: Learned,
): TrainingResult {
  const { agent, regime, scenario, users, goal, seed, mode } = settings
  const { feedback, overrides, variants, warmStart } = settings
  const { explanation } = learned
  const { choices } = environment.problem
  return {
    agent,
    mode: agent === 'hybrid' ? (mode ?? 'verified') : null,
    regime,
    scenario,
    users,
    goal,
    seed,
    converged: learned.converged,
    realSteps: learned.realSteps,
    plannedSteps: learned.plannedSteps,
    updates: learned.updates,
    responseTimeMs: expected(environment, decision).responseTimeMs,
    oracleResponseTimeMs: learned.oracleResponseTimeMs,
    accuracyPercent: expected(environment, decision).accuracyPercent,
    goalViolations: learned.goalViolations,
    decisions: decision
      .flatMap((choice) => choices[choice]?.placement ?? [])
      .map((placement) => formatPlacement(placement)),
    ...(explanation && { lowerBoundMs: explanation.lowerBoundMs, gap: explanation.gap }),
    experienceSeconds: learned.experienceMs / 1000,
    computationSeconds: learned.computationMs / 1000,
    ...(feedback && { feedback }),
    ...(overrides && { overrides }),
    ...(variants && { variants }),
    ...(warmStart && { warmStart }),
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
