import { describe, expect, test } from 'vitest'
import type { Problem } from '../environment/environment.ts'
import { ResponseTimes } from './response-times.ts'

const problem: Problem = {
  devices: 2,
  stateSize: 1,
  choices: [
    { placement: { tier: 'end', variant: 'd0' }, accuracyPercent: 89.9 },
    { placement: { tier: 'edge', variant: 'd0' }, accuracyPercent: 89.9 },
  ],
}
const here = Float32Array.of(0)

describe('ResponseTimes', () => {
  test('joins what different rounds told of each device', () => {
    const times = new ResponseTimes(problem)
    times.observe(here, [0, 0], [100, 110])
    times.observe(here, [1, 0], [70, 114])
    times.observe(here, [0, 1], [104, 80])
    // Device 0 at its end: 100, 104; device 1 at its end: 110, 114. Upper medians 104 and 114.
    expect(times.average(here, [0, 0])).toBe((104 + 114) / 2)
    expect(times.average(here, [1, 0])).toBe((70 + 114) / 2)
  })

  test('a crowded tier is another pair than an empty one', () => {
    const times = new ResponseTimes(problem)
    times.observe(here, [1, 0], [70, 110])
    times.observe(here, [0, 1], [100, 80])
    expect(times.average(here, [1, 1])).toBeUndefined()
    times.observe(here, [1, 1], [130, 140])
    expect(times.average(here, [1, 1])).toBe(135)
    expect(times.average(here, [1, 0])).toBe(90)
  })

  test('an outlier does not move the median; a lasting change does, after half a window', () => {
    const times = new ResponseTimes(problem)
    for (let round = 0; round < 31; round++) times.observe(here, [0, 0], [100, 100])
    times.observe(here, [0, 0], [1000, 100])
    expect(times.average(here, [0, 0])).toBe(100)
    for (let round = 0; round < 15; round++) times.observe(here, [0, 0], [200, 200])
    expect(times.average(here, [0, 0])).toBe(150)
  })

  test('states are kept apart', () => {
    const times = new ResponseTimes(problem)
    times.observe(here, [0, 0], [100, 100])
    expect(times.average(Float32Array.of(1), [0, 0])).toBeUndefined()
    expect(times.average(Float32Array.of(0), [0, 0])).toBe(100)
  })

  test('what was saved is not changed by going on, and restores', () => {
    const times = new ResponseTimes(problem)
    times.observe(here, [0, 0], [100, 100])
    const saved = structuredClone(times.save())
    const kept = times.save()
    times.observe(here, [0, 0], [200, 200])
    expect(kept).toEqual(saved)
    const other = new ResponseTimes(problem)
    other.restore(saved)
    expect(other.average(here, [0, 0])).toBe(100)
  })
})
