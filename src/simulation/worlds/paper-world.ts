/**
 * The fleet of the HL paper, section III: every constant, with where it comes from, and the law they are constants of.
 *
 * Derivation. Least squares over the 20 rows of Table V (HL paper; five users), the two cells that contradict their own
 * row's accuracy replaced (B-80 S2: d3 → d6; D-Min S2: d6 → d7), of a model with seven parameters:
 * response time at the device = o + slope(precision) · multiply-accumulates, one time for a d0 request served by the edge
 * and one by the cloud, an addition for a weak device, and one on everybody for a weak edge. Root mean square error
 * 3.8 ms over 72–507 ms; largest residual 11.8 ms (B-Max).
 * What Table V cannot tell is marked "assumption".
 */
import { ConfigError } from '../../errors.ts'
import {
  type Choice,
  choicesOf,
  mostAccurate,
  type Precision,
  type VariantFacts,
} from '../../fleet/choice.ts'
import { formatPlacement } from '../../fleet/placement.ts'
import { type Scenario, scenarioState } from '../../fleet/scenarios.ts'
import { dealtEdges, type ResourceState } from '../../fleet/state.ts'
import { TABLE_III } from '../../fleet/variants.ts'
import type { World } from '../world.ts'

/** HL paper, section II-B: eight variants at the device; the edge and the cloud always use the most accurate one. */
export const DEFAULT_CHOICES: readonly Choice[] = choicesOf(TABLE_III)

/** Part of every request that no variant changes: capture, decision, report. */
const OVERHEAD_MS = 58.6

/** A device's own processor. */
const END_MS_PER_MEGA_MAC: Readonly<Partial<Record<Precision, number>>> = {
  FP32: 0.714,
  INT8: 0.332,
}

/**
 * Processor sharing: each of k requests on one node runs at 1 / max(1, perRequest · k + base) of the speed of a lone one.
 * `serviceMs` of a lone d0 request: fitted 351 ms (edge) and 375 ms (cloud) less the overhead.
 * The slopes are an assumption within what Table V shows: it never puts two requests on one node, even in Max, which is
 * optimal only if two cost ≥ 408 ms each at the edge (here 599.5) and ≥ 420 ms at the cloud (here 564.8). The cloud, with
 * twice the cores, shares more gently.
 */
const SHARED = {
  edge: { serviceMs: 292.4, perRequest: 0.85, base: 0.15 },
  cloud: { serviceMs: 316.4, perRequest: 0.6, base: 0.4 },
} as const

/** What d0 counts, FP32. */
export const D0_MEGA_MACS = 569
/** What the lone d0 takes at a device. */
const D0_END_MS = D0_MEGA_MACS * 0.714

/** Weak link of a device: about four outgoing packets of a request, 20 ms each (section III-A). */
const WEAK_DEVICE_MS = 77
/** More of them if the request leaves the device (weakly identified by the fit). */
const WEAK_DEVICE_OFFLOAD_MS = 23
/** Weak link of an edge, on every request of its devices. */
const WEAK_EDGE_MS = 6
/** Weak link of the cloud on the requests it serves: one packet of 20 ms. Assumption: no experiment varies it. */
const WEAK_CLOUD_MS = 20

/** Assumption: a busy device's processor gives inference two thirds of its speed. */
const BUSY_PROCESSOR_FACTOR = 1.5
/** Assumption: a node short of memory computes this much longer (any tier). */
const BUSY_MEMORY_FACTOR = 1.2
/** Assumption: a level of background load weighs on a shared node like this many more requests. */
const REQUESTS_PER_LEVEL = 0.25

/** Relative standard deviation of one measured response time. Assumption: the paper reports no spread. */
export const RESPONSE_TIME_NOISE = 0.04

/**
 * How a device comes to its decision. consulted: every request asks edge and cloud, as in the paper. pushed: the device has it.
 *
 * Table V measures the first, and what a weak link costs a request that its own device serves can only be the asking, since
 * nothing else of such a request leaves the device: 77 ms are about four outgoing packets of 20 ms. So a pushed decision saves it;
 * what a forwarded request costs beyond it stays. The edge's 6 ms are saved by requests that the device serves; others
 * still cross the edge. Without weak links nothing is saved: what asking costs there is part of the overhead, and not known.
 */
export type Delivery = 'consulted' | 'pushed'

type SharedTier = 'edge' | 'cloud'

/** What may differ from fleet to fleet. */
export interface PaperFleet {
  readonly devices: number
  /** Its links at the start (HL paper, Table IV); all nodes are idle. */
  readonly scenario: Scenario
  /** Devices are dealt out to the edges in turn. Default 1, as in the paper. */
  readonly edges?: number
  /**
   * What every device may do; each tells its variant's multiply-accumulates and precision (FP32 or INT8). Default: the paper's ten.
   * A shared node's curve is that of the most accurate variant it offers.
   */
  readonly choices?: readonly Choice[]
  /** Default consulted, as in the paper. */
  readonly delivery?: Delivery
}

/** @throws ConfigError for a count that is none, and for a choice that does not tell what its variant costs */
export function paperWorld({
  devices,
  scenario,
  edges = 1,
  choices = DEFAULT_CHOICES,
  delivery = 'consulted',
}: PaperFleet): World {
  for (const [name, count] of Object.entries({ devices, edges })) {
    if (!Number.isInteger(count) || count < 1) {
      throw new ConfigError(`${name} is ${count}: give a whole number from 1`)
    }
  }
  const isAsked = delivery === 'consulted'
  const nodeMs = { edge: nodeServiceMs('edge', choices), cloud: nodeServiceMs('cloud', choices) }
  /** Computing on an idle node, and what the weak links of the device, its edge and the cloud add. Shape [choices]. */
  const costs = choices.map((choice) => {
    const { tier } = choice.placement
    const leaves = tier !== 'end'
    return {
      tier,
      computeMs: loneServiceMs(choice) - (leaves ? nodeMs[tier] : 0),
      deviceMs: (isAsked ? WEAK_DEVICE_MS : 0) + (leaves ? WEAK_DEVICE_OFFLOAD_MS : 0),
      edgeMs: isAsked || leaves ? WEAK_EDGE_MS : 0,
      cloudMs: tier === 'cloud' ? WEAK_CLOUD_MS : 0,
    }
  })
  const edgeOf = dealtEdges(devices, edges)
  return {
    choices,
    edgeOf,
    start: scenarioState(scenario, devices, edges),
    times: ({ devices: nodes, edges: edgeNodes, cloud }) => ({
      own: nodes.map((node, device) =>
        costs.map(({ tier, computeMs, deviceMs, edgeMs, cloudMs }) => {
          const edge = edgeNodes[edgeOf[device]]
          const busy = node.processor === 0 ? 1 : BUSY_PROCESSOR_FACTOR
          const weakMs =
            node.bandwidth * deviceMs + edge.bandwidth * edgeMs + cloud.bandwidth * cloudMs
          return {
            computeMs:
              tier === 'end'
                ? computeMs * busy * memoryFactor(node)
                : computeMs * slowdown(tier, tier === 'edge' ? edge : cloud, 1),
            linkMs: OVERHEAD_MS + weakMs,
          }
        }),
      ),
      curvesMs: [...edgeNodes, cloud].map((node, index) => {
        const tier = index < edges ? 'edge' : 'cloud'
        const users = edgeOf.map((_, others) => others + 1)
        return Float64Array.from(users, (count) => nodeMs[tier] * slowdown(tier, node, count))
      }),
    }),
  }
}

/** Variants of another ladder in this fleet: the largest counts as much as the paper's d0, the others in proportion. */
export function ofPaperSize<Variant extends VariantFacts>(variants: readonly Variant[]): Variant[] {
  const most = Math.max(...variants.map(({ megaMacs = 0 }) => megaMacs))
  return variants.map((variant) =>
    variant.megaMacs ? { ...variant, megaMacs: (D0_MEGA_MACS * variant.megaMacs) / most } : variant,
  )
}

/** Time in which an idle node of its tier serves a choice alone. */
function loneServiceMs({ placement, megaMacs, precision }: Choice): number {
  const msPerMegaMac = precision && END_MS_PER_MEGA_MAC[precision]
  if (megaMacs === undefined || msPerMegaMac === undefined) {
    throw new ConfigError(
      `the paper's fleet cannot tell how long ${formatPlacement(placement)} takes: give the choice its megaMacs and the precision ${Object.keys(END_MS_PER_MEGA_MAC).join(' or ')}`,
    )
  }
  const endMs = megaMacs * msPerMegaMac
  if (placement.tier === 'end') return endMs
  return (SHARED[placement.tier].serviceMs * endMs) / D0_END_MS
}

/** The same of the variant that a shared node's curve is of; 0 where it offers none. */
function nodeServiceMs(tier: SharedTier, choices: readonly Choice[]): number {
  const offered = choices.filter(({ placement }) => placement.tier === tier)
  return offered.length === 0 ? 0 : loneServiceMs(mostAccurate(offered))
}

/** How many times longer each of so many simultaneous requests takes on a shared node in this state; ≥ 1. */
function slowdown(tier: SharedTier, node: ResourceState, requests: number): number {
  const { perRequest, base } = SHARED[tier]
  const load = requests + REQUESTS_PER_LEVEL * node.processor
  return Math.max(1, perRequest * load + base) * memoryFactor(node)
}

function memoryFactor({ memory }: ResourceState): number {
  return memory === 0 ? 1 : BUSY_MEMORY_FACTOR
}
