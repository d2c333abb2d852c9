import { expect, it } from 'vitest'
import { scaledCost, scaleOf } from './cost-scale.ts'

const SCALING = { scaledMean: 8, scaledLimit: 24 }

it('scales the mean of the first costs to the given mean', () => {
  const scaleMs = scaleOf([100, 300, 200], SCALING)
  expect(scaleMs).toBe(25)
  expect(scaledCost(200, scaleMs, SCALING)).toBe(8)
})

it('limits a scaled cost', () => {
  expect(scaledCost(600, 25, SCALING)).toBe(24)
  expect(scaledCost(601, 25, SCALING)).toBe(24)
  expect(scaledCost(Infinity, 25, SCALING)).toBe(24)
})

it('leaves costs of zero unscaled', () => {
  expect(scaleOf([0, 0], SCALING)).toBe(1)
})
