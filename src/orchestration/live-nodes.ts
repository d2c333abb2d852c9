/** Which nodes live, by their telemetry: a node leaves by its last will, by being not ready, or by silence. */
import type { Logger } from 'pino'
import type { Clock } from '../clock.ts'
import type { LiveTelemetry, Telemetry } from '../control/messages.ts'
import type { Tier } from '../fleet/placement.ts'
import type { ResourceState } from '../fleet/state.ts'

/** Nodes remembered; what is beyond is ignored. */
const MAX_NODES = 256

interface Member {
  readonly telemetry: LiveTelemetry
  readonly heardAtMs: number
}

/** When silence means death. */
export interface LiveNodesOptions {
  /** A node that says nothing for so long is taken for dead. */
  readonly staleAfterMs: number
  readonly clock: Clock
  readonly logger: Logger
}

/** The nodes that were heard of lately. */
export class LiveNodes {
  private readonly options: LiveNodesOptions
  private readonly members = new Map<string, Member>()
  /** A dead edge keeps its place in the state until another takes it. */
  private readonly knownEdges = new Set<string>()
  private full = false

  constructor(options: LiveNodesOptions) {
    this.options = options
  }

  /** @returns whether a node joined, left, or became ready or unready */
  hear(telemetry: Telemetry): boolean {
    const { node } = telemetry
    const wasReady = this.isReady(node)
    if (telemetry.alive) {
      if (!this.members.has(node) && this.members.size >= MAX_NODES) return this.refuse(node)
      this.members.set(node, { telemetry, heardAtMs: this.options.clock.nowMs() })
      if (telemetry.tier === 'edge') this.givePlace(node)
    } else {
      this.members.delete(node)
    }
    return wasReady !== this.isReady(node)
  }

  /** Removes the nodes that have been silent for too long. @returns whether there were any */
  removeStale(): boolean {
    const { clock, logger, staleAfterMs } = this.options
    const oldestMs = clock.nowMs() - staleAfterMs
    let changed = false
    for (const [node, { heardAtMs }] of this.members) {
      if (heardAtMs >= oldestMs) continue
      this.members.delete(node)
      logger.warn({ node }, `nothing heard for ${staleAfterMs} ms: taken for dead`)
      changed = true
    }
    return changed
  }

  /** Devices that are alive and ready, by name. */
  get devices(): string[] {
    return this.ready('end')
  }

  /** The edges that have a place in the state, dead ones included; at least one place is kept. */
  get edgePlaces(): number {
    return Math.max(1, this.knownEdges.size)
  }

  /** Whether any node of the tier can serve. */
  isUp(tier: Tier): boolean {
    return this.ready(tier).length > 0
  }

  deviceStates(devices: readonly string[]): (ResourceState | undefined)[] {
    return devices.map((device) => this.stateOf(device))
  }

  /** @param places places to fill; shape of the result [places] */
  edgeStates(places: number): (ResourceState | undefined)[] {
    const edges = [...this.knownEdges].sort()
    return Array.from({ length: places }, (_, place) => this.stateOf(edges[place]))
  }

  cloudState(): ResourceState | undefined {
    return this.stateOf(this.ready('cloud')[0])
  }

  private stateOf(node: string | undefined): ResourceState | undefined {
    return node === undefined ? undefined : this.members.get(node)?.telemetry.state
  }

  private isReady(node: string): boolean {
    return this.members.get(node)?.telemetry.ready === true
  }

  private ready(tier: Tier): string[] {
    return [...this.members.values()]
      .filter(({ telemetry }) => telemetry.ready && telemetry.tier === tier)
      .map(({ telemetry }) => telemetry.node)
      .sort()
  }

  /** A new edge takes the places of those that are gone. */
  private givePlace(edge: string): void {
    if (this.knownEdges.has(edge)) return
    for (const known of this.knownEdges) {
      if (!this.members.has(known)) this.knownEdges.delete(known)
    }
    this.knownEdges.add(edge)
  }

  private refuse(node: string): false {
    if (!this.full) {
      this.options.logger.warn({ node }, `more than ${MAX_NODES} nodes: the rest are ignored`)
    }
    this.full = true
    return false
  }
}
