/** What decisions are worth in traffic that goes on for long: the measure of agents that decide within it. */
import { accuraciesOf, meetsGoal } from '../../fleet/goal.ts'
import type { Decision } from '../../learning/environment/environment.ts'
import { plan } from '../../learning/planner/plan.ts'
import type { World } from '../worlds/heterogeneous-world.ts'
import { WorldEnvironment } from '../worlds/world-environment.ts'
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
  const environment = new WorldEnvironment(world, options)
  const problem = environment.planningProblem()
  const curves = world.curvesMs.map((_, node) => stationaryCurve(world, options, node))
  const stationary = {
    ...problem,
    edgeCurvesMs: curves.slice(0, -1),
    cloudCurveMs: curves.at(-1) ?? new Float64Array(0),
  }
  return plan(stationary).decision
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
  const { choices } = new WorldEnvironment(world, options).problem
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

/** Shape [devices of the node]. */
function stationaryCurve(world: World, options: TrafficOptions, node: number): Float64Array {
  const environment = new WorldEnvironment(world, options)
  const { choices } = environment.problem
  const { ownTimesMs } = environment.planningProblem()
  const isCloud = node === world.edges
  const tier = isCloud ? 'cloud' : 'edge'
  const [there = 0, local = 0] = [tier, 'end'].map((each) =>
    choices.findIndex(({ placement }) => placement.tier === each),
  )
  const devices = world.edgeOf.flatMap((edge, device) => (isCloud || edge === node ? [device] : []))
  return Float64Array.from(devices, (_, index) => {
    const users = devices.slice(0, index + 1)
    const decision = world.edgeOf.map((_, device) => (users.includes(device) ? there : local))
    const times = stationaryTimesMs(world, options, decision)
    return mean(
      users.map(
        (device) => (times[device] ?? 0) - (ownTimesMs[device * choices.length + there] ?? 0),
      ),
    )
  })
}

function mean(values: readonly number[]): number {
  return values.reduce((sum, value) => sum + value, 0) / values.length
}
