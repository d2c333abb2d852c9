/** The planning problem of a fleet whose times were measured. */
import { ConfigError } from '../../errors.ts'
import {
  type Cascade,
  type Choice,
  escalations,
  formatChoice,
  stagesOf,
} from '../../fleet/choice.ts'
import type { Tier } from '../../fleet/placement.ts'
import type { PlanningProblem } from './problem.ts'

/** An edge or the cloud. */
interface MeasuredNode {
  /** Of the most accurate variant, by number of users. */
  readonly responseTimesMs: Readonly<Record<string, number>>
  readonly mostUsers?: number | undefined
  /** What each variant takes beyond those, ms; absent: the most accurate one alone serves. */
  readonly variants?: Readonly<Record<string, number>> | undefined
}

/** Devices that are alike. */
interface MeasuredDevices {
  readonly name: string
  readonly count: number
  readonly machine: string
  readonly edge?: string | undefined
  /** What the way there and back adds, ms; absent: no way. */
  readonly link: { readonly edge?: number | undefined; readonly cloud?: number | undefined }
}

/** Who is there. */
export interface MeasuredFleet {
  readonly devices: readonly MeasuredDevices[]
  readonly edges: Readonly<Record<string, MeasuredNode>>
  readonly cloud?: MeasuredNode | undefined
  /** Small first, large when unsure: what pairs of variants reach by margin, and how often they escalate. */
  readonly cascades?: readonly Cascade[] | undefined
}

/** What is planned, and how its devices and edges are called. */
export interface FleetProblem {
  readonly problem: PlanningProblem
  /** Shape [devices]. */
  readonly deviceNames: readonly string[]
  /** Shape [edges]. */
  readonly edgeNames: readonly string[]
}

/**
 * @param accuracies percent, by variant
 * @param machines response times in ms, by machine and variant
 * @throws ConfigError naming what does not fit, and the remedy
 */
export function fleetProblem(
  fleet: MeasuredFleet,
  accuracies: ReadonlyMap<string, number>,
  machines: ReadonlyMap<string, ReadonlyMap<string, number>>,
  goalPercent: number,
): FleetProblem {
  const plain = choicesOf(fleet, accuracies, machines)
  const choices = [...plain, ...cascadesOf(fleet, plain)]
  const stages = stagesOf(choices)
  const edgeNames = Object.keys(fleet.edges)
  const deviceNames: string[] = []
  const edgeOf: number[] = []
  const ownTimesMs: number[] = []
  const edgeUsers = new Map<string, number>()
  let cloudUsers = 0
  refuseTwins('nodes', [...edgeNames, 'cloud'])
  refuseTwins('cascades', choices.map(formatChoice))
  for (const entry of fleet.devices) {
    const { name, count, machine, edge, link } = entry
    const local = machines.get(machine)
    if (!local) throw unknown(`${name} has machine`, machine, machines.keys())
    const nodes = nodesOf(entry, fleet)
    const beyond = {
      edge: variantsOf(nodes.edge, accuracies),
      cloud: variantsOf(nodes.cloud, accuracies),
    }
    const alone = plain.map(({ placement: { tier, variant } }) =>
      tier === 'end' ? local.get(variant) : sum(link[tier], beyond[tier].get(variant)),
    )
    const own = choices.map(({ escalation }, choice) => {
      const stage = stages[choice]
      if (!stage || !escalation) return alone[choice]
      const secondMs = alone[stage.second]
      return sum(alone[stage.first], secondMs && escalation.share * secondMs)
    })
    for (let copy = 1; copy <= count; copy++) {
      deviceNames.push(count === 1 ? name : `${name}-${copy}`)
      // A device without an edge has its edge choices closed: any edge will do.
      edgeOf.push(edge === undefined ? 0 : edgeNames.indexOf(edge))
      for (const ownMs of own) ownTimesMs.push(ownMs ?? Infinity)
    }
    if (edge !== undefined) edgeUsers.set(edge, (edgeUsers.get(edge) ?? 0) + count)
    if (nodes.cloud) cloudUsers += count
  }
  refuseTwins('devices', deviceNames)
  const edgeCurvesMs = Object.entries(fleet.edges).map(([edge, node]) =>
    curve(`edges.${edge}`, node, edgeUsers.get(edge) ?? 0),
  )
  return {
    problem: {
      devices: deviceNames.length,
      choices,
      ownTimesMs: Float64Array.from(ownTimesMs),
      edgeOf: Int32Array.from(edgeOf),
      edgeCurvesMs: edgeCurvesMs.length === 0 ? [new Float64Array(0)] : edgeCurvesMs,
      cloudCurveMs: fleet.cloud ? curve('cloud', fleet.cloud, cloudUsers) : new Float64Array(0),
      goalPercent,
    },
    deviceNames,
    edgeNames,
  }
}

/** @throws ConfigError naming what two of a kind are called */
function refuseTwins(kind: string, names: readonly string[]): void {
  const seen = new Set<string>()
  for (const name of names) {
    if (seen.has(name)) throw new ConfigError(`two ${kind} are called ${name}: change one`)
    seen.add(name)
  }
}

/** The nodes a device may use. @throws ConfigError where a link leads nowhere, or a node has no link */
function nodesOf(
  { name, edge, link }: MeasuredDevices,
  fleet: MeasuredFleet,
): { readonly edge: MeasuredNode | undefined; readonly cloud: MeasuredNode | undefined } {
  if (link.cloud !== undefined && !fleet.cloud) {
    throw new ConfigError(
      `${name} has a link to the cloud, but there is none: add cloud, or leave link.cloud out`,
    )
  }
  const cloud = link.cloud === undefined ? undefined : fleet.cloud
  if (edge === undefined) {
    if (link.edge === undefined) return { edge: undefined, cloud }
    throw new ConfigError(
      `${name} has a link to an edge but no edge: name it, or leave link.edge out`,
    )
  }
  const edgeNode = Object.hasOwn(fleet.edges, edge) ? fleet.edges[edge] : undefined
  if (!edgeNode) throw unknown(`${name} has edge`, edge, Object.keys(fleet.edges))
  if (link.edge === undefined) {
    throw new ConfigError(
      `${name} has edge ${edge} but no link.edge: give the time the way there and back adds, 0 for none`,
    )
  }
  return { edge: edgeNode, cloud }
}

/** Every variant at every tier that has it, most accurate first. */
function choicesOf(
  fleet: MeasuredFleet,
  accuracies: ReadonlyMap<string, number>,
  machines: ReadonlyMap<string, ReadonlyMap<string, number>>,
): Choice[] {
  const choices = (tier: Tier, variants: Iterable<string>): Choice[] =>
    [...new Set(variants)]
      .map((variant) => {
        const accuracyPercent = accuracies.get(variant)
        if (accuracyPercent !== undefined) return { placement: { tier, variant }, accuracyPercent }
        throw new ConfigError(
          `accuracies has no ${variant}, which ${tier} serves: give its accuracy in percent`,
        )
      })
      .sort((one, other) => other.accuracyPercent - one.accuracyPercent)
  const served = (nodes: readonly MeasuredNode[]) =>
    nodes.flatMap((one) => [...variantsOf(one, accuracies).keys()])
  return [
    ...choices(
      'end',
      [...machines.values()].flatMap((times) => [...times.keys()]),
    ),
    ...choices('edge', served(Object.values(fleet.edges))),
    ...choices('cloud', served(fleet.cloud ? [fleet.cloud] : [])),
  ]
}

/** @throws ConfigError naming a variant that nobody serves where the small one must be on a device, and the large one anywhere */
function cascadesOf({ cascades = [] }: MeasuredFleet, plain: readonly Choice[]): Choice[] {
  const names = plain.map(({ placement }) => placement.variant)
  const local = plain.flatMap(({ placement: { tier, variant } }) => (tier === 'end' ? variant : []))
  for (const { small, large } of cascades) {
    if (!local.includes(small)) throw unknown('a cascade begins on a device with', small, local)
    if (!names.includes(large)) throw unknown('a cascade ends with', large, new Set(names))
    if (small === large)
      throw new ConfigError(`a cascade leads from ${small} to itself: name another large variant`)
  }
  return cascades.flatMap((cascade) => escalations(plain, cascade))
}

/** What each variant of a node takes beyond the curve, ms; none where there is no node. */
function variantsOf(
  serving: MeasuredNode | undefined,
  accuracies: ReadonlyMap<string, number>,
): ReadonlyMap<string, number> {
  if (!serving) return new Map()
  if (serving.variants) return new Map(Object.entries(serving.variants))
  const [mostAccurate] = [...accuracies].sort(([, one], [, other]) => other - one)
  return new Map(mostAccurate ? [[mostAccurate[0], 0]] : [])
}

/** Response times with 1, 2, ... users, ms, as many as may use the node. @throws ConfigError naming the point that is missing, or a time below 0 */
function curve(
  name: string,
  { responseTimesMs, mostUsers, variants = {} }: MeasuredNode,
  possible: number,
): Float64Array {
  const points = Object.entries(responseTimesMs)
    .map(([users, ms]) => ({ users: Number(users), ms }))
    .sort((one, other) => one.users - other.users)
  for (const [variant, beyondMs] of Object.entries(variants)) {
    const point = points.find(({ ms }) => ms + beyondMs <= 0)
    if (!point) continue
    throw new ConfigError(
      `${name}.variants.${variant} is ${beyondMs}: with ${point.users} users it would take ${point.ms + beyondMs} ms: give a time that leaves more than 0`,
    )
  }
  const most = Math.min(possible, mostUsers ?? possible)
  return Float64Array.from({ length: most }, (_, index) => {
    const users = index + 1
    const above = points.find((point) => point.users >= users)
    const below = points.findLast((point) => point.users <= users)
    if (above && below) {
      const share = above === below ? 0 : (users - below.users) / (above.users - below.users)
      return below.ms + share * (above.ms - below.ms)
    }
    if (!below)
      throw new ConfigError(`${name}.responseTimesMs has no point for 1 user: measure it with one`)
    throw new ConfigError(
      `${name}.responseTimesMs ends at ${below.users} users, but ${possible} devices may use it: measure it with ${most}, or set mostUsers: ${below.users}`,
    )
  })
}

function sum(one: number | undefined, other: number | undefined): number | undefined {
  return one === undefined || other === undefined ? undefined : one + other
}

function unknown(what: string, found: string, known: Iterable<string>): ConfigError {
  return new ConfigError(
    `${what} ${found}, which is not there: there are ${[...known].join(', ') || 'none'}`,
  )
}
