/**
 * The System Environment of Figure 2 (HL paper): what every agent sees, and all it sees. Two worlds stand behind it, the
 * simulator and the live fleet; an agent cannot tell which.
 */
import type { Choice } from '../../fleet/choice.ts'

/** What does not change while an agent lives. */
export interface Problem {
  readonly devices: number
  /** What a device may do with its request; `State.available` tells which device may do it now. */
  readonly choices: readonly Choice[]
  /** Length of `State.features`. */
  readonly stateSize: number
  /** The edge each device is connected to, from 0. Shape [devices]. Without it devices are dealt out to the edges in turn. */
  readonly edgeOf?: readonly number[]
  /** Devices of equal hardware share a number, from 0. Shape [devices]. Without it all are taken for alike. */
  readonly classOf?: readonly number[]
  /** What each device told of its own inference, ms, where it told: by choice, of choices it serves itself. Shape [devices][choices]. */
  readonly localTimesMs?: readonly (readonly (number | undefined)[] | undefined)[]
  /** What each device is called, so that it is known again in another problem. Shape [devices]. */
  readonly names?: readonly string[]
}

/** A joint decision: for every device the index of its choice. Shape [devices]. */
export type Decision = readonly number[]

/** `false` where a device cannot take a choice now: it does not hold the variant, no node serves it, or its floor or a goal of its own forbids it. Shape [devices][choices]. */
export type Availability = readonly (readonly boolean[])[]

/** What is known before deciding. */
export interface State {
  /** Table II, scaled to [0, 1]; see `fleet/state.ts`. Shape [stateSize]. */
  readonly features: Float32Array
  /** Quality of Service Goal: lowest allowed average accuracy. */
  readonly goalPercent: number
  readonly available: Availability
  /** Whether each shared node says that it sheds load: edges, then the cloud. Absent: none says so. */
  readonly shedding?: readonly boolean[]
}

/** One request of a choice that escalates. */
export interface Escalated {
  /** Whether the first answer was unsure, and the request went on. */
  readonly escalated: boolean
  /** When the first answer was there. */
  readonly firstMs: number
  /** When the answer was. */
  readonly responseTimeMs: number
}

/** What one joint decision produced: one real step. */
export interface Outcome {
  /** The state the next decision is taken in. */
  readonly state: State
  /** Of a choice that escalates what it takes on average, not what this one request took. Shape [devices]. */
  readonly responseTimesMs: readonly number[]
  /** What became of this round's requests where they could escalate; undefined elsewhere. Shape [devices]. Absent: of none. */
  readonly escalations?: readonly (Escalated | undefined)[]
  /** Accuracy of the variant that answered each device. Shape [devices]. */
  readonly accuracyPercent: readonly number[]
  /** Whether each device's answer was right, where that is known. Shape [devices]. */
  readonly correct?: readonly (boolean | undefined)[]
  /** What the agent minimises: the average response time in ms, or the penalty where the goal was broken and the regime is `penalty`. */
  readonly cost: number
}

/** A state, the decision taken in it, and what it produced. */
export interface Transition {
  readonly state: State
  readonly decision: Decision
  readonly outcome: Outcome
}

/** One request by itself, heard of whenever it was answered: all that a fleet without rounds reports. */
export interface Answer {
  /** What was known when it was sent. */
  readonly state: State
  /** What was in force when it was sent. */
  readonly decision: Decision
  /** Index of the device that sent it. */
  readonly device: number
  /** Not a number where no answer came. */
  readonly responseTimeMs: number
  /** Users of its node while it was served, on average over that time; absent: as many as `decision` gives it. */
  readonly users?: number
  /** Where its choice escalates: whether its first answer was unsure and it went on, and when that answer was there, ms from the request. */
  readonly escalated?: boolean
  readonly firstMs?: number
  /** Whether the answer was right, where that is known. */
  readonly correct?: boolean
}

export interface Environment {
  readonly problem: Problem
  /** Starts anew; a simulated environment replays exactly from its seed. */
  reset(seed: number): State | Promise<State>
  /** Applies the decision to one round of all devices' requests. Rejects if the decision breaks the contract (wrong length, unavailable choice). */
  step(decision: Decision): Outcome | Promise<Outcome>
}
