import { expect, it } from 'vitest'
import { Random } from '../../../random.ts'
import { type Allowed, NOT_ALLOWED, QTable, type QTableOptions } from './q-table.ts'

/** Ranks follow the order. */
function allowedOf(order: readonly number[], decisions: number): Allowed {
  const rank = new Uint32Array(decisions).fill(NOT_ALLOWED)
  for (const [place, action] of order.entries()) rank[action] = place
  return { order: Uint32Array.from(order), rank }
}

function tableOf(changes: Partial<QTableOptions> = {}): QTable {
  return new QTable({ initial: 0, learningRate: 1, learningRateExponent: 0.7, ...changes })
}

it('goes through what was never taken in the given order, while nothing is lower', () => {
  const table = tableOf()
  table.allow(allowedOf([2, 0, 3], 4))
  expect(table.best()).toBe(2)
  table.update(2, 50)
  expect(table.best()).toBe(0)
  table.update(0, 40)
  expect(table.lowest()).toBe(0)
  table.update(3, 60)
  expect(table.best()).toBe(0)
  expect(table.lowest()).toBe(40)
})

it('prefers what was taken when untaken decisions are assumed worse', () => {
  const table = tableOf({ initial: 100, learningRate: 0.9, learningRateExponent: 0 })
  table.allow(allowedOf([0, 1], 2))
  table.update(1, 50)
  expect(table.value(1)).toBeCloseTo(100 + 0.9 * (50 - 100), 12)
  expect(table.best()).toBe(1)
  table.update(1, 400)
  // 55 + 0.9 · 345 = 365.5, above what was never taken.
  expect(table.lowest()).toBe(100)
  expect(table.best()).toBe(0)
})

it('moves the n-th time by n^-0.7 of the error', () => {
  const table = tableOf()
  for (const target of [10, 20, 40]) table.update(7, target)
  const second = 10 + 2 ** -0.7 * (20 - 10)
  expect(table.value(7)).toBeCloseTo(second + 3 ** -0.7 * (40 - second), 12)
})

it('breaks ties among taken decisions by the order', () => {
  const table = tableOf()
  table.allow(allowedOf([3, 1, 2], 4))
  for (const action of [1, 2, 3]) table.update(action, 600)
  expect(table.best()).toBe(3)
})

it('forgets nothing when what is allowed changes', () => {
  const table = tableOf()
  const all = allowedOf([0, 1, 2, 3], 4)
  table.allow(all)
  for (const action of [0, 1, 2, 3]) table.update(action, 10 + action)
  table.allow(allowedOf([2, 3], 4))
  expect(table.best()).toBe(2)
  // One that is not allowed now is learned all the same.
  table.update(1, 0)
  expect(table.best()).toBe(2)
  table.allow(all)
  expect(table.best()).toBe(1)
})

/** argmin by a scan; the first in the order among equals, the untried ones before the tried. */
function naiveBest(order: readonly number[], values: ReadonlyMap<number, number>): number {
  const lowest = Math.min(...order.map((action) => values.get(action) ?? 0))
  const equal = order.filter((action) => (values.get(action) ?? 0) === lowest)
  return equal.find((action) => !values.has(action)) ?? equal[0]
}

it('agrees with a scan of everything, also after it was saved and restored (fuzz)', () => {
  for (let seed = 1; seed <= 60; seed++) {
    const random = new Random(seed)
    const decisions = 1 + random.integer(40)
    const orders = Array.from({ length: 3 }, () => {
      const some = Array.from({ length: decisions }, (_, action) => action)
        .filter(() => random.uniform() < 0.7)
        .toSorted(() => random.uniform() - 0.5)
      return some.length > 0 ? some : [0]
    })
    const allowed = orders.map((order) => allowedOf(order, decisions))
    const values = new Map<number, number>()
    // A learning rate of 1 makes the value the last target; few targets, so that many tie, some below 0.
    let table = tableOf({ learningRateExponent: 0 })
    for (let step = 0; step < 120; step++) {
      const turn = random.integer(3)
      table.allow(allowed[turn])
      const action = random.integer(decisions)
      const target = random.integer(7) - 2
      table.update(action, target)
      values.set(action, target)
      expect(table.best()).toBe(naiveBest(orders[turn], values))
      if (random.uniform() < 0.05) {
        const restored = tableOf({ learningRateExponent: 0 })
        restored.restore(structuredClone(table.save()))
        restored.allow(allowed[turn])
        expect(restored.best()).toBe(table.best())
        table = restored
      }
    }
  }
})
