import { describe, expect, it } from 'vitest'
import { Random } from '../../random.ts'
import { drawArrivals, meanRatePerS } from './rate-segments.ts'
import { publishedWindow, WINDOW_NAMES } from './windows.ts'

/** Variance ÷ mean of the counts of each second. */
function dispersion(name: string): number {
  const arrivalsMs = drawArrivals(publishedWindow(name), new Random(4))
  const counts = new Float64Array(Math.ceil((arrivalsMs.at(-1) as number) / 1000))
  for (const arrivalMs of arrivalsMs) {
    const second = Math.floor(arrivalMs / 1000)
    counts[second] = (counts[second] ?? 0) + 1
  }
  const mean = counts.reduce((sum, count) => sum + count, 0) / counts.length
  return counts.reduce((sum, count) => sum + (count - mean) ** 2, 0) / counts.length / mean
}

describe('the published windows', () => {
  it.each([
    ['ipa-bursty', 20, 11.6],
    ['ipa-fluctuating', 10, 18],
    ['ipa-steady-low', 20, 5.5],
    ['ipa-steady-high', 10, 29.3],
    ['infadapter-bursty', 21, 96.6],
    ['proteus', 290 / 60, 259],
    ['proteus-bursty', 290 / 60, 606],
    ['ramsis', 4.5, 2786],
    ['azure-code', 60, 2.6],
    ['azure-conversation', 58, 5.5],
  ])('%s takes %d min at %d requests a second', (name, minutes, ratePerS) => {
    const window = publishedWindow(name)
    const totalMs = window.reduce((sum, { durationMs }) => sum + durationMs, 0)
    expect(totalMs / 60_000).toBeCloseTo(minutes, 6)
    expect(meanRatePerS(window) / ratePerS).toBeCloseTo(1, 1)
  })

  it.each([
    ['ipa-steady-low', 1.2, 0.2],
    ['ipa-steady-high', 1, 0.2],
    ['azure-conversation', 1.4, 0.5],
    ['azure-code', 13, 8],
  ])('%s has a dispersion of second counts near the measured %d', (name, measured, tolerance) => {
    expect(Math.abs(dispersion(name) - measured)).toBeLessThan(tolerance)
  })

  it('has all names tested above', () => {
    expect(WINDOW_NAMES).toHaveLength(10)
  })

  it('refuses another name, naming those there are', () => {
    expect(() => publishedWindow('ipa')).toThrow('choose one of ipa-bursty')
  })
})
