/** How well hybrid's System Model predicts what it was never trained on: response times r and next states s'. */
import { mean } from 'simple-statistics'
import { HIGHEST_LEVEL } from '../fleet/state.ts'
import type { HybridAgent } from '../learning/agents/hybrid.ts'
import type { Transition } from '../learning/environment/environment.ts'
import { decisionOf, FeasibleDecisions } from '../learning/environment/feasible.ts'
import { Random } from '../random.ts'
import type { SimulatedEnvironment } from '../simulation/simulated-environment.ts'

/** Averages over the transitions of an environment of another seed, under random feasible decisions. */
export interface PredictionScores {
  readonly transitions: number
  /** Those whose (state, decision) the agent never met. */
  readonly unseenPairs: number
  /** |predicted − noise-free| / noise-free average response time, percent. */
  readonly responseTimeErrorPercent: number
  /** The same over the unseen pairs alone. */
  readonly unseenResponseTimeErrorPercent: number
  /** The same of one measured round in place of a prediction. */
  readonly measuredResponseTimeErrorPercent: number
  /** Of s', nats per component. */
  readonly nextStateCrossEntropy: number
  /** The same of persistence: every component stays, but for the share of changes that the training saw. */
  readonly persistenceCrossEntropy: number
  /** Components of s' predicted exactly, percent. */
  readonly nextStateAccuracyPercent: number
  readonly persistenceAccuracyPercent: number
}

/** Steps taken in the environment of another seed. */
const TRANSITIONS = 1000

/**
 * @param trained all transitions that the model has seen; at least one
 * @param environment of another seed; it is stepped
 */
export function scorePredictions(
  agent: Pick<HybridAgent, 'imagine'>,
  trained: readonly Transition[],
  environment: SimulatedEnvironment,
): PredictionScores {
  const known = new Set(trained.map(pairOf))
  const persist = persistenceOf(trained)
  const { devices } = environment.problem
  const scores = explored(environment).map(({ transition, responseTimeMs }) => {
    const prediction = agent.imagine(transition.decision, transition.state)
    const next = transition.outcome.state.features
    const persisted = persist(transition.state.features)
    const errorPercent = (ms: number) => (Math.abs(ms - responseTimeMs) / responseTimeMs) * 100
    return {
      isKnown: known.has(pairOf(transition)),
      error: errorPercent(prediction.cost),
      measuredError: errorPercent(transition.outcome.cost),
      crossEntropy: crossEntropy(prediction.nextFeatures, next),
      persistenceCrossEntropy: crossEntropy(persisted, next),
      accuracy: accuracyPercent(prediction.nextFeatures, next, devices),
      persistenceAccuracy: accuracyPercent(persisted, next, devices),
    }
  })
  const unseen = scores.filter(({ isKnown }) => !isKnown)
  return {
    transitions: scores.length,
    unseenPairs: unseen.length,
    responseTimeErrorPercent: mean(scores.map(({ error }) => error)),
    unseenResponseTimeErrorPercent: mean(unseen.map(({ error }) => error)),
    measuredResponseTimeErrorPercent: mean(scores.map(({ measuredError }) => measuredError)),
    nextStateCrossEntropy: mean(scores.map((score) => score.crossEntropy)),
    persistenceCrossEntropy: mean(scores.map((score) => score.persistenceCrossEntropy)),
    nextStateAccuracyPercent: mean(scores.map(({ accuracy }) => accuracy)),
    persistenceAccuracyPercent: mean(scores.map(({ persistenceAccuracy }) => persistenceAccuracy)),
  }
}

/** Transitions under random feasible decisions, each with the noise-free average response time of its decision. */
function explored(environment: SimulatedEnvironment) {
  const { problem } = environment
  const feasible = new FeasibleDecisions(problem)
  const random = new Random(TRANSITIONS)
  return Array.from({ length: TRANSITIONS }, () => {
    const state = environment.currentState()
    const decision = decisionOf(feasible.random(state, random), problem)
    const responseTimeMs = environment.expectedResponseTimeMs(decision)
    const outcome = environment.step(decision)
    return { transition: { state, decision, outcome }, responseTimeMs }
  })
}

/** A component of value v and share of change c is next time expected at v (1 − c) + (1 − v) c. Features → s', [stateSize]. */
function persistenceOf(trained: readonly Transition[]): (features: Float32Array) => Float32Array {
  const changes = (trained[0]?.state.features ?? new Float32Array()).map((_, component) =>
    mean(
      trained.map(({ state, outcome }) =>
        Math.abs(outcome.state.features[component] - state.features[component]),
      ),
    ),
  )
  return (features) =>
    features.map((value, component) => {
      const change = changes[component]
      return value * (1 - change) + (1 - value) * change
    })
}

/** Nats per component; a level counts as its share of the highest. */
function crossEntropy(predicted: Float32Array, actual: Float32Array): number {
  return -mean(
    [...actual].map((value, component) => {
      const p = Math.min(1 - 1e-6, Math.max(1e-6, predicted[component]))
      return value * Math.log(p) + (1 - value) * Math.log(1 - p)
    }),
  )
}

/** Share of the components that round to what came, percent. @param devices whose processors are busy or not; shared ones have levels */
function accuracyPercent(predicted: Float32Array, actual: Float32Array, devices: number): number {
  const isRight = [...actual].map((value, component) => {
    const isLevel = component >= 3 * devices && component % 3 === 0
    const halfStep = isLevel ? 0.5 / HIGHEST_LEVEL : 0.5
    return Math.abs(predicted[component] - value) < halfStep
  })
  return (isRight.filter(Boolean).length / isRight.length) * 100
}

function pairOf({ state, decision }: Transition): string {
  return `${state.features} ${decision}`
}
