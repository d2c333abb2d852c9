/** One agent trained in the simulator until it has converged: what `simulate` prints and experiments collect. */
import type { Clock } from '../clock.ts'
import { ConfigError } from '../errors.ts'
import type { Choice } from '../fleet/choice.ts'
import type { Scenario } from '../fleet/scenarios.ts'
import { bestDecision, type Profile } from '../learning/agents/baselines/oracle.ts'
import { createAgent } from '../learning/agents/create.ts'
import type { Feedback, Mode } from '../learning/agents/hybrid-options.ts'
import { interact } from '../learning/agents/interact.ts'
import type { Overrides } from '../learning/agents/overrides.ts'
import { PENALTY_MS, type Regime } from '../learning/agents/regime.ts'
import { plan } from '../learning/planner/plan.ts'
import type { Task } from '../learning/transfer/task.ts'
import { transfer } from '../learning/transfer/transfer.ts'
import { SimulatedEnvironment } from '../simulation/simulated-environment.ts'
import { DEFAULT_CHOICES } from '../simulation/worlds/paper-world.ts'
import { isGood } from './convergence.ts'
import { TimedAgent } from './timed-agent.ts'
import { expected, TrainingRecord, type TrainingResult } from './training-result.ts'

/** Names are those of `tierwise simulate`. */
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
  /** What devices may do in place of the paper's choices, in the paper's fleet. */
  readonly choices?: readonly Choice[]
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

/** What does not change the result. */
export interface TrainingOptions {
  /** Times deciding and learning. */
  readonly clock: Pick<Clock, 'nowMs'>
  /** Ends the run after the step under way. */
  readonly signal?: AbortSignal
  /** Whether the result tells how often each printed line of Algorithm 1 acted, of agents that follow it. */
  readonly traceLines?: boolean
  /** After each real step: the noise-free average response time of the greedy decision then in force. A promise is waited for. */
  readonly onStep?: (step: number, responseTimeMs: number) => void | Promise<void>
}

/** Those that can learn the goal from a penalty. */
const PENALTY_AGENTS = ['hybrid', 'dqn', 'q-learning', 'bandit', 'supervised']

/** Devices up to which the optimum is exact, found in about 2 s; beyond, it is a plan, whose gap is at most some tenths of a percent. */
const MOST_PROFILED = 30

/**
 * Until it has converged, or for `maxSteps`.
 * @throws ConfigError if there is no such agent, it cannot learn in the regime, or no decision meets the goal
 */
export async function train(
  settings: TrainingSettings,
  { clock, signal, onStep, traceLines }: TrainingOptions,
): Promise<TrainingResult> {
  const { goal: goalPercent, seed, maxSteps, curveSteps, warmStart } = settings
  const environment = simulated(settings)
  const { problem } = environment
  const profile = profileOf(settings.agent, environment)
  const { available } = environment.currentState()
  const optimum = profile
    ? bestDecision(problem, profile, goalPercent, available)
    : plan(environment.planningProblem())
  const agent = new TimedAgent(
    createAgent(settings.agent, problem, { ...settings, ...(profile && { profile }) }),
    clock,
  )
  if (warmStart) {
    agent.restore(await learnedFirst(settings, warmStart, { problem, goalPercent }, signal))
  }
  const record = new TrainingRecord(agent, environment)
  const ended = new AbortController()
  const curveMs: (number | null)[] = []
  await interact(agent, environment, {
    seed,
    steps: maxSteps,
    signal: signal ? AbortSignal.any([signal, ended.signal]) : ended.signal,
    onStep: (transition, step) => {
      const check = expected(environment, agent.greedy(transition.outcome.state))
      record.add(transition, isGood(check, optimum.responseTimeMs))
      if (record.hasConverged && !curveSteps) ended.abort()
      if (curveSteps?.includes(step)) curveMs.push(check.isGoalMet ? check.responseTimeMs : null)
      return onStep?.(step, check.responseTimeMs)
    },
  })
  const state = environment.currentState()
  return {
    ...record.resultOf(agent.greedy(state), optimum.responseTimeMs, agent.explain(state)),
    ...(curveSteps && { curveMs }),
    ...(traceLines && { lines: agent.trace() ?? [] }),
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
function simulated({ agent, regime, users, scenario, goal, seed, ...settings }: TrainingSettings) {
  const { variants, choices: all = DEFAULT_CHOICES } = settings
  const choices = variants
    ? all.filter(({ placement }) => variants.includes(placement.variant))
    : all
  const options = { devices: users, scenario, goalPercent: goal, seed, choices }
  if (regime === 'exact') return new SimulatedEnvironment(options)
  if (PENALTY_AGENTS.includes(agent)) {
    return new SimulatedEnvironment({ ...options, penaltyMs: PENALTY_MS })
  }
  throw new ConfigError(
    `agent "${agent}" never breaks the goal, so there is no penalty to learn from: leave --regime penalty, or use one of ${PENALTY_AGENTS.join(', ')}`,
  )
}
