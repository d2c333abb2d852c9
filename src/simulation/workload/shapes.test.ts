import { describe, expect, it } from 'vitest'
import { Random } from '../../random.ts'
import { meanRatePerS, type RateSegment } from './rate-segments.ts'
import { diurnal, mmpp, onOff, plateaus, steady } from './shapes.ts'

const totalMs = (segments: readonly RateSegment[]) =>
  segments.reduce((sum, { durationMs }) => sum + durationMs, 0)
const pairs = (segments: readonly RateSegment[]) =>
  segments.map(({ ratePerS, durationMs }) => [ratePerS, durationMs])

it('steady is one stretch', () => {
  expect(pairs(steady(5, 100))).toEqual([[5, 100]])
})

describe('mmpp', () => {
  const states = [
    { ratePerS: 10, meanSojournMs: 600 },
    { ratePerS: 60, meanSojournMs: 200 },
  ]
  const segments = mmpp(states, 1e6, new Random(1))

  it('fills the time, changing state every time', () => {
    expect(totalMs(segments)).toBeCloseTo(1e6, 6)
    const same = segments.filter(
      ({ ratePerS }, index) => ratePerS === segments[index + 1]?.ratePerS,
    )
    expect(same).toEqual([])
  })

  it('stays in each state as long as told on average', () => {
    for (const { ratePerS, meanSojournMs } of states) {
      const stays = segments.filter((segment) => segment.ratePerS === ratePerS)
      const mean = totalMs(stays) / stays.length
      expect(mean / meanSojournMs).toBeGreaterThan(0.9)
      expect(mean / meanSojournMs).toBeLessThan(1.1)
    }
    // (10 · 600 + 60 · 200) / 800
    expect(meanRatePerS(segments)).toBeCloseTo(22.5, -0.5)
  })

  it('goes from each of three states to both others alike', () => {
    const three = [1, 2, 3].map((ratePerS) => ({ ratePerS, meanSojournMs: 10 }))
    const rates = mmpp(three, 1e5, new Random(2)).map(({ ratePerS }) => ratePerS)
    const moves = (from: number, to: number) =>
      rates.filter((ratePerS, index) => ratePerS === from && rates[index + 1] === to).length
    expect(moves(1, 2) / moves(1, 3)).toBeCloseTo(1, 0)
    expect(moves(3, 1) / moves(3, 2)).toBeCloseTo(1, 0)
    expect(moves(2, 2)).toBe(0)
  })

  it('refuses one state, and times that are none', () => {
    expect(() => mmpp([], 1, new Random(1))).toThrow('two states')
    const never = [...states, { ratePerS: 1, meanSojournMs: 0 }]
    expect(() => mmpp(never, 1, new Random(1))).toThrow('meanSojournMs 0')
    expect(() => mmpp(states, Number.POSITIVE_INFINITY, new Random(1))).toThrow(
      'durationMs Infinity',
    )
  })
})

it('plateaus alternate base and burst, cut at the end', () => {
  const times = { pauseMs: 40, plateauMs: 20, durationMs: 150 }
  expect(pairs(plateaus({ baseRatePerS: 5, factor: 4, ...times }))).toEqual([
    [5, 40],
    [20, 20],
    [5, 40],
    [20, 20],
    [5, 30],
  ])
})

it('on/off alternates requests and silence', () => {
  expect(pairs(onOff(9, { onMs: 10, offMs: 30, durationMs: 45 }))).toEqual([
    [9, 10],
    [0, 30],
    [9, 5],
  ])
})

it('diurnal is a sine between trough and peak', () => {
  const day = diurnal(90, { peakToTrough: 2, periodMs: 960, durationMs: 960 })
  const rates = day.map(({ ratePerS }) => ratePerS)
  expect(Math.max(...rates)).toBeCloseTo(120, 0)
  expect(Math.min(...rates)).toBeCloseTo(60, 0)
  expect(rates.indexOf(Math.max(...rates))).toBeCloseTo(24, -0.5)
  expect(meanRatePerS(day)).toBeCloseTo(90, 6)
  expect(totalMs(day)).toBeCloseTo(960, 6)
})

it.each([
  ['factor', { factor: 0 }],
  ['pauseMs', { pauseMs: -1 }],
  ['plateauMs', { plateauMs: Number.NaN }],
  ['durationMs', { durationMs: Number.POSITIVE_INFINITY }],
])('refuses a plateau whose %s is none', (name, wrong) => {
  const right = { baseRatePerS: 1, factor: 5, pauseMs: 1, plateauMs: 1, durationMs: 9 }
  expect(() => plateaus({ ...right, ...wrong })).toThrow(name)
})
