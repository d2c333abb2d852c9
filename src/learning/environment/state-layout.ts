/** Which of a state's features tell of which resource (HL paper, Table II). */
import type { Problem } from './environment.ts'

/** Table II: edge and cloud processors have nine levels, 0–8. A device's are 0 and 8. */
const HIGHEST_LEVEL = 8
/** States of all features together that are told apart where they are not Table II's. */
const OPAQUE_STATES = 16

/**
 * Nodes are numbered: devices from 0, then the edges, then the cloud. Features are processor, memory and bandwidth of each. A
 * state of another size is opaque: all of it may matter to every processor, and no link is known to be weak.
 */
export class StateLayout {
  readonly devices: number
  readonly edges: number
  /** The edge of each device. Shape [devices]. */
  readonly edgeOf: Int32Array
  private readonly isOpaque: boolean

  constructor({ devices, stateSize, edgeOf }: Problem) {
    const edges = stateSize / 3 - devices - 1
    this.devices = devices
    this.isOpaque = !Number.isInteger(edges) || edges < 1
    this.edges = this.isOpaque ? 1 + Math.max(0, ...(edgeOf ?? [])) : edges
    this.edgeOf = Int32Array.from(
      { length: devices },
      (_, device) => edgeOf?.[device] ?? device % this.edges,
    )
  }

  get cloud(): number {
    return this.devices + this.edges
  }

  edge(device: number): number {
    return this.devices + (this.edgeOf[device] as number)
  }

  /** What its processor and memory are in, as one number: twice the level, and one more where memory is Busy. */
  processorState(features: Float32Array, node: number): number {
    if (this.isOpaque) return opaqueState(features)
    const level = Math.round((features[3 * node] as number) * HIGHEST_LEVEL)
    return 2 * level + ((features[3 * node + 1] as number) > 0.5 ? 1 : 0)
  }

  /** 0 Regular, 1 Weak. */
  linkState(features: Float32Array, node: number): number {
    return !this.isOpaque && (features[3 * node + 2] as number) > 0.5 ? 1 : 0
  }
}

/** A hash (FNV-1a): states that fall together are merely not told apart. */
function opaqueState(features: Float32Array): number {
  let hash = 0x811c9dc5
  for (const feature of features) {
    hash = Math.imul(hash ^ Math.round(feature * HIGHEST_LEVEL), 0x01000193)
  }
  return ((hash ^ (hash >>> 15)) >>> 0) % OPAQUE_STATES
}
