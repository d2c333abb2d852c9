/** The state of a fleet (HL paper, Table II) and its one encoding: what agents see before they decide. */
import type { Tier } from './placement.ts'

/** One node's resources as Table II counts them. */
export interface ResourceState {
  /** Device: 0 Available, 1 Busy. Edge and cloud: background load, 0–8. */
  readonly processor: number
  /** 0 Available, 1 Busy. */
  readonly memory: number
  /** 0 Regular, 1 Weak. */
  readonly bandwidth: number
}

/** One entry for every node. */
export interface FleetState<Node = ResourceState> {
  readonly devices: readonly Node[]
  readonly edges: readonly Node[]
  readonly cloud: Node
}

/** The processor of an edge or cloud has nine levels, 0–8; a device's has two. */
export const HIGHEST_LEVEL = 8

/** Processor, memory, bandwidth. */
const FEATURES_PER_NODE = 3

/** States of all features together that are told apart where they are not Table II's. */
const OPAQUE_STATES = 16

/** Whether every level is a number that Table II knows. */
export function isOfTableII({ devices, edges, cloud }: FleetState): boolean {
  const isUpTo = (highest: number) => (node: ResourceState) =>
    [node.processor / highest, node.memory, node.bandwidth].every((it) => it >= 0 && it <= 1)
  return devices.every(isUpTo(1)) && [...edges, cloud].every(isUpTo(HIGHEST_LEVEL))
}

/** Length of an encoded state: every device, every edge and the cloud. */
export function stateSize(devices: number, edges: number): number {
  return FEATURES_PER_NODE * (devices + edges + 1)
}

/** The edge of each device where nothing else is said: dealt out in turn. Shape [devices]. */
export function dealtEdges(devices: number, edges: number): number[] {
  return Array.from({ length: devices }, (_, device) => device % edges)
}

/**
 * The state as a vector in [0, 1]: processor, memory, bandwidth of every device, then of every edge, then of the cloud. A node that
 * is unknown or down counts as idle. Shape [stateSize].
 */
export function encodeState({
  devices,
  edges,
  cloud,
}: FleetState<ResourceState | undefined>): Float32Array {
  const features = new Float32Array(stateSize(devices.length, edges.length))
  let index = 0
  const append = (node: ResourceState | undefined, highestLevel: number) => {
    features[index++] = Math.min(1, (node?.processor ?? 0) / highestLevel)
    features[index++] = node?.memory ?? 0
    features[index++] = node?.bandwidth ?? 0
  }
  for (const node of devices) append(node, 1)
  for (const node of edges) append(node, HIGHEST_LEVEL)
  append(cloud, HIGHEST_LEVEL)
  return features
}

/**
 * Which of an encoded state's features tell of which node. Nodes are numbered: devices from 0, then the edges, then the cloud. A
 * state of another size is opaque: all of it may matter to every processor, and no link is known to be weak.
 */
export class StateLayout {
  readonly devices: number
  readonly edges: number
  /** The edge of each device. Shape [devices]. */
  readonly edgeOf: Int32Array
  private readonly isOpaque: boolean

  constructor(problem: {
    readonly devices: number
    readonly stateSize: number
    readonly edgeOf?: readonly number[]
  }) {
    const { devices, edgeOf = [] } = problem
    const edges = problem.stateSize / FEATURES_PER_NODE - devices - 1
    this.devices = devices
    this.isOpaque = !Number.isInteger(edges) || edges < 1
    this.edges = this.isOpaque ? 1 + Math.max(0, ...edgeOf) : edges
    this.edgeOf = Int32Array.from(
      dealtEdges(devices, this.edges),
      (edge, device) => edgeOf[device] ?? edge,
    )
  }

  get cloud(): number {
    return this.devices + this.edges
  }

  /** The number of a device's edge. */
  edge(device: number): number {
    return this.devices + (this.edgeOf[device] ?? 0)
  }

  /** Where a node stands: its tier, and its index there. */
  nodeAt(node: number): { readonly tier: Tier; readonly index: number } {
    const { devices, cloud } = this
    if (node < devices) return { tier: 'end', index: node }
    return node < cloud ? { tier: 'edge', index: node - devices } : { tier: 'cloud', index: 0 }
  }

  /** What its processor and memory are in, as one number: twice the level, and one more where memory is Busy. */
  processorState(features: Float32Array, node: number): number {
    if (this.isOpaque) return opaqueState(features)
    const [processor = 0, memory = 0] = features.subarray(FEATURES_PER_NODE * node)
    return 2 * Math.round(processor * HIGHEST_LEVEL) + (memory > 0.5 ? 1 : 0)
  }

  /** 0 Regular, 1 Weak. */
  linkState(features: Float32Array, node: number): number {
    const bandwidth = features[FEATURES_PER_NODE * node + 2] ?? 0
    return !this.isOpaque && bandwidth > 0.5 ? 1 : 0
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
