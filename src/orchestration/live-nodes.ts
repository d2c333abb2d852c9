/**
 * Which nodes live, and what devices may do with them, by their telemetry. A node leaves by its last will, by being not ready, or by
 * silence; a device also while nothing could serve it.
 */
import { isDeepStrictEqual } from 'node:util'
import type { Logger } from 'pino'
import type { Clock } from '../clock.ts'
import { type AskedGoal, goalOfDevice } from '../control/device-goal.ts'
import { Seldom } from '../control/seldom.ts'
import type { InService, LiveTelemetry, Telemetry } from '../control/telemetry-message.ts'
import { type Choice, isAlone, mostAccurate } from '../fleet/choice.ts'
import { meetsGoal } from '../fleet/goal.ts'
import type { Placement, Tier } from '../fleet/placement.ts'
import type { ResourceState } from '../fleet/state.ts'
import { NodeLog } from './node-log.ts'

/** Nodes remembered; those beyond are refused by name. */
export const MAX_NODES = 2000

interface Member {
  readonly telemetry: LiveTelemetry
  readonly heardAtMs: number
  /** Variant → its service time, if known. */
  readonly held: ReadonlyMap<string, number | undefined>
}

/** When silence means death. */
export interface LiveNodesOptions {
  /** What devices may do with their requests, where they and others hold the variants for it. */
  readonly choices: readonly Choice[]
  /** A node that says nothing for so long is taken for dead. */
  readonly staleAfterMs: number
  /** The goal that was asked for a device, in place of its own. */
  readonly askedGoalOf?: (device: string) => AskedGoal | undefined
  readonly clock: Clock
  readonly logger: Logger
}

/** The nodes that were heard of lately. */
export class LiveNodes {
  private readonly options: LiveNodesOptions
  private readonly members = new Map<string, Member>()
  /** A dead edge keeps its place in the state until another takes it. */
  private readonly knownEdges = new Set<string>()
  /** Those of a tier that are ready, by name; made anew once a node has come, gone or changed. */
  private readonly readyNames = new Map<Tier, string[]>()
  /** Nodes that found no place. */
  refused = 0
  /** Who came and went. */
  readonly log: NodeLog
  private readonly seldom: Seldom

  constructor(options: LiveNodesOptions) {
    this.options = options
    this.log = new NodeLog(options.logger)
    this.seldom = new Seldom(options.clock)
  }

  /** @returns whether a node joined, left, became ready or unready, or can or takes something else than before */
  hear(telemetry: Telemetry): boolean {
    const { node } = telemetry
    const before = this.abilitiesOf(node)
    if (telemetry.alive) {
      if (!this.members.has(node) && this.members.size >= MAX_NODES) return this.refuse(node)
      this.log.heard(telemetry)
      const heardAtMs = this.options.clock.nowMs()
      this.members.set(node, { telemetry, heardAtMs, held: heldBy(telemetry) })
      if (telemetry.tier === 'edge') this.givePlace(node)
    } else {
      this.log.heard(telemetry)
      this.members.delete(node)
    }
    this.readyNames.clear()
    const abilities = this.abilitiesOf(node)
    const isChanged = !isDeepStrictEqual(before, abilities)
    if (isChanged && abilities !== undefined) this.noteUseless(node)
    if (isChanged) this.noteBounds(telemetry.tier === 'end' ? [node] : this.members.keys())
    return isChanged
  }

  /** Removes the nodes that have been silent for too long. @returns whether there were any */
  removeStale(): boolean {
    const { clock, staleAfterMs } = this.options
    const oldestMs = clock.nowMs() - staleAfterMs
    let changed = false
    for (const [node, { heardAtMs }] of this.members) {
      if (heardAtMs >= oldestMs) continue
      this.members.delete(node)
      this.readyNames.clear()
      this.log.silent(node, staleAfterMs)
      changed = true
    }
    if (changed) this.noteBounds(this.members.keys())
    return changed
  }

  /** Devices that are alive and ready and can be served, by name. */
  get devices(): string[] {
    return this.ready('end').filter((device) => this.availableTo(device).includes(true))
  }

  /**
   * What a device may take now: it, its edge or a cloud holds the variant, and where there is an escalation, the second one too; and
   * it is at or above the device's floor, where there is one. A device that doubts its accuracy may not escalate, nor be served by less than the most accurate variant it holds. Shape [choices].
   */
  availableTo(device: string): boolean[] {
    const { choices } = this.options
    const { floorPercent = 0 } = this.members.get(device)?.telemetry ?? {}
    const open = choices.map(
      (choice) => this.canTake(device, choice) && meetsGoal([choice.accuracyPercent], floorPercent),
    )
    if (this.inService(device)?.inDoubt === undefined) return open
    const own = choices.filter((choice, index) => open[index] && isAlone(choice))
    const safest = Math.max(0, ...own.map(({ accuracyPercent }) => accuracyPercent))
    return choices.map(
      ({ escalation, accuracyPercent }, index) =>
        open[index] === true && !escalation && accuracyPercent >= safest,
    )
  }

  /** What a device's own requests are to reach on average; undefined: it asks for nothing. */
  goalOf(device: string): number | undefined {
    return goalOfDevice(this.options.askedGoalOf?.(device), this.ownGoalOf(device))
  }

  /** What a device was started with. */
  ownGoalOf(device: string): number | undefined {
    return this.members.get(device)?.telemetry.goalPercent
  }

  /** How a device's answers turn out, as it says. */
  inService(device: string): InService | undefined {
    return this.members.get(device)?.telemetry.inService
  }

  /** By device, of those that say so. */
  inServiceOf(devices: readonly string[]): Record<string, InService> {
    const told = devices.map((device) => [device, this.inService(device)] as const)
    return Object.fromEntries(told.flatMap(([device, known]) => (known ? [[device, known]] : [])))
  }

  /** What a device told of its own inference, ms; of what escalates nothing, since that depends on its pictures. Shape [choices]. */
  localTimesMs(device: string): (number | undefined)[] {
    return this.options.choices.map(({ placement: { tier, variant }, escalation }) =>
      tier === 'end' && !escalation ? this.held(device).get(variant) : undefined,
    )
  }

  /** The place of each device's edge among the edges; the first where it has none. Shape [devices]. */
  edgeOf(devices: readonly string[]): number[] {
    const { edges } = this
    return devices.map((device) => Math.max(0, edges.indexOf(this.edgeNameOf(device) ?? '')))
  }

  /** The edge at a place, or a cloud. */
  nameAt(tier: 'edge' | 'cloud', place: number): string | undefined {
    return tier === 'edge' ? this.edges[place] : this.ready(tier)[0]
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
    const { edges } = this
    return Array.from({ length: places }, (_, place) => this.stateOf(edges[place]))
  }

  cloudState(): ResourceState | undefined {
    return this.stateOf(this.ready('cloud')[0])
  }

  /** Whether each shared node says that it sheds load. @param places of edges; shape of the result [places + 1], the cloud last */
  shedding(places: number): boolean[] {
    const { edges } = this
    const sheds = (node: string | undefined) =>
      node !== undefined && this.members.get(node)?.telemetry.service.admission?.sheds === true
    return [
      ...Array.from({ length: places }, (_, place) => sheds(edges[place])),
      sheds(this.ready('cloud')[0]),
    ]
  }

  /** By place. */
  private get edges(): string[] {
    return [...this.knownEdges].sort()
  }

  private stateOf(node: string | undefined): ResourceState | undefined {
    return node === undefined ? undefined : this.members.get(node)?.telemetry.state
  }

  /** Of a node that is ready: what the rest of the fleet can expect of it. */
  private abilitiesOf(node: string): unknown {
    const { telemetry } = this.members.get(node) ?? {}
    if (!telemetry?.ready) return undefined
    const { variants, reaches, inService, floorPercent, goalPercent } = telemetry
    return [variants, reaches, inService?.inDoubt !== undefined, floorPercent, goalPercent]
  }

  /** An edge or cloud that nobody may ask for what it holds does nothing: whoever runs it is to know. */
  private noteUseless(node: string): void {
    const { choices, logger } = this.options
    const tier = this.members.get(node)?.telemetry.tier
    if (tier === undefined || tier === 'end') return
    const stages = choices.flatMap(({ placement, escalation }) => [placement, escalation?.to])
    const asked = new Set(stages.flatMap((one) => (one?.tier === tier ? one.variant : [])))
    const held = [...this.held(node).keys()]
    if (held.some((variant) => asked.has(variant)) || !this.seldom.isDue(`useless ${node}`)) return
    logger.warn(
      { node, tier },
      `${node} is not used: it holds ${held.join(', ')}, and devices ask its tier for ${[...asked].join(', ')}; name what it holds in the cloud node's --remote-variants`,
    )
  }

  /** @param nodes whose floors and goals what happened may concern */
  private noteBounds(nodes: Iterable<string>): void {
    for (const node of nodes) {
      const { floorPercent, ready } = this.members.get(node)?.telemetry ?? {}
      const goalPercent = this.goalOf(node)
      if (floorPercent !== undefined && ready) this.noteFloor(node, floorPercent)
      if (goalPercent !== undefined && ready) this.noteGoal(node, goalPercent)
    }
  }

  /** A device whose own goal nothing reaches that serves it now. */
  private noteGoal(node: string, goalPercent: number): void {
    const { choices, logger } = this.options
    const open = this.availableTo(node)
    const served = choices.filter((_, choice) => open[choice])
    if (served.length === 0) return
    const { accuracyPercent } = mostAccurate(served)
    if (meetsGoal([accuracyPercent], goalPercent) || !this.seldom.isDue(`goal ${node}`)) return
    logger.warn(
      { node, goalPercent },
      `${node} is below its own goal of ${goalPercent} %: what serves it now has ${accuracyPercent} % at most, and that is what it gets; lower its goal, or start a node with a more accurate variant`,
    )
  }

  /** A device that is served, but not at its floor, takes no part: whoever runs it is to know. */
  private noteFloor(node: string, floorPercent: number): void {
    const { choices, logger } = this.options
    if (this.availableTo(node).includes(true)) return
    const served = choices.filter((choice) => this.canTake(node, choice))
    if (served.length === 0 || !this.seldom.isDue(`floor ${node}`)) return
    const { accuracyPercent } = mostAccurate(served)
    logger.warn(
      { node, floorPercent },
      `${node} gets no decisions: nothing that serves it now has its floor of ${floorPercent} %, ${accuracyPercent} % at most; lower its --floor, or start a node with a more accurate variant`,
    )
  }

  /** Whether all that the choice needs is there. */
  private canTake(device: string, { placement, escalation }: Choice): boolean {
    return [placement, escalation?.to].every((stage) => !stage || this.isServed(device, stage))
  }

  private isServed(device: string, { tier, variant }: Placement): boolean {
    return this.serversOf(device, tier).some((node) => this.held(node).has(variant))
  }

  /** Nodes of the tier that serve the device. */
  private serversOf(device: string, tier: Tier): readonly string[] {
    if (tier === 'end') return [device]
    if (tier === 'cloud') {
      return this.members.get(device)?.telemetry.reaches?.cloud ? this.ready(tier) : []
    }
    const edge = this.edgeNameOf(device)
    return edge !== undefined && this.isReady(edge, tier) ? [edge] : []
  }

  private edgeNameOf(device: string): string | undefined {
    return this.members.get(device)?.telemetry.reaches?.edge
  }

  private held(node: string): Member['held'] {
    return this.members.get(node)?.held ?? new Map()
  }

  private isReady(node: string, tier: Tier): boolean {
    const { telemetry } = this.members.get(node) ?? {}
    return telemetry?.ready === true && telemetry.tier === tier
  }

  private ready(tier: Tier): readonly string[] {
    const known = this.readyNames.get(tier)
    if (known) return known
    const names = [...this.members.keys()].filter((node) => this.isReady(node, tier)).sort()
    this.readyNames.set(tier, names)
    return names
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
    this.refused += 1
    if (this.seldom.isDue(node)) {
      this.options.logger.warn(
        { node, refused: this.refused },
        `refused the node ${node}: a fleet has ${MAX_NODES} at most; end others, or give it a cloud node of its own`,
      )
    }
    return false
  }
}

function heldBy({ variants }: LiveTelemetry): Member['held'] {
  return new Map(variants.map(({ name, serviceTimeMs }) => [name, serviceTimeMs]))
}
