import { expect, it } from 'vitest'
import { openConstraint, problemOf, suggestionOf, viewOf } from './planning.fixture.ts'
import { PredictedPlanning } from './predicted.ts'

const problem = problemOf(1, 4)
const state = { features: Float32Array.of(0), goalPercent: 0, available: [] }
/** Shape [choices]. */
const system = viewOf(problem, [400, 100, 300, 200])

it('suggests the K best by System, best first, and none of them as promising', () => {
  const planning = new PredictedPlanning(problem, openConstraint(problem), 3)
  expect(planning.suggest(state, system)).toEqual(
    [[1], [3], [2]].map((decision) => ({ decision, isPromising: false })),
  )
})

it('suggests only what the goal allows, and no more than there is', () => {
  const constraint = { ...openConstraint(problem), allowed: () => Uint32Array.of(0, 2) }
  const planning = new PredictedPlanning(problem, constraint, 8)
  expect(planning.suggest(state, system).map(({ decision }) => decision)).toEqual([[2], [0]])
})

it('predicts what D_plan does not have and refreshes what it has, whatever is believed', () => {
  const planning = new PredictedPlanning(problem, openConstraint(problem), 3)
  const planned = {
    features: state.features,
    decision: [1],
    cost: 100,
    nextFeatures: state.features,
  }
  const suggestion = suggestionOf([1])
  expect(planning.judge(suggestion, system, undefined)).toBe('predict')
  expect(planning.judge(suggestion, system, planned)).toBe('refresh')
  expect(planning.judge(suggestion, system, { ...planned, predicted: true })).toBe('refresh')
})

it('knows a decision by itself, in any state', () => {
  const planning = new PredictedPlanning(problem, openConstraint(problem), 3)
  expect(planning.key([1, 2])).toBe('1,2')
  expect(planning.key([12])).not.toBe(planning.key([1, 2]))
})
