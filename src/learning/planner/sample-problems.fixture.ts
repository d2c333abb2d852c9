/** Random planning problems of every kind that has once been hard. Used by tests and benchmarks alone. */

import type { Choice } from '../../fleet/choice.ts'
import type { Tier } from '../../fleet/placement.ts'
import { TABLE_III } from '../../fleet/variants.ts'
import type { Random } from '../../random.ts'
import type { PlanningProblem } from './problem.ts'

export interface SampleOptions {
  readonly devices: number
  readonly edges: number
  readonly goalPercent: number
  /**
   * heterogeneous: every device and node different. identical: all alike, so that every price moves all or none. jagged: node
   * curves that rise and fall. odd: also several variants at the nodes, closed choices, nodes with little room.
   */
  readonly shape: SampleShape
  /**
   * Also small variants that escalate a share of their requests, twentieths, each device's own: 12 such choices, or 252 where there are
   * many, as a measured ladder has them. Default: none.
   */
  readonly cascades?: boolean | 'many'
}

export const SAMPLE_SHAPES = ['heterogeneous', 'identical', 'jagged', 'odd'] as const
type SampleShape = (typeof SAMPLE_SHAPES)[number]

export function sampleProblem(
  { devices, edges, goalPercent, shape, cascades = false }: SampleOptions,
  random: Random,
): PlanningProblem {
  const problem = wholeLoads({ devices, edges, goalPercent, shape }, random)
  return cascades ? withCascades(problem, random, cascades === 'many' ? MANY : FEW) : problem
}

function wholeLoads(
  { devices, edges, goalPercent, shape }: SampleOptions,
  random: Random,
): PlanningProblem {
  const between = (low: number, high: number) => low + (high - low) * random.uniform()
  const remote = shape === 'odd' ? [0, 4, 6] : [0]
  const choices = [
    ...TABLE_III.map((_, variant) => choice('end', variant)),
    ...remote.map((variant) => choice('edge', variant)),
    ...remote.map((variant) => choice('cloud', variant)),
  ]
  const ownTimesMs = new Float64Array(devices * choices.length)
  for (let device = 0; device < devices; device++) {
    const offset = device * choices.length
    if (shape === 'identical' && device > 0) {
      ownTimesMs.copyWithin(offset, 0, choices.length)
      continue
    }
    const speed = between(0.5, 3)
    const int8Factor = between(0.45, 1.5)
    const weakMs = random.uniform() < 0.35 ? between(40, 160) : 0
    const links = { edge: weakMs + between(0, 40), cloud: weakMs + between(20, 90) }
    for (const [column, { placement, megaMacs, precision }] of choices.entries()) {
      const factor = precision === 'INT8' ? int8Factor : 1
      const local = (50 + 0.5 * megaMacs * factor) * speed * between(0.85, 1.15)
      const surplus = 0.2 * (megaMacs - 569) * between(0.5, 1)
      const isClosed = shape === 'odd' && random.uniform() < 0.1 && column > 0
      const ownMs = placement.tier === 'end' ? local : links[placement.tier] + surplus
      ownTimesMs[offset + column] = isClosed ? Infinity : ownMs
    }
  }
  const room = () => (shape === 'odd' ? random.integer(devices + 1) : devices)
  const curve = (cores: number, users: number) => {
    const base = between(200, 450)
    const slope = between(0.1, 0.5)
    const power = between(1, 1.6)
    const hasKnee = random.uniform() < 0.5
    return Float64Array.from({ length: users }, (_, m) => {
      const jag = shape === 'jagged' || shape === 'odd' ? Math.exp(0.3 * random.normal()) : 1
      const load = hasKnee
        ? Math.max(1, (m + 1) / cores) ** power
        : 1 + (slope * m ** power) / cores
      return base * load * jag
    })
  }
  const edgeOf = Int32Array.from({ length: devices }, (_, device) => device % edges)
  const perEdge = Math.ceil(devices / edges)
  return {
    devices,
    choices,
    ownTimesMs,
    edgeOf,
    edgeCurvesMs: Array.from({ length: edges }, () =>
      curve(random.uniform() < 0.5 ? 2 : 4, Math.min(perEdge, room())),
    ),
    cloudCurveMs: curve(Math.max(4, devices / 8), room()),
    goalPercent,
  }
}

function choice(tier: Tier, index: number) {
  const { name, ...facts } = TABLE_III[index]
  return { placement: { tier, variant: name }, ...facts }
}

/** Which variants may be first, and what their margins escalate of most devices' requests, at least. */
const FEW = { first: ['d6', 'd7'], twentieths: [2, 5] }
const MANY = {
  first: ['d1', 'd2', 'd3', 'd4', 'd5', 'd6', 'd7'],
  twentieths: [1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 12, 14],
}

/** Every device may run small variants first and d0, at its three places, for a share that differs from device to device. */
function withCascades(
  problem: PlanningProblem,
  random: Random,
  pairs: typeof FEW,
): PlanningProblem {
  const { devices, choices } = problem
  const at = (tier: Tier, variant: string) =>
    choices.findIndex(({ placement }) => placement.tier === tier && placement.variant === variant)
  const added = pairs.first.flatMap((small) =>
    (['end', 'edge', 'cloud'] as const).flatMap((tier) =>
      pairs.twentieths.map((twentieths) => ({
        first: at('end', small),
        second: at(tier, 'd0'),
        share: (twentieths + random.integer(4)) / 20,
        // A fifth of all requests closes most of the distance to the large variant.
        closed: 1 - Math.exp(-twentieths / 2),
      })),
    ),
  )
  const all: Choice[] = added.flatMap(({ first, second, share, closed }) => {
    const [small, large] = [choices[first], choices[second]]
    if (!small || !large) return []
    const between = closed * (large.accuracyPercent - small.accuracyPercent)
    const escalation = { to: large.placement, margin: closed, share }
    return { ...small, accuracyPercent: small.accuracyPercent + between, escalation }
  })
  const loads: number[] = []
  const ownTimesMs: number[] = []
  for (let device = 0; device < devices; device++) {
    const row = problem.ownTimesMs.subarray(device * choices.length, (device + 1) * choices.length)
    ownTimesMs.push(...row)
    loads.push(...choices.map(({ placement }) => (placement.tier === 'end' ? 0 : 1)))
    for (const { first, second, share } of added) {
      const own = Math.min(1, Math.round(20 * share * (0.5 + random.uniform())) / 20)
      loads.push(own)
      ownTimesMs.push(row[first] + own * row[second])
    }
  }
  return {
    ...problem,
    choices: [...choices, ...all],
    ownTimesMs: Float64Array.from(ownTimesMs),
    loads: Float64Array.from(loads),
  }
}
