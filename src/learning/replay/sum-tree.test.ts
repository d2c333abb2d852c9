import { expect, it } from 'vitest'
import { Random } from '../../random.ts'
import { SumTree } from './sum-tree.ts'

it('finds the share that contains a mass, by hand', () => {
  const tree = new SumTree(3)
  for (const [index, weight] of [2, 0, 3].entries()) tree.set(index, weight)
  expect(tree.total).toBe(5)
  expect([0, 1.99, 2, 4.99].map((mass) => tree.find(mass))).toEqual([0, 0, 2, 2])
})

it('never returns an empty share, even at the very end of the total', () => {
  const tree = new SumTree(8)
  tree.set(2, 0.1)
  tree.set(5, 0.2)
  expect(tree.find(tree.total)).toBe(5)
  expect(tree.find(0)).toBe(2)
  expect(tree.find(0.1)).toBe(5)
})

it('holds a single share', () => {
  const tree = new SumTree(1)
  tree.set(0, 4)
  expect(tree.find(3.9)).toBe(0)
})

it.each([1, 2, 7, 64, 100])('agrees with a linear scan over %i shares (fuzz)', (capacity) => {
  const random = new Random(capacity)
  const tree = new SumTree(capacity)
  const weights = new Array<number>(capacity).fill(0)
  for (let round = 0; round < 2000; round++) {
    // Multiples of 1/8 are exact in binary, so both sums are equal without tolerance.
    const index = random.integer(capacity)
    const weight = random.integer(4) === 0 ? 0 : random.integer(100) / 8
    tree.set(index, weight)
    weights[index] = weight
    expect(tree.get(index)).toBe(weight)
    const total = weights.reduce((sum, value) => sum + value, 0)
    expect(tree.total).toBe(total)
    if (total === 0) continue
    const mass = random.uniform() * total
    let sum = 0
    const expected = weights.findIndex((value) => {
      sum += value
      return sum > mass
    })
    expect(tree.find(mass)).toBe(expected)
  }
})
