/** Background that moves by itself: links flip, load rises and falls. The decision does not move it. */

import type { FleetState, ResourceState } from '../fleet/state.ts'
import { HIGHEST_LEVEL } from '../fleet/state.ts'
import type { Random } from '../random.ts'

/** Chances per round, each in [0, 1]. */
export interface Wander {
  /** That a link changes between Regular and Weak. */
  readonly linkFlip: number
  /** That the load of an edge or the cloud moves one level up or down; at the ends it stays or moves inward. */
  readonly levelMove: number
  /** That a device's processor changes between Available and Busy, and likewise any node's memory. */
  readonly busyFlip: number
}

/** The fleet one round later, one step of a Markov chain; the same object where nothing moved. */
export function wandered(fleet: FleetState, wander: Wander, random: Random): FleetState {
  const flip = (value: number, chance: number) => (random.uniform() < chance ? 1 - value : value)
  const node = (before: ResourceState, processor: number): ResourceState => {
    const memory = flip(before.memory, wander.busyFlip)
    const bandwidth = flip(before.bandwidth, wander.linkFlip)
    const isSame =
      processor === before.processor && memory === before.memory && bandwidth === before.bandwidth
    return isSame ? before : { processor, memory, bandwidth }
  }
  const shared = (before: ResourceState) =>
    node(before, movedLevel(before.processor, wander, random))
  const devices = fleet.devices.map((before) =>
    node(before, flip(before.processor, wander.busyFlip)),
  )
  const edges = fleet.edges.map(shared)
  const cloud = shared(fleet.cloud)
  const isSame =
    cloud === fleet.cloud &&
    edges.every((edge, index) => edge === fleet.edges[index]) &&
    devices.every((device, index) => device === fleet.devices[index])
  return isSame ? fleet : { devices, edges, cloud }
}

function movedLevel(level: number, { levelMove }: Wander, random: Random): number {
  if (random.uniform() >= levelMove) return level
  const moved = level + (random.uniform() < 0.5 ? -1 : 1)
  return Math.min(HIGHEST_LEVEL, Math.max(0, moved))
}
