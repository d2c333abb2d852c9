import type { State, Transition } from '../environment/environment.ts'
import type { GoalLabelsState } from './goal-labels.ts'

/** The head for one goal. */
export interface Fit {
  readonly goalPercent: number
  /** Weights, then the bias. */
  readonly weights: Float64Array
}

/** All that is learned, structured-clone safe. */
export interface LearnedConstraintState {
  readonly labels: GoalLabelsState
  /** For the goal last observed. */
  readonly fit: Fit | undefined
  readonly draw: number
  readonly random: number
}

/** How an agent meets the goal: one interface, whether accuracies are known or broken goals are learned from the penalty. */
export interface Constraint {
  /** What the greedy decision is taken from: indices of joint decisions, ascending [allowed], never empty. */
  allowed(state: State): Uint32Array
  /** What random exploration draws from: ascending [explorable], never empty. */
  explorable(state: State): Uint32Array
  /** Decisions never tried that may or may not meet the goal, worth verifying: ascending [doubtful]; empty where accuracies are known. */
  doubtful(state: State): Uint32Array
  /** Whether the agent should only explore, because nothing is known yet that meets the goal. */
  isCold(state: State): boolean
  /** Learns whether the goal was met. @returns whether the cost is one to learn from: a response time, not the penalty */
  observe(transition: Transition): boolean
  /** Structured-clone safe; undefined where nothing is learned. */
  save(): LearnedConstraintState | undefined
  restore(saved: LearnedConstraintState | undefined): void
}

/** One of the indices. @param draw uniform in [0, 1) */
export function drawn(indices: Uint32Array, draw: number): number {
  return indices[Math.floor(draw * indices.length)]
}
