import { expect, it } from 'vitest'
import { Random } from '../../../random.ts'
import type { Problem, State } from '../../environment/environment.ts'
import { referenceEngine } from '../../nn/reference-engine.ts'
import { HYBRID } from '../hyperparameters.ts'
import { ValueLearner } from './value-learner.ts'

const PROBLEM: Problem = {
  devices: 1,
  stateSize: 0,
  choices: [0, 1].map((index) => ({
    placement: { tier: 'end', variant: `d${index}` },
    accuracyPercent: 80,
  })),
}

const STATE: State = { features: new Float32Array(0), goalPercent: 0, available: [[true, true]] }

/** Has seen one round of each choice: 100 and 300 ms. */
function learnerOf(seed: number): ValueLearner {
  const learner = new ValueLearner(PROBLEM, referenceEngine, HYBRID, new Random(seed))
  for (const [choice, cost] of [100, 300].entries()) {
    const outcome = { state: STATE, responseTimesMs: [cost], accuracyPercent: [80], cost }
    learner.add({ state: STATE, decision: [choice], outcome })
  }
  return learner
}

/** What it predicts, in ms. */
function predictionsMs(learner: ValueLearner): number[] {
  return Array.from(learner.costs(STATE.features), (cost) => cost * learner.msPerUnit)
}

it('scales the first costs to the mean that the network starts from, once', () => {
  const learner = learnerOf(1)
  learner.calibrate()
  expect(learner.msPerUnit).toBe(200 / HYBRID.scaledMean)
  const outcome = { state: STATE, responseTimesMs: [900], accuracyPercent: [80], cost: 900 }
  learner.add({ state: STATE, decision: [0], outcome })
  learner.calibrate()
  expect(learner.msPerUnit).toBe(200 / HYBRID.scaledMean)
})

it('has no scale before the first cost', () => {
  const learner = new ValueLearner(PROBLEM, referenceEngine, HYBRID, new Random(1))
  expect(learner.calibrate()).toBe(false)
  expect(learner.msPerUnit).toBe(0)
  expect(learnerOf(1).calibrate()).toBe(true)
})

it('learns the costs it has seen', () => {
  const learner = learnerOf(2)
  learner.calibrate()
  learner.train(300, new Random(3))
  const [first = NaN, second = NaN] = predictionsMs(learner)
  expect(Math.abs(first - 100)).toBeLessThan(5)
  expect(Math.abs(second - 300)).toBeLessThan(5)
  expect(learner.updateCount).toBe(300)
})

it('learns what the caller makes of an experience, and leaves the experience as it was', () => {
  const learner = learnerOf(4)
  learner.calibrate()
  learner.train(300, new Random(5), ({ cost }) => 400 - cost)
  const [first = NaN, second = NaN] = predictionsMs(learner)
  expect(Math.abs(first - 300)).toBeLessThan(5)
  expect(Math.abs(second - 100)).toBeLessThan(5)
  expect(learner.save().direct.experiences.map(({ cost }) => cost)).toEqual([100, 300])
})

it('continues after restore', () => {
  const learner = learnerOf(6)
  learner.calibrate()
  learner.train(20, new Random(7))
  const restored = new ValueLearner(PROBLEM, referenceEngine, HYBRID, new Random(8))
  restored.restore(structuredClone(learner.save()))
  for (const each of [learner, restored]) each.train(20, new Random(9))
  expect(restored.save()).toEqual(learner.save())
  expect(restored.network()).toEqual(learner.network())
  expect(predictionsMs(restored)).toEqual(predictionsMs(learner))
})
