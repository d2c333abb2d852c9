/** What the page knows of the fleet, and how each message changes it. Pure: no network, no clock, no page. */
import type {
  AnswerReport,
  Goal,
  InService,
  JointDecision,
  Telemetry,
} from '../../src/control/messages.ts'
import { canonicalChoice, formatChoice } from '../../src/fleet/choice.ts'
import {
  formatPlacement,
  type Placement,
  parsePlacement,
  type Tier,
} from '../../src/fleet/placement.ts'
import { append, closedRound, mean, type Round, WINDOW } from './rounds.ts'
import type { Received } from './topics.ts'

type Health = 'ready' | 'starting' | 'dead'

/** A node of any tier, by its newest telemetry. */
export interface Node {
  readonly name: string
  readonly tier: Tier
  readonly health: Health
  /** That it holds, in the catalogue's order. */
  readonly variants?: readonly string[]
  /** Link to the node above; absent until a live node has said. */
  readonly weakLink?: boolean
  readonly roundTripMs?: number
  readonly queueDepth?: number
  readonly dilationErrorPercent?: number
  /** Of a device: how its answers turned out. */
  readonly inService?: InService
}

/** A device's requests, newest last. */
export interface Device {
  readonly placement?: Placement
  /** The same, and where unsure answers go, as text. */
  readonly decided?: string
  /** Of the newest request, where its decision escalates. */
  readonly escalation?: AnswerReport['escalation'] | undefined
  /** Where the newest request was answered, and whether that was not where it was decided. */
  readonly served?: Placement
  readonly fallback: boolean
  readonly failed: boolean
  /** Since the page opened. */
  readonly requests: number
  /** Of the newest `WINDOW` requests. */
  readonly responseTimesMs: readonly number[]
}

/** All that the page knows. */
export interface FleetView {
  readonly nodes: ReadonlyMap<string, Node>
  readonly devices: ReadonlyMap<string, Device>
  readonly goal?: Goal
  readonly joint?: JointDecision
  /** Closed rounds of the current session, oldest first. */
  readonly rounds: readonly Round[]
  /** The first `WINDOW` of them, kept when `rounds` forgets them. */
  readonly firstRounds: readonly Round[]
}

/** More names than this are not shown, so that a stray publisher cannot fill the page's memory. */
const MAX_NAMES = 256

/** Before the first message. */
export const emptyFleet: FleetView = {
  nodes: new Map(),
  devices: new Map(),
  rounds: [],
  firstRounds: [],
}

const newDevice: Device = { fallback: false, failed: false, requests: 0, responseTimesMs: [] }

function withEntry<Value>(
  map: ReadonlyMap<string, Value>,
  name: string,
  value: Value,
): ReadonlyMap<string, Value> {
  return map.has(name) || map.size < MAX_NAMES ? new Map(map).set(name, value) : map
}

function withDevice(fleet: FleetView, name: string, change: Partial<Device>): FleetView {
  const device = { ...(fleet.devices.get(name) ?? newDevice), ...change }
  return { ...fleet, devices: withEntry(fleet.devices, name, device) }
}

function onTelemetry(fleet: FleetView, message: Telemetry): FleetView {
  return { ...fleet, nodes: withEntry(fleet.nodes, message.node, nodeOf(message)) }
}

function nodeOf(message: Telemetry): Node {
  const { node: name, tier } = message
  if (!message.alive) return { name, tier, health: 'dead' }
  const { roundTripMs } = message.measured
  const { dilationErrorPercent, inService } = message
  return {
    name,
    tier,
    health: message.ready ? 'ready' : 'starting',
    variants: message.variants.map((variant) => variant.name),
    weakLink: message.state.bandwidth === 1,
    queueDepth: message.service.queueDepth,
    ...(roundTripMs !== undefined && { roundTripMs }),
    ...(dilationErrorPercent !== undefined && { dilationErrorPercent }),
    ...(inService && { inService }),
  }
}

function onObservation(fleet: FleetView, message: AnswerReport): FleetView {
  const { requests, responseTimesMs } = fleet.devices.get(message.device) ?? newDevice
  return withDevice(fleet, message.device, {
    served: message.served,
    fallback: isFallback(message),
    escalation: message.escalation,
    failed: message.failed,
    requests: requests + 1,
    responseTimesMs: [...responseTimesMs.slice(1 - WINDOW), message.responseTimeMs],
  })
}

/** Served elsewhere than decided; or unsure and gone on, but answered by the first variant all the same. */
function isFallback({ decided, served, escalation }: AnswerReport): boolean {
  const isFirst = formatPlacement(decided) === formatPlacement(served)
  return escalation?.escalated ? isFirst : !isFirst
}

function onJointDecision(fleet: FleetView, joint: JointDecision): FleetView {
  const sameSession = fleet.joint?.session === joint.session
  const round = closedRound(joint)
  const before = sameSession ? fleet.rounds : []
  const rounds = round === undefined ? before : append(before, round)
  const decided = Object.entries(joint.placements).reduce(
    (next, [device, text]) => withPlacement(next, device, text),
    fleet,
  )
  const firstRounds = sameSession ? fleet.firstRounds : []
  return {
    ...decided,
    joint,
    rounds,
    firstRounds: firstRounds.length < WINDOW ? rounds.slice(0, WINDOW) : firstRounds,
  }
}

/** A joint decision carries choices as text that its schema does not look into. */
function withPlacement(fleet: FleetView, device: string, text: string): FleetView {
  try {
    const decided = canonicalChoice(text)
    const [first = ''] = decided.split('>')
    return withDevice(fleet, device, { placement: parsePlacement(first), decided })
  } catch {
    return fleet
  }
}

/** The first variant of the cloud's node, which serves the page; undefined until that is ready. */
export function variantOfPage({ nodes }: FleetView): string | undefined {
  for (const { tier, health, variants } of nodes.values()) {
    if (tier === 'cloud' && health === 'ready') return variants?.[0]
  }
  return undefined
}

/** The fleet after one valid message. */
export function reduce(fleet: FleetView, received: Received): FleetView {
  switch (received.kind) {
    case 'telemetry':
      return onTelemetry(fleet, received.message)
    case 'observation':
      return onObservation(fleet, received.message)
    case 'decision':
      return withDevice(fleet, received.message.device, {
        placement: received.message.placement,
        decided: formatChoice(received.message),
      })
    case 'jointDecision':
      return onJointDecision(fleet, received.message)
    case 'label':
    case 'orchestrator':
      return fleet
    case 'goal':
      return { ...fleet, goal: received.message }
    // It is for nodes; the page does not listen to it.
    case 'roster':
      return fleet
  }
}

/** How a device's answers turned out; undefined where nothing is known of it. */
export function answersTold(node: Node | undefined): InService | undefined {
  const { inService } = node ?? {}
  return inService && inService.judged + inService.labelled > 0 ? inService : undefined
}

/** `device-2` before `device-10`. */
function byName(a: string, b: string): number {
  return a.localeCompare(b, 'en', { numeric: true })
}

/** Those of a tier, by name. */
export function nodesOf(fleet: FleetView, tier: Tier): readonly Node[] {
  return [...fleet.nodes.values()]
    .filter((node) => node.tier === tier)
    .sort((a, b) => byName(a.name, b.name))
}

/** Every device that reported, was decided for or answered. */
export function deviceNames(fleet: FleetView): readonly string[] {
  const reported = nodesOf(fleet, 'end').map((node) => node.name)
  return [...new Set([...reported, ...fleet.devices.keys()])].sort(byName)
}

/** The headline figures; undefined where nothing was measured yet. */
export function headline({ nodes, rounds, firstRounds, joint, goal }: FleetView) {
  const latest = rounds.slice(-WINDOW)
  const dilationErrors = [...nodes.values()].flatMap((node) => node.dilationErrorPercent ?? [])
  return {
    responseTimeMs: mean(latest.map((round) => round.responseTimeMs)),
    firstResponseTimeMs: mean(firstRounds.map((round) => round.responseTimeMs)),
    /** Whether the page saw the session from its first round. */
    sawFirstRound: (firstRounds[0]?.round ?? 0) <= 1,
    accuracyPercent: mean(latest.map((round) => round.accuracyPercent)),
    goalPercent: goal?.accuracyPercent ?? joint?.goalPercent,
    /** Over the requests that were answered in its window. */
    served: joint?.served,
    rounds: joint?.round,
    realSteps: joint?.progress.realSteps,
    plannedSteps: joint?.progress.plannedSteps,
    updates: joint?.progress.updates,
    goalViolations: joint?.goalViolations,
    /** Of the answers whose label was told; undefined where none was. */
    rightPercent: joint?.measured && (100 * joint.measured.right) / joint.measured.labelled,
    agent: joint?.agent,
    /** Of the agent's best decision, by what it has learned. */
    explanation: joint?.explanation,
    shadow: joint?.shadow,
    /** Why a fixed rule is in force in the agent's place. */
    revert: joint?.revert,
    heardOfNodes: nodes.size > 0,
    /** Mean over the nodes whose speed is emulated; undefined where none is. */
    dilationErrorPercent: mean(dilationErrors),
  }
}
