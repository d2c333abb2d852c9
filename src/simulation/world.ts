/** What a simulated fleet is: the truth of its response times, without noise. */
import type { Choice } from '../fleet/choice.ts'
import type { FleetState } from '../fleet/state.ts'
import type { Decision } from '../learning/environment/environment.ts'
import type { Random } from '../random.ts'

/** A fleet and its laws. */
export interface World {
  /** What every device may do, with true accuracies: any number, by any names. */
  readonly choices: readonly Choice[]
  /** The edge each device is connected to, from 0. Shape [devices]. */
  readonly edgeOf: readonly number[]
  /** Devices of equal hardware share a number, from 0. Shape [devices]. Absent: all are taken for alike. */
  readonly classOf?: readonly number[]
  /** What each device is called, where devices come and go. Shape [devices]. */
  readonly names?: readonly string[]
  /** The state that every run begins in: all devices, all edges, the cloud. */
  readonly start: FleetState
  /** The law of response times: those of the fleet in this state. */
  readonly times: (state: FleetState) => WorldTimes
  /** The law of carry-over: the state after a round in which this was decided. Absent: it stays. */
  readonly nextState?: (state: FleetState, decision: Decision, random: Random) => FleetState
}

/**
 * What response times are made of, ms. A request takes what its device's choice takes, and at a shared node the node's curve on
 * top: the model of `PlanningProblem`, but for what a slower processor leaves as it is.
 */
export interface WorldTimes {
  /**
   * Computing. At `end` all of it; at a shared node what this variant takes longer than the node's curve says (it may be
   * negative). Shape [devices, choices], row by row.
   */
  readonly computeMs: Float64Array
  /** Links and all else that no processor makes faster. Shape [devices, choices], row by row. */
  readonly linkMs: Float64Array
  /** Of each shared node by number of its users from 1; edges first, the cloud last. Shape [edges + 1][most users]. */
  readonly curvesMs: readonly Float64Array[]
}

/** Number of the node that serves a choice of a device: devices are numbered from 0, then the edges, then the cloud. */
export function nodeOf({ choices, edgeOf, start }: World, device: number, choice: number): number {
  const tier = choices[choice]?.placement.tier
  if (tier === 'edge') return edgeOf.length + edgeOf[device]
  return tier === 'cloud' ? edgeOf.length + start.edges.length : device
}

/** A time for every choice of every device. Shape [devices, choices], row by row. */
export function perChoice(
  { choices, edgeOf }: World,
  timeMs: (device: number, choice: number) => number,
): Float64Array {
  return Float64Array.from({ length: edgeOf.length * choices.length }, (_, index) =>
    timeMs(Math.floor(index / choices.length), index % choices.length),
  )
}
