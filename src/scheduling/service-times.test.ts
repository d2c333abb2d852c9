import { describe, expect, it } from 'vitest'
import { Random } from '../random.ts'
import { exampleLadder } from './example-node.fixture.ts'
import { createLadder } from './ladder.ts'
import { ServiceTimes } from './service-times.ts'

describe('ServiceTimes', () => {
  it('plans the profile times the margin', () => {
    const times = new ServiceTimes(exampleLadder([1, 3]), { margin: 1.5 })
    // Three variants of 1, 2 and 4 ms; a batch of three takes twice as long.
    expect([...times.plannedMs].map((ms) => Number(ms.toFixed(9)))).toEqual([1.5, 3, 3, 6, 6, 12])
    expect(times.ms(1, 1)).toBeCloseTo(6, 12)
  })

  it('has a margin of 6 % by default', () => {
    expect(new ServiceTimes(exampleLadder()).ms(2, 0)).toBeCloseTo(4.24, 12)
  })

  it.each([
    [1, 0],
    [2, 0],
    [3, 1],
    [7, 1],
    [8, 2],
    [100, 2],
  ])('fills with %d requests the batch size of index %d', (requests, batch) => {
    const times = new ServiceTimes(exampleLadder([1, 3, 8]))
    expect(times.largestBatch(0, requests)).toBe(batch)
    expect(times.batchSize(batch)).toBe([1, 3, 8][batch])
  })

  it('plans more once services take longer', () => {
    const times = new ServiceTimes(exampleLadder(), { margin: 1.1 })
    for (let service = 0; service < 30; service++) times.observe(1, 0, 2.6)
    expect(times.usualMs(1, 0)).toBeGreaterThan(2.55)
    expect(times.usualMs(1, 0)).toBeLessThan(2.65)
    expect(times.ms(1, 0)).toBeCloseTo(1.1 * times.usualMs(1, 0), 12)
    // Half of the change is taken to be the machine's.
    expect(times.usualMs(0, 0)).toBeGreaterThan(1.1)
  })

  it('keeps in hand what some services take beyond their plan', () => {
    const times = new ServiceTimes(exampleLadder(), { margin: 1 })
    for (let service = 0; service < 256; service++) {
      times.observe(1, 0, service % 10 === 9 ? 14 : 2)
    }
    expect(times.usualMs(1, 0)).toBeCloseTo(2, 1)
    expect(times.reserveMs).toBeCloseTo(12, 1)
  })

  it('keeps nothing in hand for the usual spread', () => {
    const times = new ServiceTimes(exampleLadder())
    const random = new Random(3)
    for (let service = 0; service < 5000; service++) {
      times.observe(1, 0, 2 * Math.exp(0.03 * random.normal()))
      expect(times.reserveMs).toBe(0)
    }
  })

  it('stays as profiled when told to', () => {
    const times = new ServiceTimes(exampleLadder(), { margin: 1, recalibrate: false })
    for (let service = 0; service < 30; service++) times.observe(1, 0, 2.6)
    expect([...times.plannedMs]).toEqual([1, 2, 4])
    expect(times.reserveMs).toBe(0)
  })
})

it('knows no time for a size that a variant is not served in, and never fills it', () => {
  const row = (name: string, accuracyPercent: number, ...serviceTimesMs: number[]) => {
    return { name, accuracyPercent, serviceTimesMs }
  }
  const ladder = createLadder([row('small', 50, 1, 1.5, 2), row('large', 90, 4)], [1, 2, 4])
  const times = new ServiceTimes(ladder, { margin: 1 })
  expect([...times.plannedMs]).toEqual([1, 1.5, 2, 4, Infinity, Infinity])
  expect([0, 1].map((variant) => times.largestBatch(variant, 9))).toEqual([2, 0])
  expect([1, 3, 9].map((requests) => times.shareMs(0, requests))).toEqual([1, 0.75, 0.5])
  expect([0, 1].map((variant) => times.leastShareMs(variant))).toEqual([0.5, 4])
  times.observe(0, 2, 3)
  expect(times.ms(1, 1)).toBe(Infinity)
})
