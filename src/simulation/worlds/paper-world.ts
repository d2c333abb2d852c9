/** The paper's fleet as a world, so that its resources can change and its responses be slow or lost like those of any other. */

import { type Scenario, scenarioState } from '../../fleet/scenarios.ts'
import { TABLE_III } from '../../fleet/variants.ts'
import {
  OVERHEAD_MS,
  WEAK_DEVICE_MS,
  WEAK_DEVICE_OFFLOAD_MS,
  WEAK_EDGE_MS,
} from '../calibration.ts'
import { endServiceMs, sharedServiceMs, slowdown } from '../response-time.ts'
import type { World } from './heterogeneous-world.ts'

/**
 * How a device comes to its decision. consulted: every request asks edge and cloud, as in the paper. pushed: the device has it.
 *
 * Table V measures the first, and what a weak link costs a request that its own device serves can only be the asking, since
 * nothing else of such a request leaves the device: 77 ms are about four outgoing packets of 20 ms. So a pushed decision saves it;
 * what a forwarded request costs beyond it stays. The edge's 6 ms are saved by requests that the device serves; others
 * still cross the edge. Without weak links nothing is saved: what asking costs there is part of the overhead, and not known.
 */
export type Delivery = 'consulted' | 'pushed'

/** One edge. */
export function paperWorld(scenario: Scenario, devices: number, delivery: Delivery): World {
  const fleet = scenarioState(scenario, devices, 1)
  const isAsked = delivery === 'consulted'
  const edgeMs = (fleet.edges[0]?.bandwidth ?? 0) * WEAK_EDGE_MS
  const curveMs = (tier: 'edge' | 'cloud') =>
    Float64Array.from({ length: devices }, (_, index) => {
      const node = tier === 'edge' ? fleet.edges[0] : fleet.cloud
      const loneMs = sharedServiceMs({ tier, variant: 'd0' })
      return node ? OVERHEAD_MS + loneMs * slowdown(tier, node, index + 1) : 0
    })
  return {
    edges: 1,
    edgeOf: fleet.devices.map(() => 0),
    classOf: fleet.devices.map(() => 0),
    localMs: fleet.devices.map((device) =>
      TABLE_III.map(
        ({ name }) => OVERHEAD_MS + (isAsked ? edgeMs : 0) + endServiceMs(name, device),
      ),
    ),
    links: fleet.devices.map(({ bandwidth }) => ({
      isWeak: bandwidth === 1,
      edgeMs,
      cloudMs: edgeMs,
      weakLocalMs: isAsked ? WEAK_DEVICE_MS : 0,
      weakMs: WEAK_DEVICE_OFFLOAD_MS + (isAsked ? WEAK_DEVICE_MS : 0),
    })),
    curvesMs: [curveMs('edge'), curveMs('cloud')],
  }
}
