import { describe, expect, test } from 'vitest'
import type { Decision, State, Transition } from '../learning/environment/environment.ts'
import { SimulatedEnvironment } from '../simulation/simulated-environment.ts'
import type { Wander } from '../simulation/wander.ts'
import { scorePredictions } from './prediction-scores.ts'

const simulated = (wander?: Wander, goalPercent = 0, seed = 1) =>
  new SimulatedEnvironment({
    devices: 1,
    scenario: 'B',
    goalPercent,
    seed,
    ...(wander && { wander }),
  })

/** One step of each of these choices. */
function trained(environment: SimulatedEnvironment, choices: readonly number[]): Transition[] {
  return choices.map((choice) => {
    const state = environment.currentState()
    return { state, decision: [choice], outcome: environment.step([choice]) }
  })
}

/** An agent that predicts so. */
const predicting = (
  costOf: (decision: Decision) => number,
  nextOf: (features: Float32Array) => Float32Array,
) => ({
  imagine: (decision: Decision, { features }: State) => ({
    features,
    decision,
    cost: costOf(decision),
    nextFeatures: nextOf(features),
    predicted: true as const,
  }),
})

const same = (features: Float32Array) => features

describe('response times, in a state that stays', () => {
  const environment = simulated()
  const exact = (decision: Decision) => environment.expectedResponseTimeMs(decision)

  test('an exact model has no error, one that is 10 % too slow has 10 %', () => {
    const transitions = trained(simulated(), [0])
    const right = scorePredictions(predicting(exact, same), transitions, simulated())
    expect(right.responseTimeErrorPercent).toBeCloseTo(0, 9)
    const slow = predicting((decision) => 1.1 * exact(decision), same)
    const wrong = scorePredictions(slow, transitions, simulated())
    expect(wrong.responseTimeErrorPercent).toBeCloseTo(10, 9)
    expect(wrong.unseenResponseTimeErrorPercent).toBeCloseTo(10, 9)
  })

  test('one measured round is wrong by its noise: 4 % · √(2 / π) on average', () => {
    const scores = scorePredictions(predicting(exact, same), trained(simulated(), [0]), simulated())
    expect(scores.measuredResponseTimeErrorPercent).toBeGreaterThan(2.9)
    expect(scores.measuredResponseTimeErrorPercent).toBeLessThan(3.5)
  })

  test('pairs that were trained on are not unseen, and errors on unseen ones are told apart', () => {
    // Right where it was trained, half as slow again where not.
    const half = predicting(([choice = 0]) => (choice < 5 ? 1 : 1.5) * exact([choice]), same)
    const scores = scorePredictions(half, trained(simulated(), [0, 1, 2, 3, 4]), simulated())
    expect(scores.transitions).toBe(1000)
    expect(scores.unseenPairs).toBeGreaterThan(400)
    expect(scores.unseenPairs).toBeLessThan(600)
    expect(scores.unseenResponseTimeErrorPercent).toBeCloseTo(50, 9)
    expect(scores.responseTimeErrorPercent).toBeCloseTo((50 * scores.unseenPairs) / 1000, 9)
  })

  test('no decision breaks the goal', () => {
    const seen = new Set<number>()
    const noting = predicting(([choice = 0]) => {
      seen.add(choice)
      return 1
    }, same)
    scorePredictions(noting, trained(simulated(), [0]), simulated(undefined, 89))
    // Of at least 89 %: d0 on the device, the edge and the cloud.
    expect([...seen].toSorted()).toEqual([0, 8, 9])
  })
})

describe('next states', () => {
  test('of a state that stays, persistence and a model that says so know everything', () => {
    const agent = predicting(() => 1, same)
    const scores = scorePredictions(agent, trained(simulated(), [0, 1]), simulated())
    expect(scores.nextStateCrossEntropy).toBeLessThan(1e-5)
    expect(scores.persistenceCrossEntropy).toBeLessThan(1e-5)
    expect(scores.nextStateAccuracyPercent).toBe(100)
    expect(scores.persistenceAccuracyPercent).toBe(100)
  })

  test('a model that never commits itself has ln 2 and nothing right', () => {
    const agent = predicting(
      () => 1,
      (features) => features.map(() => 0.5),
    )
    const scores = scorePredictions(agent, trained(simulated(), [0]), simulated())
    expect(scores.nextStateCrossEntropy).toBeCloseTo(Math.LN2, 9)
    expect(scores.nextStateAccuracyPercent).toBe(0)
  })

  test('where every link flips, persistence learns that it does; staying has 6 of 9 components right', () => {
    const flipping = { linkFlip: 1, levelMove: 0, busyFlip: 0 }
    const agent = predicting(() => 1, same)
    const scores = scorePredictions(
      agent,
      trained(simulated(flipping), [0, 0]),
      simulated(flipping),
    )
    expect(scores.persistenceCrossEntropy).toBeLessThan(1e-5)
    expect(scores.persistenceAccuracyPercent).toBe(100)
    expect(scores.nextStateAccuracyPercent).toBeCloseTo((100 * 6) / 9, 9)
  })

  test('a level must be predicted within half a step', () => {
    const moving = { linkFlip: 0, levelMove: 1, busyFlip: 0 }
    const off = (share: number) =>
      predicting(
        () => 1,
        (features) => features.map((value) => value + share),
      )
    const near = scorePredictions(off(0.06), trained(simulated(), [0]), simulated())
    const far = scorePredictions(off(0.07), trained(simulated(), [0]), simulated())
    expect(near.nextStateAccuracyPercent).toBe(100)
    // The edge's and the cloud's level are missed, 2 of 9 components.
    expect(far.nextStateAccuracyPercent).toBeCloseTo((100 * 7) / 9, 9)
    // A level that moves every round is never where it was, but for the ends.
    const moved = scorePredictions(off(0), trained(simulated(), [0]), simulated(moving))
    expect(moved.nextStateAccuracyPercent).toBeLessThan(85)
  })
})
