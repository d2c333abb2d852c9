/** The fleet's resources as the learner sees them. */
import type { ResourceState } from '../control/messages.ts'

/** Table II: edge and cloud processors have nine levels, 0–8. */
const HIGHEST_LEVEL = 8

/**
 * Table II (HL paper) as a vector in [0, 1]: processor, memory and bandwidth of every device, then of every edge, then
 * of the cloud. A node that is unknown or down counts as 0, idle.
 * Shape [3 · (devices + edges + 1)].
 */
export function stateFeatures(
  devices: readonly (ResourceState | undefined)[],
  edges: readonly (ResourceState | undefined)[],
  cloud: ResourceState | undefined,
): Float32Array {
  const features = new Float32Array(3 * (devices.length + edges.length + 1))
  let index = 0
  const append = (state: ResourceState | undefined, highestLevel: number) => {
    features[index++] = Math.min(1, (state?.processor ?? 0) / highestLevel)
    features[index++] = state?.memory ?? 0
    features[index++] = state?.bandwidth ?? 0
  }
  for (const device of devices) append(device, 1)
  for (const edge of edges) append(edge, HIGHEST_LEVEL)
  append(cloud, HIGHEST_LEVEL)
  return features
}
