import { expect, it } from 'vitest'
import { Random } from '../../random.ts'
import { allAvailable } from '../environment/availability.ts'
import type { Decision, Problem } from '../environment/environment.ts'
import { responseTimesOf } from '../planner/response-times.ts'
import { sampleProblem } from '../planner/sample-problems.fixture.ts'
import { FactoredAgent } from './factored.ts'
import { FACTORED } from './hyperparameters.ts'

const DEVICES = 6
const EDGES = 2
const GOAL_PERCENT = 85

interface Names {
  readonly variant: (name: string) => string
  readonly devices: readonly string[]
}

/** Names that others had, in the opposite order: whoever sorts by them, or knows one, decides otherwise. */
const RENAMED: Names = {
  variant: (name) => `d${7 - Number(name.slice(1))}`,
  devices: ['f', 'e', 'd', 'c', 'b', 'a'],
}
const ORIGINAL: Names = { variant: (name) => name, devices: ['a', 'b', 'c', 'd', 'e', 'f'] }

const WORLD = sampleProblem(
  { devices: DEVICES, edges: EDGES, goalPercent: GOAL_PERCENT, shape: 'heterogeneous' },
  new Random(1),
)

/** @param devices the first so many of the fleet */
function problemOf({ variant, devices: names }: Names, devices: number, isTold: boolean): Problem {
  const choices = WORLD.choices.map(({ placement, ...rest }, choice) => ({
    ...rest,
    placement: { ...placement, variant: variant(placement.variant) },
    megaMacs: 50 * (1 + (choice % 4)),
    precision: choice % 8 < 4 ? ('FP32' as const) : ('INT8' as const),
  }))
  const own = (device: number) => WORLD.ownTimesMs.slice(device * choices.length).slice(0, 8)
  // Every other device tells its own times.
  const localTimesMs = names.map((_, device) => (device % 2 === 0 ? [...own(device)] : undefined))
  return {
    devices,
    choices,
    stateSize: 3 * (devices + EDGES + 1),
    edgeOf: [...WORLD.edgeOf.slice(0, devices)],
    names: names.slice(0, devices),
    ...(isTold && { localTimesMs: localTimesMs.slice(0, devices) }),
  }
}

interface Round {
  readonly decision: Decision
  readonly greedy: Decision
  readonly expectedMs: number
}

/** Lives with a fleet that a device leaves and comes back to, an edge that slows, and a process that restarts. */
function live(names: Names, isTold: boolean): Round[] {
  const random = new Random(2)
  const options = { seed: 3, hyperparameters: FACTORED }
  const all = problemOf(names, DEVICES, isTold)
  const fewer = problemOf(names, DEVICES - 1, isTold)
  let problem = all
  let agent = new FactoredAgent(problem, options)
  return Array.from({ length: 80 }, (_, round) => {
    if (round === 20 || round === 40) {
      problem = round === 20 ? fewer : all
      agent.moveTo(problem)
    }
    if (round === 30) {
      const saved = structuredClone(agent.save())
      agent = new FactoredAgent(problem, options)
      agent.restore(saved)
    }
    const { devices, choices, stateSize } = problem
    const features = new Float32Array(stateSize)
    const state = { features, goalPercent: GOAL_PERCENT, available: allAvailable(problem) }
    const decision = agent.decide(state)
    const factor = round < 60 ? 1 : 4
    const edgeCurvesMs = WORLD.edgeCurvesMs.map((curve) => curve.map((ms) => factor * ms))
    const responses = responseTimesOf({ ...WORLD, devices, edgeCurvesMs }, decision)
    const responseTimesMs = [...responses].map((ms) => ms * Math.exp(0.08 * random.normal()))
    const accuracyPercent = decision.map((choice) => choices[choice]?.accuracyPercent ?? 0)
    agent.observe({
      state,
      decision,
      outcome: { state, responseTimesMs, accuracyPercent, cost: 0 },
    })
    const { decision: greedy, responseTimeMs: expectedMs } = agent.explain(state)
    return { decision, greedy, expectedMs }
  })
}

it.each([
  ['nothing of themselves', false],
  ['their own times', true],
])('decides the same whatever variants and devices are called, which told %s', (_, isTold) => {
  const rounds = live(ORIGINAL, isTold)
  // To the bit.
  expect(live(RENAMED, isTold)).toEqual(rounds)
  // It is no constant that is compared.
  expect(new Set(rounds.map(({ decision }) => decision.join())).size).toBeGreaterThan(10)
})
