/** The paper's fleet under other names, as it was fitted to Table V and as it may just as well be. */
import { SCENARIOS, type Scenario } from '../../../src/fleet/scenarios.ts'
import type { Random } from '../../../src/random.ts'
import type { World, WorldTimes } from '../../../src/simulation/world.ts'
import { paperWorld } from '../../../src/simulation/worlds/paper-world.ts'
import { shuffled } from './draws.ts'

/** fitted: the best fit. drawn: within the standard errors of the fit, and with any sharing that Table V allows. */
type Fit = 'fitted' | 'drawn'
export type PaperFleetName = `${Fit} ${Scenario}`

export const PAPER_FLEETS: readonly PaperFleetName[] = (['fitted', 'drawn'] as const).flatMap(
  (fit) => SCENARIOS.map((scenario) => `${fit} ${scenario}` as const),
)

const USERS = 5

/** Standard errors of the least-squares fit to Table V, ms: a request alone at a node, and what a weak device adds. */
const ERRORS_MS = { edge: 31, cloud: 32, weakDevice: 14 } as const
/**
 * Table V's optima at Max ask that two requests at a node take each at least so much longer than one, ms; the fitted world's sharing is
 * today's assumption above it.
 */
const LEAST_SHARING_MS = { edge: 57, cloud: 45 } as const

export function isPaperFleet(name: string): name is PaperFleetName {
  return PAPER_FLEETS.some((known) => known === name)
}

/** Its variants have other names and stand in another order. */
export function paperFleet(name: PaperFleetName, random: Random): World {
  const scenario = SCENARIOS.find((each) => name.endsWith(each)) ?? 'A'
  const fitted = paperWorld({ devices: USERS, scenario })
  return renamed(name.startsWith('drawn') ? drawn(fitted, random) : fitted, random)
}

function drawn(world: World, random: Random): World {
  const errorMs = (deviation: number) => deviation * random.normal()
  const weakMs = errorMs(ERRORS_MS.weakDevice)
  const [edge, cloud] = (['edge', 'cloud'] as const).map((tier) => {
    return {
      loneMs: errorMs(ERRORS_MS[tier]),
      leastMs: LEAST_SHARING_MS[tier],
      share: random.uniform(),
    }
  })
  return {
    ...world,
    times(state) {
      const { own, curvesMs } = world.times(state)
      return {
        own: own.map((row, device) => {
          const addedMs = weakMs * (state.devices[device]?.bandwidth ?? 0)
          return row.map((time) => ({ ...time, linkMs: time.linkMs + addedMs }))
        }),
        curvesMs: curvesMs.map((curve, node) => {
          const drawnNode = node < curvesMs.length - 1 ? edge : cloud
          return drawnNode ? redrawn(curve, drawnNode) : curve
        }),
      }
    },
  }
}

/** The lone time moves, and the slope lies between the least there may be and today's. */
function redrawn(
  curve: Float64Array,
  { loneMs, leastMs, share }: { loneMs: number; leastMs: number; share: number },
): Float64Array {
  const [alone = 0, two = 0] = curve
  const least = leastMs / (two - alone)
  const slope = least + (1 - least) * share
  return curve.map((ms) => (alone + loneMs) * (1 + (slope * (ms - alone)) / alone))
}

function renamed(world: World, random: Random): World {
  const order = shuffled([...world.choices.keys()], random)
  const names = new Map<string, string>()
  for (const { placement } of world.choices) {
    if (!names.has(placement.variant)) names.set(placement.variant, `model-${names.size + 1}`)
  }
  const inOrder = <T>(values: readonly T[]) => order.flatMap((index) => values[index] ?? [])
  return {
    ...world,
    choices: inOrder(world.choices).map((choice) => {
      const { tier, variant } = choice.placement
      return { ...choice, placement: { tier, variant: names.get(variant) ?? variant } }
    }),
    times(state): WorldTimes {
      const { own, curvesMs } = world.times(state)
      return { own: own.map(inOrder), curvesMs }
    },
  }
}
