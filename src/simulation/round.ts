/** One round as discrete events: every request's overhead, arrival, service, departure and way back. */
import type { Placement } from '../fleet/placement.ts'
import type { FleetState, ResourceState } from '../fleet/state.ts'
import { OVERHEAD_MS } from './calibration.ts'
import { ProcessorSharing } from './processor-sharing.ts'
import {
  endServiceMs,
  linkMs,
  type SharedTier,
  sharedServiceMs,
  slowdown,
} from './response-time.ts'
import { SimulatedClock } from './simulated-clock.ts'

/**
 * Response times of a round without noise. The joint decision reaches all devices at once (HL paper, Figure 1, step 4), so
 * their requests arrive together; what weak links add falls on the way back, as Table V identifies only its sum.
 * @param placements shape [devices]
 * @returns ms, shape [devices]
 */
export function simulateRound(fleet: FleetState, placements: readonly Placement[]): number[] {
  const clock = new SimulatedClock()
  const shared = (tier: SharedTier, node: ResourceState) =>
    new ProcessorSharing(clock, (requests) => slowdown(tier, node, requests))
  const edges = fleet.edges.map((node) => shared('edge', node))
  const cloud = shared('cloud', fleet.cloud)
  const responseTimesMs = placements.map(() => 0)

  fleet.devices.forEach((node, device) => {
    const placement = placements[device]
    if (placement === undefined) return
    const answer = () =>
      clock.schedule(linkMs(fleet, device, placement), () => {
        responseTimesMs[device] = clock.nowMs()
      })
    const { tier, variant } = placement
    const server = tier === 'cloud' ? cloud : edges[device % edges.length]
    clock.schedule(OVERHEAD_MS, () => {
      if (tier === 'end') clock.schedule(endServiceMs(variant, node), answer)
      else server?.arrive(sharedServiceMs({ tier, variant }), answer)
    })
  })
  clock.run()
  return responseTimesMs
}
