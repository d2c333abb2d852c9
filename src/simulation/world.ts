/** What a simulated fleet is: the truth of its response times, without noise, and who reads it how. */
import { type Choice, formatChoice, loadedTier, stagesOf } from '../fleet/choice.ts'
import type { FleetState } from '../fleet/state.ts'
import type { Decision } from '../learning/environment/environment.ts'
import type { PlanningProblem } from '../learning/planner/problem.ts'
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
  /**
   * How often each device escalates by each choice: its own pictures may be harder than most. Shape [devices][choices]. Absent: as the
   * choices say.
   */
  readonly shares?: readonly (readonly number[])[]
  /** The state that every run begins in: all devices, all edges, the cloud. */
  readonly start: FleetState
  /** The law of response times: those of the fleet in this state. */
  readonly times: (state: FleetState) => WorldTimes
  /**
   * What devices add to each other's response times beyond sharing a node, in rounds of this joint decision, ms. Shape [devices].
   * Absent: nothing. Planners and oracles do not see it: the best decision of such a world is found by trying all.
   */
  readonly coupledMs?: (decision: Decision) => readonly number[]
  /** The law of carry-over: the state after a round in which this was decided. Absent: it stays. */
  readonly nextState?: (state: FleetState, decision: Decision, random: Random) => FleetState
}

/**
 * What response times are made of. A request takes what its device's choice takes by itself, and at a shared node the node's curve
 * on top: the model of `PlanningProblem`.
 */
export interface WorldTimes {
  /** Of a choice that escalates, of its first variant alone. Shape [devices][choices]. */
  readonly own: readonly (readonly OwnTime[])[]
  /** Response time of each shared node by number of its users from 1, ms; edges first, the cloud last. Shape [edges + 1][most users]. */
  readonly curvesMs: readonly Float64Array[]
}

/** What a choice takes a device, however many others use its node. */
export interface OwnTime {
  /** Computing: at `end` all of it, at a shared node what this variant takes longer than the curve says (it may be negative). */
  readonly computeMs: number
  /** Links and all else that no processor makes faster. */
  readonly linkMs: number
}

/** Number of the node that serves a choice of a device, and what it escalates: devices are numbered from 0, then the edges, then the cloud. */
export function nodeOf({ choices, edgeOf, start }: World, device: number, choice: number): number {
  const tier = loadedTier(choices[choice])
  if (tier === 'edge') return edgeOf.length + edgeOf[device]
  return tier === 'cloud' ? edgeOf.length + start.edges.length : device
}

/**
 * The same world with some of its devices alone, which are called by their numbers in it. Nothing carries over in it, and nothing is coupled.
 * @param members indices of the devices that are there
 */
export function membersOf(world: World, members: readonly number[]): World {
  const { choices, edgeOf, classOf, shares, start, times } = world
  const of = <T>(values: readonly T[]) => members.map((device) => values[device])
  return {
    choices,
    edgeOf: of(edgeOf),
    ...(shares && { shares: of(shares) }),
    ...(classOf && { classOf: of(classOf) }),
    names: members.map((device) => `device-${device + 1}`),
    start: { ...start, devices: of(start.devices) },
    times: (state) => {
      const devices = [...start.devices]
      for (const [index, device] of members.entries()) devices[device] = state.devices[index]
      const { own, curvesMs } = times({ ...state, devices })
      return { own: of(own), curvesMs }
    },
  }
}

/** How often a device escalates by a choice; 1 where the choice has no escalation. */
export function shareIn({ choices, shares }: World, device: number, choice: number): number {
  const { escalation } = choices[choice]
  return escalation ? (shares?.[device]?.[choice] ?? escalation.share) : 1
}

/**
 * What an escalation takes from the first answer on, but for the node's curve: a request is captured, and asks for its decision, once.
 * @param own of the device
 */
export function legOf(own: readonly OwnTime[], first: number, second: number): OwnTime {
  const { computeMs, linkMs } = own[second]
  return { computeMs, linkMs: linkMs - own[first].linkMs }
}

/**
 * The truth of a fleet in one state, as a planner reads it.
 * @param factorOf how many times longer a node computes than its state says, by its number (see `nodeOf`)
 */
export function truthOf(
  world: World,
  fleet: FleetState,
  factorOf: (node: number) => number,
  goalPercent: number,
): PlanningProblem {
  const { choices, edgeOf } = world
  const devices = edgeOf.length
  const { own, curvesMs } = world.times(fleet)
  const stages = stagesOf(choices)
  const ownTimesMs = own.flatMap((row, device) => {
    const timeMs = ({ computeMs, linkMs }: OwnTime, choice: number) =>
      computeMs * factorOf(nodeOf(world, device, choice)) + linkMs
    return row.map((time, choice) => {
      const stage = stages[choice]
      if (!stage) return timeMs(time, choice)
      const { first, second } = stage
      const legMs = timeMs(legOf(row, first, second), second)
      return timeMs(row[first], first) + shareIn(world, device, choice) * legMs
    })
  })
  const loads = own.flatMap((row, device) =>
    row.map((_, choice) =>
      loadedTier(choices[choice]) === 'end' ? 0 : shareIn(world, device, choice),
    ),
  )
  const curves = curvesMs.map((curve, index) => {
    const factor = factorOf(devices + index)
    return factor === 1 ? curve : curve.map((ms) => ms * factor)
  })
  return {
    devices,
    choices,
    ownTimesMs: Float64Array.from(ownTimesMs),
    ...(world.shares && { loads: Float64Array.from(loads) }),
    edgeOf: Int32Array.from(edgeOf),
    edgeCurvesMs: curves.slice(0, -1),
    cloudCurveMs: curves[curves.length - 1],
    goalPercent,
  }
}

/**
 * All response times that decisions can have, as an oracle reads them (plain JSON): by choice (`edge/d0`), ms, shape
 * [devices, loads]: one load at `end`, else 1, 2, … requests on the same node. What escalates takes an average.
 * @param truth of this world
 */
export function profileOf(world: World, truth: PlanningProblem) {
  const { devices, choices, ownTimesMs, edgeCurvesMs, cloudCurveMs } = truth
  const curves = [...world.edgeOf.map(() => [0]), ...edgeCurvesMs, cloudCurveMs]
  const rows = choices.map((each, choice) => {
    const times = world.edgeOf.map((_, device) => {
      const curveMs = curves[nodeOf(world, device, choice)].slice(0, devices)
      const ownMs = ownTimesMs[device * choices.length + choice]
      const share = shareIn(world, device, choice)
      return Array.from(curveMs, (ms) => ownMs + share * ms)
    })
    return [formatChoice(each), times] as const
  })
  const shares = choices.flatMap((each, choice) =>
    each.escalation
      ? [[formatChoice(each), world.edgeOf.map((_, d) => shareIn(world, d, choice))] as const]
      : [],
  )
  return {
    responseTimesMs: Object.fromEntries(rows),
    ...(shares.length > 0 && { shares: Object.fromEntries(shares) }),
    edgeOf: world.edgeOf,
  }
}
