/** A burst at one of two edges: requests there are refused or late, and take their wait and what they fall back to. */
import { describe, expect, it } from 'vitest'
import { accuraciesOf, meetsGoal } from '../../fleet/goal.ts'
import { SimulatedEnvironment } from '../../simulation/simulated-environment.ts'
import { tabulatedWorld } from '../../simulation/worlds/heterogeneous-world.ts'
import type { Decision, State } from '../environment/environment.ts'
import { createAgent } from './create.ts'

const DEVICES = 4
/** Of devices 0 and 2. */
const BURSTING = 0
const EDGE = 8
const link = { isWeak: false, edgeMs: 0, cloudMs: 20, weakLocalMs: 0, weakMs: 0 }
const rising = (ms: number, share: number) =>
  Float64Array.from({ length: DEVICES }, (_, others) => ms * (1 + share * others))
const world = tabulatedWorld({
  edgeOf: [0, 1, 0, 1],
  classOf: [0, 0, 0, 0],
  localMs: Array.from({ length: DEVICES }, () => [600, 500, 400, 300, 550, 450, 350, 250]),
  links: Array.from({ length: DEVICES }, () => link),
  curvesMs: [rising(80, 0.3), rising(80, 0.3), rising(200, 0.1)],
})

/** @param tells whether the edge's telemetry says that it sheds load */
function fleetOf(goalPercent: number, seed: number, tells: boolean) {
  const environment = new SimulatedEnvironment({ world, goalPercent, seed, noise: 0.1 })
  const agent = createAgent('factored', environment.problem, { seed })
  let sheds = false
  const told = (state: State) => (tells ? { ...state, shedding: [sheds, false, false] } : state)
  let state = told(environment.reset(seed))
  return {
    /** @param factor by which wait and fallback take longer than an answer did; 1: the burst is over */
    burst: (factor: number) => {
      sheds = factor > 1
      environment.setFactor(DEVICES + BURSTING, factor)
      state = told(state)
    },
    rounds: (count: number): Decision[] =>
      Array.from({ length: count }, () => {
        const decision = agent.decide(state)
        const outcome = environment.step(decision)
        agent.observe({ state, decision, outcome })
        state = told(outcome.state)
        return decision
      }),
  }
}

/** How many of an edge's two devices each decision leaves there. */
const staying = (decisions: readonly Decision[], edge: number) =>
  decisions.map((decision) => [edge, edge + 2].filter((device) => decision[device] === EDGE).length)
const sum = (counts: readonly number[]) => counts.reduce((total, count) => total + count, 0)
const SEEDS = [1, 2, 3]

describe.each(SEEDS)('seed %i', (seed) => {
  it('moves the devices of the edge that sheds within three rounds, no others, and back afterwards', () => {
    const fleet = fleetOf(89.9, seed, true)
    expect(sum(staying(fleet.rounds(60).slice(-10), 0))).toBeGreaterThanOrEqual(18)
    fleet.burst(10)
    const [atOnce, during] = [fleet.rounds(3), fleet.rounds(30)]
    expect(staying([...atOnce, ...during], 0).indexOf(0)).toBeLessThanOrEqual(3)
    expect(sum(staying(during, 0))).toBeLessThanOrEqual(4)
    expect(sum(staying([...atOnce, ...during], 1))).toBeGreaterThanOrEqual(60)
    fleet.burst(1)
    expect(sum(staying(fleet.rounds(30).slice(-10), 0))).toBeGreaterThanOrEqual(16)
  })

  it('moves them by response times alone too, a few rounds later', () => {
    const fleet = fleetOf(89.9, seed, false)
    fleet.rounds(60)
    fleet.burst(10)
    const during = fleet.rounds(30)
    expect(staying(during, 0).indexOf(0)).toBeLessThanOrEqual(7)
    expect(sum(staying(during.slice(7), 0))).toBeLessThanOrEqual(4)
  })

  it('keeps the goal all the while', () => {
    const fleet = fleetOf(85, seed, true)
    const decisions = [10, 1, 30, 1].flatMap((factor) => {
      fleet.burst(factor)
      return fleet.rounds(25)
    })
    for (const decision of decisions)
      expect(meetsGoal(accuraciesOf(decision, world.choices), 85)).toBe(true)
  })
})
