/** Fleets drawn at random, in which everything differs that may differ: what a learner can be told apart from its assumptions. */
import { dealtEdges, type ResourceState } from '../../fleet/state.ts'
import { TABLE_III } from '../../fleet/variants.ts'
import type { Random } from '../../random.ts'
import { uniformBetween } from '../workload/draws.ts'
import type { World } from '../world.ts'
import { DEFAULT_CHOICES } from './paper-world.ts'

/** classes: devices of 3 to 5 kinds of hardware, known. unique: every device different, and the kinds told of mean nothing. */
export type WorldKind = 'classes' | 'unique'

/** All times of a fleet. Links of devices make a difference to them; background load does not. */
export interface TimeTables {
  /** Shape [devices]. */
  readonly edgeOf: readonly number[]
  /** Shape [devices]. */
  readonly classOf: readonly number[]
  /** Time of each variant d0–d7 at each device, ms. Shape [devices][8]. */
  readonly localMs: readonly (readonly number[])[]
  /** What the way to a shared node adds, ms; more where the device's link is weak. Shape [devices]. */
  readonly links: readonly Link[]
  /** Response time of each shared node by number of users from 1, ms; edges first, the cloud last. Shape [edges + 1][devices]. */
  readonly curvesMs: readonly Float64Array[]
}

interface Link {
  /** Whether it is weak at the start. */
  readonly isWeak: boolean
  readonly edgeMs: number
  readonly cloudMs: number
  /** On top while it is weak, on local and on forwarded requests. */
  readonly weakLocalMs: number
  readonly weakMs: number
}

/** Share of the devices whose links are weak. */
const WEAK_SHARE = 0.35
/** Deviation of devices of one kind, and of single variants within it. */
const SPEED_SPREAD = 0.08
const VARIANT_SPREAD = 0.05

/** A fleet drawn from these random numbers. */
export function heterogeneousWorld(
  { devices, edges, kind }: { devices: number; edges: number; kind: WorldKind },
  random: Random,
): World {
  const classes = 3 + random.integer(3)
  const kinds = Array.from({ length: kind === 'classes' ? classes : devices }, () =>
    variantTimesMs(random),
  )
  const classOf = Array.from({ length: devices }, () => random.integer(classes))
  return tabulatedWorld({
    edgeOf: dealtEdges(devices, edges),
    classOf,
    localMs: classOf.map((classIndex, device) => {
      const times = kinds[kind === 'classes' ? classIndex : device] ?? []
      const speed = Math.exp(SPEED_SPREAD * random.normal())
      return times.map((ms) => ms * speed * Math.exp(VARIANT_SPREAD * random.normal()))
    }),
    links: classOf.map(() => link(random)),
    curvesMs: Array.from({ length: edges + 1 }, (_, node) =>
      curveMs(node === edges, devices, random),
    ),
  })
}

/** A fleet of these times; all its nodes are idle at the start. */
export function tabulatedWorld({ edgeOf, classOf, localMs, links, curvesMs }: TimeTables): World {
  const node = (bandwidth: number): ResourceState => ({ processor: 0, memory: 0, bandwidth })
  return {
    choices: DEFAULT_CHOICES,
    edgeOf,
    classOf,
    start: {
      devices: links.map(({ isWeak }) => node(isWeak ? 1 : 0)),
      edges: curvesMs.slice(1).map(() => node(0)),
      cloud: node(0),
    },
    times: ({ devices }) => ({
      own: links.map(({ edgeMs, cloudMs, weakLocalMs, weakMs }, device) => {
        const weak = devices[device].bandwidth
        return [
          ...localMs[device].map((computeMs) => ({ computeMs, linkMs: weak * weakLocalMs })),
          { computeMs: 0, linkMs: edgeMs + weak * weakMs },
          { computeMs: 0, linkMs: cloudMs + weak * weakMs },
        ]
      }),
      curvesMs,
    }),
  }
}

function variantTimesMs(random: Random): number[] {
  const speed = Math.exp(uniformBetween(Math.log(0.5), Math.log(3), random))
  const int8 = uniformBetween(0.45, 1.5, random)
  return TABLE_III.map(
    ({ megaMacs, precision }) =>
      speed *
      (50 + 0.5 * megaMacs * (precision === 'INT8' ? int8 : 1)) *
      uniformBetween(0.85, 1.15, random),
  )
}

function link(random: Random): Link {
  return {
    isWeak: random.uniform() < WEAK_SHARE,
    edgeMs: uniformBetween(0, 40, random),
    cloudMs: uniformBetween(10, 60, random),
    weakLocalMs: uniformBetween(40, 90, random),
    weakMs: uniformBetween(60, 140, random),
  }
}

/** Two or four cores at an edge, more in the cloud; slower from the first user on, or from as many users as cores. */
function curveMs(isCloud: boolean, devices: number, random: Random): Float64Array {
  const loneMs = isCloud ? uniformBetween(250, 400, random) : uniformBetween(180, 400, random)
  const cores = isCloud ? Math.max(4, devices / 8) : random.uniform() < 0.5 ? 2 : 4
  const slope = uniformBetween(0.1, 0.5, random)
  const power = uniformBetween(1, 1.6, random)
  const hasKnee = isCloud || random.uniform() < 0.5
  return Float64Array.from({ length: devices }, (_, index) => {
    const users = index + 1
    const slowdown = hasKnee
      ? Math.max(1, users / cores) ** power
      : 1 + (slope * (users - 1) ** power * 2) / cores
    return loneMs * slowdown
  })
}
