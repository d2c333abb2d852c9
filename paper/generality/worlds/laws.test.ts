import { describe, expect, test } from 'vitest'
import { Random } from '../../../src/random.ts'
import { distinct } from '../../runs.ts'
import { CURVES, type CurveName } from './laws.ts'

const NAMES = Object.keys(CURVES).filter((name): name is CurveName => Object.hasOwn(CURVES, name))
const SEEDS = Array.from({ length: 20 }, (_, index) => 1 + index)
const CAPACITY = 4

/** Slow-downs of 1 to 20 users. */
function drawn(name: CurveName, seed: number): number[] {
  const slowdown = CURVES[name](new Random(seed), CAPACITY)
  return Array.from({ length: 20 }, (_, others) => slowdown(others + 1))
}

/** Whether it is so of every seed. */
function always(name: CurveName, holds: (curve: readonly number[]) => boolean): void {
  const failing = SEEDS.filter((seed) => !holds(drawn(name, seed)))
  expect(failing, name).toEqual([])
}

const steps = (curve: readonly number[]) =>
  curve.slice(1).map((slowdown, index) => slowdown - (curve[index] ?? 0))

test.each(NAMES)('%s: positive, finite, and of a seed always the same', (name) => {
  always(name, (curve) => curve.every((slowdown) => slowdown > 0 && Number.isFinite(slowdown)))
  expect(drawn(name, 7)).toEqual(drawn(name, 7))
  const different = distinct(SEEDS.map((seed) => JSON.stringify(drawn(name, seed))))
  expect(different.length > 1).toBe(name !== 'level')
})

test('one user alone is not slowed, but at a node that is cold', () => {
  for (const name of NAMES.filter((each) => each !== 'warm')) {
    always(name, ([alone = 0]) => Math.abs(alone - 1) < 1e-9)
  }
  always('warm', ([alone = 0]) => alone > 1.3)
})

describe('laws are of different kinds', () => {
  test('some never fall', () => {
    for (const name of ['waiting line', 'knee', 'quadratic', 'sigmoid', 'first come'] as const) {
      always(name, (curve) => steps(curve).every((step) => step >= -1e-9))
    }
  })

  test('others do', () => {
    always('warm', (curve) => (steps(curve)[0] ?? 0) < 0)
    always('jagged', (curve) => steps(curve).some((step) => step < 0))
  })

  test('some saturate, some grow faster and faster', () => {
    const last = (curve: readonly number[]) => steps(curve).at(-1) ?? Number.NaN
    always('sigmoid', (curve) => last(curve) < 0.05 * Math.max(...steps(curve)))
    always('logarithm', (curve) => last(curve) < (steps(curve)[0] ?? 0))
    always('quadratic', (curve) => last(curve) > (steps(curve)[0] ?? 0))
  })

  test('some have a step: a batch that is full, a memory that is', () => {
    const largest = (curve: readonly number[]) => Math.max(...steps(curve))
    const usual = (curve: readonly number[]) => steps(curve).toSorted((a, b) => a - b)[2] ?? 0
    for (const name of ['batches', 'paging'] as const) {
      always(name, (curve) => largest(curve) > usual(curve) + 0.5)
    }
  })
})
