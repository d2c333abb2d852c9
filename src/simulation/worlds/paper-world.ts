/** The fleet of the HL paper, section III, as fitted to its Table V (`calibration.ts`). */
import { ConfigError } from '../../errors.ts'
import { type Choice, mostAccurate } from '../../fleet/choice.ts'
import { formatPlacement, type Tier } from '../../fleet/placement.ts'
import { type Scenario, scenarioState } from '../../fleet/scenarios.ts'
import { dealtEdges, type ResourceState } from '../../fleet/state.ts'
import { nodeOf, perChoice, type World } from '../world.ts'
import {
  BUSY_MEMORY_FACTOR,
  BUSY_PROCESSOR_FACTOR,
  DEFAULT_CHOICES,
  END_MS_PER_MEGA_MAC,
  OVERHEAD_MS,
  REQUESTS_PER_LEVEL,
  SHARED,
  WEAK_CLOUD_MS,
  WEAK_DEVICE_MS,
  WEAK_DEVICE_OFFLOAD_MS,
  WEAK_EDGE_MS,
} from './calibration.ts'

/**
 * How a device comes to its decision. consulted: every request asks edge and cloud, as in the paper. pushed: the device has it.
 *
 * Table V measures the first, and what a weak link costs a request that its own device serves can only be the asking, since
 * nothing else of such a request leaves the device: 77 ms are about four outgoing packets of 20 ms. So a pushed decision saves it;
 * what a forwarded request costs beyond it stays. The edge's 6 ms are saved by requests that the device serves; others
 * still cross the edge. Without weak links nothing is saved: what asking costs there is part of the overhead, and not known.
 */
export type Delivery = 'consulted' | 'pushed'

type SharedTier = Exclude<Tier, 'end'>

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
  const nodeMs = { edge: nodeServiceMs('edge', choices), cloud: nodeServiceMs('cloud', choices) }
  /** At `end` all that an idle device computes, at a shared node what is longer than the node's own. Shape [choices]. */
  const workMs = choices.map((choice) => {
    const { tier } = choice.placement
    return tier === 'end' ? endComputeMs(choice) : sharedServiceMs(tier, choice) - nodeMs[tier]
  })
  const world: World = {
    choices,
    edgeOf: dealtEdges(devices, edges),
    start: scenarioState(scenario, devices, edges),
    times: (state) => {
      const nodes = [...state.devices, ...state.edges, state.cloud]
      return {
        computeMs: perChoice(world, (device, choice) => {
          const node = nodes[nodeOf(world, device, choice)]
          const { tier } = choices[choice].placement
          if (tier !== 'end') return workMs[choice] * slowdown(tier, node, 1)
          return workMs[choice] * processorFactor(node) * memoryFactor(node)
        }),
        linkMs: perChoice(world, (device, choice) => {
          const { tier } = choices[choice].placement
          const edge = state.edges[world.edgeOf[device]]
          return OVERHEAD_MS + weakLinksMs(state.devices[device], edge, state.cloud, tier, delivery)
        }),
        curvesMs: nodes.slice(devices).map((node, index) => {
          const tier = index < edges ? 'edge' : 'cloud'
          const users = Float64Array.from({ length: devices }, (_, others) => others + 1)
          return users.map((requests) => nodeMs[tier] * slowdown(tier, node, requests))
        }),
      }
    },
  }
  return world
}

/** What the links add to a request that this tier serves. */
function weakLinksMs(
  device: ResourceState,
  edge: ResourceState,
  cloud: ResourceState,
  tier: Tier,
  delivery: Delivery,
): number {
  const isAsked = delivery === 'consulted'
  const leaves = tier !== 'end'
  const deviceMs = (isAsked ? WEAK_DEVICE_MS : 0) + (leaves ? WEAK_DEVICE_OFFLOAD_MS : 0)
  const edgeMs = isAsked || leaves ? WEAK_EDGE_MS : 0
  const cloudMs = tier === 'cloud' ? WEAK_CLOUD_MS : 0
  return device.bandwidth * deviceMs + edge.bandwidth * edgeMs + cloud.bandwidth * cloudMs
}

/** Time in which an idle device computes one inference. */
function endComputeMs({ placement, megaMacs, precision }: Choice): number {
  const msPerMegaMac = precision && END_MS_PER_MEGA_MAC[precision]
  if (megaMacs !== undefined && msPerMegaMac !== undefined) return megaMacs * msPerMegaMac
  throw new ConfigError(
    `the paper's fleet cannot tell how long ${formatPlacement(placement)} takes: give the choice its megaMacs and the precision ${Object.keys(END_MS_PER_MEGA_MAC).join(' or ')}`,
  )
}

/** Time in which an edge or the cloud serves one lone request when nothing else loads it. */
function sharedServiceMs(tier: SharedTier, choice: Choice): number {
  const reference = mostAccurate(DEFAULT_CHOICES)
  return (SHARED[tier].serviceMs * endComputeMs(choice)) / endComputeMs(reference)
}

/** The same for the variant that the node's curve is of; 0 where it offers none. */
function nodeServiceMs(tier: SharedTier, choices: readonly Choice[]): number {
  const offered = choices.filter(({ placement }) => placement.tier === tier)
  return offered.length === 0 ? 0 : sharedServiceMs(tier, mostAccurate(offered))
}

/** How many times longer each of so many simultaneous requests takes on a shared node in this state; ≥ 1. */
function slowdown(tier: SharedTier, node: ResourceState, requests: number): number {
  const { perRequest, base } = SHARED[tier]
  const load = requests + REQUESTS_PER_LEVEL * node.processor
  return Math.max(1, perRequest * load + base) * memoryFactor(node)
}

/** Of a device; a level of background load weighs on a shared node like requests. */
function processorFactor({ processor }: ResourceState): number {
  return processor === 0 ? 1 : BUSY_PROCESSOR_FACTOR
}

function memoryFactor({ memory }: ResourceState): number {
  return memory === 0 ? 1 : BUSY_MEMORY_FACTOR
}
