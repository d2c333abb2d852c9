/**
 * One agent learning while the state wanders: how much slower its decisions are than the best ones of the states they are
 * taken in. A steady state asks for one good decision; here the policy must be right in every state it meets.
 */
import { mean } from 'simple-statistics'
import { ConfigError } from '../errors.ts'
import { bestDecision } from '../learning/agents/baselines/oracle.ts'
import { createAgent } from '../learning/agents/create.ts'
import { HybridAgent } from '../learning/agents/hybrid.ts'
import type { Transition } from '../learning/environment/environment.ts'
import { SimulatedEnvironment } from '../simulation/simulated-environment.ts'
import type { Wander } from '../simulation/wander.ts'
import { isGood } from './convergence.ts'
import { type PredictionScores, scorePredictions } from './prediction-scores.ts'
import { TimedAgent } from './timed-agent.ts'
import type { TrainingOptions, TrainingSettings } from './training.ts'
import { expected, TrainingRecord, type TrainingResult } from './training-result.ts'

/** Regrets are noise-free average response times less those of the state's optimum, averaged over the steps, ms. */
export type Regret = ReturnType<typeof regretOf>

/** A training, and how its state moves. */
export interface WanderingSettings extends TrainingSettings {
  readonly wander: Wander
}

/** A training, and what it cost and foresaw. */
export interface WanderingResult extends TrainingResult {
  readonly regret: Regret
  /** Of the System Model, which only `hybrid` has. */
  readonly prediction?: PredictionScores
}

/** One step's noise-free average response times. */
interface Step {
  readonly takenMs: number
  readonly greedyMs: number
  readonly optimumMs: number
  readonly isGood: boolean
}

/** Of `tierwise simulate --wander`: a link flips every 50 rounds, an edge's or the cloud's load moves every 5. */
export const WANDER: Wander = { linkFlip: 0.02, levelMove: 0.2, busyFlip: 0 }

/** The environment on which predictions are scored has another seed, so that its state takes another way. */
const UNSEEN_SEEDS = 1_000_000

/**
 * All of `maxSteps`, whether or not it converges; a check is good by the optimum of the state at hand.
 * @throws ConfigError as `train` does, and for an agent or a regime whose regret would say nothing
 */
export async function trainWandering(
  settings: WanderingSettings,
  { clock, signal, onStep, traceLines }: TrainingOptions,
): Promise<WanderingResult> {
  const { agent: name, seed, maxSteps } = settings
  const environment = wandering(settings, seed)
  const learner = createAgent(name, environment.problem, settings)
  const agent = new TimedAgent(learner, clock)
  const record = new TrainingRecord(agent, environment)
  const steps: Step[] = []
  const transitions: Transition[] = []
  let state = environment.reset(seed)
  while (record.steps < maxSteps && !signal?.aborted) {
    const decision = agent.decide(state)
    const optimumMs = optimumOf(environment)
    const greedy = expected(environment, agent.greedy(state))
    const good = isGood(greedy, optimumMs)
    const takenMs = environment.expectedResponseTimeMs(decision)
    steps.push({ takenMs, greedyMs: greedy.responseTimeMs, optimumMs, isGood: good })
    const transition = { state, decision, outcome: environment.step(decision) }
    agent.observe(transition)
    transitions.push(transition)
    record.add(transition, good)
    state = transition.outcome.state
    await onStep?.(record.steps, greedy.responseTimeMs)
  }
  const hasModel = learner instanceof HybridAgent && transitions.length > 0
  const unseen = () => wandering(settings, seed + UNSEEN_SEEDS)
  const prediction = hasModel && scorePredictions(learner, transitions, unseen())
  return {
    ...record.resultOf(agent.greedy(state), optimumOf(environment)),
    regret: regretOf(steps, transitions),
    ...(prediction && { prediction }),
    ...(traceLines && { lines: agent.trace() ?? [] }),
  }
}

function wandering(settings: WanderingSettings, seed: number): SimulatedEnvironment {
  const { agent, regime, users, scenario, goal, wander, choices } = settings
  if (regime !== 'exact') {
    throw new ConfigError(
      'a decision that breaks the goal has no regret: leave --regime penalty where the state wanders',
    )
  }
  if (agent === 'oracle') {
    throw new ConfigError(
      'agent "oracle" knows the response times of one state, and here it wanders: use another agent, whose regret is its distance to the oracle of every state',
    )
  }
  const fleet = { devices: users, scenario, ...(choices && { choices }) }
  return new SimulatedEnvironment({ ...fleet, goalPercent: goal, seed, wander })
}

/** Response time of the best decision of the state at hand. */
function optimumOf(environment: SimulatedEnvironment): number {
  const { goalPercent, available } = environment.currentState()
  const profile = environment.profile()
  return bestDecision(environment.problem, profile, goalPercent, available).responseTimeMs
}

function regretOf(steps: readonly Step[], transitions: readonly Transition[]) {
  const late = steps.slice(Math.floor(steps.length / 2))
  return {
    /** Of the decisions taken, exploration included. */
    regretMs: average(steps.map(({ takenMs, optimumMs }) => takenMs - optimumMs)),
    /** Of the greedy decisions in force. */
    policyRegretMs: average(steps.map(({ greedyMs, optimumMs }) => greedyMs - optimumMs)),
    /** Both over the second half of the steps. */
    lateRegretMs: average(late.map(({ takenMs, optimumMs }) => takenMs - optimumMs)),
    latePolicyRegretMs: average(late.map(({ greedyMs, optimumMs }) => greedyMs - optimumMs)),
    /** Share of the second half's steps whose greedy decision was good (`Convergence`), percent. */
    lateGoodPercent: average(late.map(({ isGood }) => (isGood ? 100 : 0))),
    /** Response time of the optima. */
    optimumMs: average(steps.map(({ optimumMs }) => optimumMs)),
    /** Different states met. */
    statesMet: new Set(transitions.map(({ state }) => `${state.features}`)).size,
  }
}

/** 0 of none: a run that was aborted before it began. */
function average(values: readonly number[]): number {
  return values.length > 0 ? mean(values) : 0
}
