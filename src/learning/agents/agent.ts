/** An agent is two methods; the loop that runs it knows nothing else of it. */
import type { Tier } from '../../fleet/placement.ts'
import type { Answer, Decision, Problem, State, Transition } from '../environment/environment.ts'
import type { Pace } from '../model/structured/watch.ts'
import type { TracedLine } from './line-trace.ts'

/** Counters that every agent keeps, for progress, reports and comparisons. */
export interface LearningProgress {
  /** Interactions with the real environment, verifications of planning included. */
  readonly realSteps: number
  /** Planning updates: updates of the policy on experience that the System Model suggested (Algorithm 1, line 37). */
  readonly plannedSteps: number
  /** Gradient updates of all networks. */
  readonly updates: number
}

/** What an agent with a model of the fleet knows about its greedy decision. */
export interface Explanation {
  readonly decision: Decision
  /** Average response time it is believed to have. */
  readonly responseTimeMs: number
  /** What no decision that meets the goal goes below, if what is believed is true. */
  readonly lowerBoundMs: number
  /** How far the decision is from the best at most, as a share, if what is believed is true. */
  readonly gap: number
}

/** What an agent believes that a decision takes; `NaN` or infinite where nothing can be said. */
export interface Prediction {
  /** Shape [devices], ms. */
  readonly responseTimesMs: Float64Array
  /** How much of that is not sure: one standard deviation, downwards. Shape [devices], ms. */
  readonly spreadsMs: Float64Array
}

/** A node that an agent found to serve at another pace than it had learned. */
export interface Drift {
  readonly tier: Tier
  /** Among the devices, or among the edges; 0 of the cloud. */
  readonly index: number
  readonly became: Pace
}

export interface Agent {
  readonly name: string
  readonly progress: LearningProgress
  /** The decision to try next; may explore, never infeasible where accuracies are known. */
  decide(state: State): Decision
  /** Learns from what the last decision produced. */
  observe(transition: Transition): void
  /** Learns from one more answer, of a request that is in no transition; absent where an agent learns from whole rounds alone. */
  hear?(answer: Answer): void
  /**
   * Goes on with another fleet: what is known of devices that are in both, of edges and of the cloud, stays known. Devices are told by
   * `Problem.names`. Absent where an agent must start anew.
   * @throws InvalidInputError if the choices differ or devices have no names
   */
  moveTo?(problem: Problem): void
  /** Extra response time that exploring may cost from now on, as a share; Infinity: no bound. Absent where an agent has no such budget. */
  boundExploring?(share: number): void
  /** The best decision known for this state, without exploring or learning. */
  greedy(state: State): Decision
  /** The greedy decision and what it is worth; undefined where the agent cannot tell. */
  explain?(state: State): Explanation | undefined
  /**
   * What each of some decisions is believed to take, without learning anything or drawing a random number. Absent where the agent has no
   * model of devices; undefined while it has learned nothing.
   */
  believe?(state: State, decisions: readonly Decision[]): readonly Prediction[] | undefined
  /** What it found to have changed since it was last asked, newest last, within a bound; absent where it does not look. */
  drift?(): readonly Drift[]
  /** How often each printed line of Algorithm 1 acted since the agent was made or last restored; absent in all others. */
  trace?(): readonly TracedLine[] | undefined
  /** Everything needed to continue exactly where this agent stands; structured-clone safe. */
  save(): unknown
  /** @throws InvalidInputError if the value was not saved by an agent of this name and problem */
  restore(saved: unknown): void
}
