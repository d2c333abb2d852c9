import { expect, it } from 'vitest'
import { ExplorationBudget } from './exploration-budget.ts'

it('spends what it has earned, by hand', () => {
  const budget = new ExplorationBudget(0.05)
  expect(budget.spend(1)).toBe(false)
  budget.earn(200)
  budget.earn(100)
  expect(budget.savedMs).toBe(15)
  expect(budget.spend(16)).toBe(false)
  expect(budget.spend(10)).toBe(true)
  expect(budget.savedMs).toBe(5)
})

it('lets pass what costs nothing, and nothing whose cost is unknown', () => {
  const budget = new ExplorationBudget(0)
  budget.earn(100)
  expect(budget.spend(-3)).toBe(true)
  expect(budget.savedMs).toBe(0)
  for (const extraMs of [Number.NaN, Number.POSITIVE_INFINITY, 1e-9]) {
    expect(budget.spend(extraMs)).toBe(false)
  }
})

it('saves up no more than a hundred steps earn', () => {
  const budget = new ExplorationBudget(0.1)
  for (let step = 0; step < 500; step++) budget.earn(50)
  expect(budget.savedMs).toBeCloseTo(500, 9)
})

it('takes another share at any time, and keeps no more than that earns', () => {
  const budget = new ExplorationBudget(0.1)
  for (let step = 0; step < 100; step++) budget.earn(50)
  budget.share = 0.01
  budget.earn(50)
  expect(budget.savedMs).toBeCloseTo(50, 9)
})

it('is bounded unless told otherwise', () => {
  expect(new ExplorationBudget(0.1).isBounded).toBe(true)
  expect(new ExplorationBudget(Number.POSITIVE_INFINITY).isBounded).toBe(false)
})
