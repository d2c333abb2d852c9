import { mean, standardDeviation } from 'simple-statistics'
import { describe, expect, test } from 'vitest'
import { Random } from './random.ts'

const draws = (random: Random, count: number) =>
  Array.from({ length: count }, () => random.uniform())

describe('Random', () => {
  test('the same seed gives the same stream, another seed another', () => {
    expect(draws(new Random(7), 5)).toEqual(draws(new Random(7), 5))
    expect(draws(new Random(7), 5)).not.toEqual(draws(new Random(8), 5))
  })

  test('a restored stream continues where the saved one stood', () => {
    const random = new Random(7)
    draws(random, 3)
    const saved = random.save()
    const rest = draws(random, 4)
    const other = new Random(0)
    other.restore(saved)
    expect(draws(other, 4)).toEqual(rest)
  })

  test('forks are fixed by state and label, and differ by label', () => {
    expect(draws(new Random(7).fork('a'), 3)).toEqual(draws(new Random(7).fork('a'), 3))
    expect(draws(new Random(7).fork('a'), 3)).not.toEqual(draws(new Random(7).fork('b'), 3))
  })

  test('uniform draws lie in [0, 1) and are even: mean 1/2, standard deviation 1/√12', () => {
    const sample = draws(new Random(1), 100_000)
    expect(Math.min(...sample.slice(0, 1000))).toBeGreaterThanOrEqual(0)
    expect(Math.max(...sample.slice(0, 1000))).toBeLessThan(1)
    expect(mean(sample)).toBeCloseTo(0.5, 2)
    expect(standardDeviation(sample)).toBeCloseTo(1 / Math.sqrt(12), 2)
  })

  test('normal draws have mean 0 and standard deviation 1', () => {
    const random = new Random(2)
    const sample = Array.from({ length: 100_000 }, () => random.normal())
    expect(mean(sample)).toBeCloseTo(0, 1)
    expect(standardDeviation(sample)).toBeCloseTo(1, 2)
    expect(sample.every(Number.isFinite)).toBe(true)
  })

  test('integers cover their range and nothing else', () => {
    const random = new Random(3)
    const seen = new Set(Array.from({ length: 1000 }, () => random.integer(6)))
    expect([...seen].sort()).toEqual([0, 1, 2, 3, 4, 5])
  })

  test('shuffles in place: all values, in an order by the seed', () => {
    const order = (seed: number, count = 50) =>
      new Random(seed).shuffle(Uint32Array.from({ length: count }, (_, index) => index))
    expect([...order(1)].toSorted((a, b) => a - b)).toEqual([...new Array(50).keys()])
    expect(order(1)).toEqual(order(1))
    expect(order(2)).not.toEqual(order(1))
    expect(order(1, 0)).toHaveLength(0)
  })

  test('shuffles into every order alike', () => {
    const random = new Random(7)
    const firsts = [0, 0, 0]
    for (let draw = 0; draw < 3000; draw++) {
      const [first = 0] = random.shuffle(Uint32Array.of(0, 1, 2))
      firsts[first] = (firsts[first] ?? 0) + 1
    }
    for (const count of firsts) expect(count / 1000).toBeCloseTo(1, 0)
  })
})
