/** The file that `tierwise plan --profile` reads: a fleet and its measured times. See examples/plan/fleet.yaml. */
import { dirname, resolve } from 'node:path'
import { z } from 'zod'
import { ConfigError } from '../../errors.ts'
import type { Choice } from '../../learning/environment/environment.ts'
import type { PlanningProblem } from '../../learning/planner/problem.ts'
import type { Tier } from '../../placement.ts'
import { parseYaml, readText } from '../../yaml.ts'

const timeMs = z.number().positive('give a time in ms above 0')
const timesByVariant = z.record(z.string(), timeMs)

const node = z.strictObject({
  /** By number of users. */
  responseTimesMs: z.record(
    z.string().regex(/^[1-9]\d*$/, 'give a number of users from 1'),
    timeMs,
  ),
  mostUsers: z.int().min(1, 'give a number of users from 1').optional(),
  /** What each takes beyond the points. */
  variants: z.record(z.string(), z.number()).optional(),
})
type Node = z.infer<typeof node>

const schema = z.strictObject({
  accuracies: z
    .record(z.string(), z.number().min(0, 'give percent').max(100, 'give percent'))
    .optional(),
  machines: z.record(
    z.string(),
    z.union(
      [z.string(), timesByVariant],
      'give times by variant, or the file `tierwise profile --json` wrote',
    ),
  ),
  devices: z
    .array(
      z.strictObject({
        name: z.string().min(1, 'give a name'),
        count: z.int().min(1, 'give a number from 1').default(1),
        machine: z.string(),
        edge: z.string().optional(),
        link: z.strictObject({ edge: z.number(), cloud: z.number() }).partial().default({}),
      }),
    )
    .min(1, 'list at least one device'),
  edges: z.record(z.string(), node).default({}),
  cloud: node.optional(),
})
type FleetFile = z.infer<typeof schema>

/** What of `tierwise profile --json` counts here. */
const measured = z.array(
  z.object({ variant: z.string(), accuracyPercent: z.number(), p50Ms: timeMs }),
)

export interface FleetProfile {
  readonly problem: PlanningProblem
  /** Shape [devices]. */
  readonly deviceNames: readonly string[]
  /** Shape [edges]. */
  readonly edgeNames: readonly string[]
}

/** @throws ConfigError naming file, line and key where the file cannot be used */
export async function readFleetProfile(file: string, goalPercent: number): Promise<FleetProfile> {
  const fleet = parseYaml(await readText(file), schema, file)
  const accuracies = new Map(Object.entries(fleet.accuracies ?? {}))
  const machines = new Map<string, Map<string, number>>()
  for (const [name, times] of Object.entries(fleet.machines)) {
    const ofMachine =
      typeof times === 'string'
        ? await readMeasured(resolve(dirname(file), times), accuracies)
        : times
    machines.set(name, new Map(Object.entries(ofMachine)))
  }
  try {
    return fleetProfile(fleet, accuracies, machines, goalPercent)
  } catch (error) {
    throw error instanceof ConfigError
      ? new ConfigError(`${file}: ${error.message}`, { cause: error })
      : error
  }
}

/** @param accuracies gains those of variants it lacks */
async function readMeasured(
  file: string,
  accuracies: Map<string, number>,
): Promise<Record<string, number>> {
  const rows = parseYaml(await readText(file), measured, file)
  for (const { variant, accuracyPercent } of rows) {
    if (!accuracies.has(variant)) accuracies.set(variant, accuracyPercent)
  }
  return Object.fromEntries(rows.map(({ variant, p50Ms }) => [variant, p50Ms]))
}

function fleetProfile(
  fleet: FleetFile,
  accuracies: ReadonlyMap<string, number>,
  machines: ReadonlyMap<string, ReadonlyMap<string, number>>,
  goalPercent: number,
): FleetProfile {
  const edgeNames = Object.keys(fleet.edges)
  const devices = fleet.devices.flatMap(({ count, name, ...device }) =>
    Array.from({ length: count }, (_, i) => ({
      ...device,
      name: count === 1 ? name : `${name}-${i + 1}`,
    })),
  )
  const choices = choicesOf(fleet, accuracies, machines)
  const ownTimesMs = new Float64Array(devices.length * choices.length).fill(
    Number.POSITIVE_INFINITY,
  )
  for (const [index, device] of devices.entries()) {
    const local = machines.get(device.machine)
    if (!local) throw unknown(`${device.name} has machine`, device.machine, machines.keys())
    const { link } = device
    const nodes = nodesOf(device, fleet)
    for (const [choice, { placement }] of choices.entries()) {
      const { tier, variant } = placement
      const ownMs =
        tier === 'end'
          ? local.get(variant)
          : sum(link[tier], variantsOf(nodes[tier], accuracies).get(variant))
      if (ownMs !== undefined) ownTimesMs[index * choices.length + choice] = ownMs
    }
  }
  const usersOf = (edge: string) =>
    devices.filter((device) => device.edge === edge && device.link.edge !== undefined).length
  const curves = Object.entries(fleet.edges).map(([edge, edgeNode]) =>
    curve(`edges.${edge}`, edgeNode, usersOf(edge)),
  )
  const cloudUsers = devices.filter(({ link }) => link.cloud !== undefined).length
  return {
    problem: {
      devices: devices.length,
      choices,
      ownTimesMs,
      // A device without an edge has its edge choices closed: any edge will do.
      edgeOf: Int32Array.from(devices, ({ edge }) => Math.max(0, edgeNames.indexOf(edge ?? ''))),
      edgeCurvesMs: curves.length === 0 ? [new Float64Array(0)] : curves,
      cloudCurveMs: fleet.cloud ? curve('cloud', fleet.cloud, cloudUsers) : new Float64Array(0),
      goalPercent,
    },
    deviceNames: devices.map(({ name }) => name),
    edgeNames,
  }
}

/** The nodes a device may use. @throws ConfigError where a link leads nowhere, or a node has no link */
function nodesOf(
  { name, edge, link }: Omit<FleetFile['devices'][number], 'count'>,
  fleet: FleetFile,
): { readonly edge: Node | undefined; readonly cloud: Node | undefined } {
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
  const edgeNode = fleet.edges[edge]
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
  fleet: FleetFile,
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
  const served = (nodes: readonly Node[]) =>
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

/** What each variant of a node takes beyond the curve, ms; none where there is no node. */
function variantsOf(
  serving: Node | undefined,
  accuracies: ReadonlyMap<string, number>,
): ReadonlyMap<string, number> {
  if (!serving) return new Map()
  if (serving.variants) return new Map(Object.entries(serving.variants))
  const [mostAccurate] = [...accuracies].sort(([, one], [, other]) => other - one)
  return new Map(mostAccurate ? [[mostAccurate[0], 0]] : [])
}

/** Response times with 1, 2, ... users, ms, as many as may use the node. @throws ConfigError naming the point that is missing */
function curve(name: string, { responseTimesMs, mostUsers }: Node, possible: number): Float64Array {
  const points = Object.entries(responseTimesMs)
    .map(([users, ms]) => ({ users: Number(users), ms }))
    .sort((one, other) => one.users - other.users)
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
