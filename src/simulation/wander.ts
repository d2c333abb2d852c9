/** Background that moves by itself: links flip, load rises and falls. The decision does not move it. */
import { type FleetState, HIGHEST_LEVEL, type ResourceState } from '../fleet/state.ts'
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
  let hasMoved = false
  const flip = (value: number, chance: number): number => {
    if (random.uniform() >= chance) return value
    hasMoved = true
    return 1 - value
  }
  const move = (level: number): number => {
    if (random.uniform() >= wander.levelMove) return level
    hasMoved = true
    return Math.min(HIGHEST_LEVEL, Math.max(0, level + (random.uniform() < 0.5 ? -1 : 1)))
  }
  const node = ({ processor, memory, bandwidth }: ResourceState, isShared: boolean) => ({
    processor: isShared ? move(processor) : flip(processor, wander.busyFlip),
    memory: flip(memory, wander.busyFlip),
    bandwidth: flip(bandwidth, wander.linkFlip),
  })
  const devices = fleet.devices.map((device) => node(device, false))
  const edges = fleet.edges.map((edge) => node(edge, true))
  const cloud = node(fleet.cloud, true)
  return hasMoved ? { devices, edges, cloud } : fleet
}
