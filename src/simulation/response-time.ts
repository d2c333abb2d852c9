/** What one request costs where: the parts of a response time, without noise. */
import { ConfigError } from '../errors.ts'
import type { Placement, Tier } from '../fleet/placement.ts'
import type { FleetState, ResourceState } from '../fleet/state.ts'
import { TABLE_III } from '../fleet/variants.ts'
import {
  BUSY_MEMORY_FACTOR,
  BUSY_PROCESSOR_FACTOR,
  END_MS_PER_MEGA_MAC,
  REQUESTS_PER_LEVEL,
  SHARED,
  SHARED_REFERENCE_VARIANT,
  WEAK_CLOUD_MS,
  WEAK_DEVICE_MS,
  WEAK_DEVICE_OFFLOAD_MS,
  WEAK_EDGE_MS,
} from './calibration.ts'

export type SharedTier = Exclude<Tier, 'end'>

/** Time in which an idle device computes one inference. @throws ConfigError for a variant that is not in Table III */
export function endComputeMs(variant: string): number {
  const facts = TABLE_III.find(({ name }) => name === variant)
  if (facts === undefined) {
    const known = TABLE_III.map(({ name }) => name).join(', ')
    throw new ConfigError(`the simulator knows no variant "${variant}": use one of ${known}`)
  }
  return facts.megaMacs * END_MS_PER_MEGA_MAC[facts.precision]
}

/** Time in which a device computes one inference in this state. */
export function endServiceMs(variant: string, node: ResourceState): number {
  const processor = node.processor === 0 ? 1 : BUSY_PROCESSOR_FACTOR
  return endComputeMs(variant) * processor * memoryFactor(node)
}

/** Time in which an edge or the cloud serves one lone request when nothing else loads it. */
export function sharedServiceMs({ tier, variant }: { tier: SharedTier; variant: string }): number {
  return (SHARED[tier].serviceMs * endComputeMs(variant)) / endComputeMs(SHARED_REFERENCE_VARIANT)
}

/** How many times longer each of so many simultaneous requests takes on a shared node in this state; ≥ 1. */
export function slowdown(tier: SharedTier, node: ResourceState, requests: number): number {
  const { perRequest, base } = SHARED[tier]
  const load = requests + REQUESTS_PER_LEVEL * node.processor
  return Math.max(1, perRequest * load + base) * memoryFactor(node)
}

/** What the links add to a request of this device. */
export function linkMs(fleet: FleetState, device: number, { tier }: Placement): number {
  const weakDevice = fleet.devices[device]?.bandwidth ?? 0
  const weakEdge = fleet.edges[device % fleet.edges.length]?.bandwidth ?? 0
  return (
    weakDevice * (tier === 'end' ? WEAK_DEVICE_MS : WEAK_DEVICE_MS + WEAK_DEVICE_OFFLOAD_MS) +
    weakEdge * WEAK_EDGE_MS +
    (tier === 'cloud' ? fleet.cloud.bandwidth * WEAK_CLOUD_MS : 0)
  )
}

function memoryFactor(node: ResourceState): number {
  return node.memory === 0 ? 1 : BUSY_MEMORY_FACTOR
}
