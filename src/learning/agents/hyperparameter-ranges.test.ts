import { describe, expect, test } from 'vitest'
import { remedyFor } from './hyperparameter-ranges.ts'

/** Of those values, which may not be used. */
const refused = (path: string, values: readonly number[], current: unknown = 0.123) =>
  values.filter((value) => remedyFor(path, current, value) !== undefined)

describe('a hyperparameter takes what means something', () => {
  test.each([
    ['steps', [0, -1, 1.5, 10_000_001], [1, 10_000_000]],
    ['policy.batchSize', [0, 10_001, 0.5], [1, 10_000]],
    ['learningRate', [0, -0.1], [1e-9, 3]],
    ['exploration.epsilon', [-0.1, 1.1], [0, 1]],
    ['discount', [-0.1, 1], [0, 0.999]],
    ['doubt.exploreBelow', [0, 1.1], [0.1, 1]],
    ['planSessions', [-1, 0.5], [0, 10_000]],
    ['measuredOn', [-1, 1e9 + 1], [0, 1e9]],
    ['whatNobodyListed', [-0.1], [0, 1e12]],
  ])('%s: not %j, but %j', (path, bad, good) => {
    expect(refused(path, [...good, ...bad])).toEqual(bad)
  })

  test('by the last part of its path', () => {
    expect(refused('steps.discount', [1, 2])).toEqual([1, 2])
    expect(refused('discount.steps', [1, 2])).toEqual([])
  })

  test('never what is no number', () => {
    const none = [Number.NaN, Infinity, -Infinity]
    for (const path of ['steps', 'learningRate', 'epsilon', 'discount', 'whatNobodyListed']) {
      expect(refused(path, none)).toEqual(none)
    }
  })

  test('of yes and no 0 and 1 alone', () => {
    expect(refused('doubleTarget', [0, 1, 2, 0.5, -1], true)).toEqual([2, 0.5, -1])
    expect(remedyFor('doubleTarget', false, 2)).toBe('0 for no or 1 for yes')
    // Even where numbers of that name have another range.
    expect(refused('steps', [0, 1, 2], true)).toEqual([2])
  })

  test('what it has already may stay, whatever it is', () => {
    expect(remedyFor('discount', 1, 1)).toBeUndefined()
    expect(remedyFor('steps', Infinity, Infinity)).toBeUndefined()
  })
})

test.each([
  ['steps', 'a whole number from 1 to 10000000'],
  ['learningRate', 'a number above 0'],
  ['epsilon', 'a number from 0 to 1'],
  ['discount', 'a number from 0 to below 1'],
  ['above', 'a number above 0, at most 1'],
  ['whatNobodyListed', 'a number from 0'],
])('the remedy for %s is %s', (path, remedy) => {
  expect(remedyFor(path, 0.5, -1)).toBe(remedy)
})
