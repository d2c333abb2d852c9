/** What decisions are worth in traffic that goes on for long: the measure of agents that decide within it. */
import { mostAccurate, safeChoice } from '../../fleet/choice.ts'
import { accuraciesOf, meetsGoal } from '../../fleet/goal.ts'
import type { Decision } from '../../learning/environment/environment.ts'
import { plan } from '../../learning/planner/plan.ts'
import { SimulatedEnvironment } from '../simulated-environment.ts'
import type { World } from '../world.ts'
import { Traffic, type TrafficOptions } from './traffic.ts'

/** Simulated time of one judgement, and how much of its beginning does not count. */
const LONG_MS = 300_000
const WARM_UP_MS = 10_000
/** Pauses are the same for every decision, so that decisions differ by themselves. */
const SEED = 1
/** Rounds of changes of single devices. */
const MOST_IMPROVEMENTS = 10

/** Average response time of each device, without noise, under one decision for long. Shape [devices]. */
export function stationaryTimesMs(
  world: World,
  { goalPercent, pausesMs }: TrafficOptions,
  decision: Decision,
): number[] {
  const traffic = new Traffic(world, { goalPercent, pausesMs, noise: 0 }, decision, SEED)
  traffic.advance(WARM_UP_MS)
  const answers = traffic.advance(LONG_MS)
  return decision.map((_, device) =>
    mean(answers.flatMap((answer) => (answer.device === device ? [answer.responseTimeMs] : []))),
  )
}

/** Average over the devices of the above. */
export function stationaryMs(world: World, options: TrafficOptions, decision: Decision): number {
  return mean(stationaryTimesMs(world, options, decision))
}

/** The plan on curves that traffic has: the response time of a node that is used by so many devices, which are seldom there together. */
export function planForTraffic(world: World, options: TrafficOptions): Decision {
  const problem = new SimulatedEnvironment({ ...options, world }).planningProblem()
  const edgeCurvesMs = world.start.edges.map((_, edge) => {
    const devices = world.edgeOf.flatMap((each, device) => (each === edge ? [device] : []))
    return stationaryCurve(world, options, 'edge', devices)
  })
  const cloudCurveMs = stationaryCurve(world, options, 'cloud', [...world.edgeOf.keys()])
  return plan({ ...problem, edgeCurvesMs, cloudCurveMs }).decision
}

/** The best decision that is found from these by changing one device after another. Not every decision is tried. */
export function improved(
  world: World,
  options: TrafficOptions,
  decisions: readonly Decision[],
): { readonly decision: Decision; readonly responseTimeMs: number } {
  const known = new Map<string, number>()
  const judged = (decision: Decision) => {
    const key = decision.join()
    const value = known.get(key) ?? stationaryMs(world, options, decision)
    known.set(key, value)
    return value
  }
  const { choices } = world
  const keepsGoal = (decision: Decision) =>
    meetsGoal(accuraciesOf(decision, choices), options.goalPercent)
  const bestOf = (tried: readonly Decision[]) =>
    tried.reduce((best, decision) => (judged(decision) < judged(best) ? decision : best))
  let best = bestOf(decisions)
  for (let round = 0; round < MOST_IMPROVEMENTS; round++) {
    const changed = best.flatMap((_, device) =>
      choices.map((_, choice) => best.with(device, choice)),
    )
    const next = bestOf([best, ...changed.filter(keepsGoal)])
    if (next === best) break
    best = next
  }
  return { decision: best, responseTimeMs: judged(best) }
}

/** Response time of a shared node by number of users, of these devices in turn; the others serve themselves. Shape [devices]. */
function stationaryCurve(
  world: World,
  options: TrafficOptions,
  tier: 'edge' | 'cloud',
  devices: readonly number[],
): Float64Array {
  const { choices, edgeOf } = world
  const offered = choices.filter(({ placement }) => placement.tier === tier)
  if (offered.length === 0) return new Float64Array(0)
  const there = choices.indexOf(mostAccurate(offered))
  const local = safeChoice(choices)
  const { own } = world.times(world.start)
  return Float64Array.from(devices, (_, index) => {
    const users = devices.slice(0, index + 1)
    const decision = edgeOf.map((_, device) => (users.includes(device) ? there : local))
    const times = stationaryTimesMs(world, options, decision)
    return mean(users.map((device) => times[device] - own[device][there].linkMs))
  })
}

function mean(values: readonly number[]): number {
  return values.reduce((sum, value) => sum + value, 0) / values.length
}
