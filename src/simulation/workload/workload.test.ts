import { describe, expect, it } from 'vitest'
import { Random } from '../../random.ts'
import { type Workload, workloadArrivals } from './workload.ts'

const mean = { ratePerS: 200, durationMs: 100_000 }
const WORKLOADS: readonly Workload[] = [
  { kind: 'poisson', ...mean },
  { kind: 'gamma', gapCv: 3, ...mean },
  { kind: 'mmpp', factor: 6, quietMs: 600, burstMs: 200, ...mean },
  { kind: 'plateau', factor: 5, pauseMs: 4000, plateauMs: 1000, ...mean },
  { kind: 'on-off', onMs: 500, offMs: 1500, ...mean },
  { kind: 'diurnal', peakToTrough: 2, periodMs: 50_000, ...mean },
  { kind: 'twitter', ...mean },
  { kind: 'window', window: 'ipa-bursty', ...mean },
]

/** Arrivals between two times, per second. */
const rate = (arrivalsMs: Float64Array, fromMs: number, toMs: number) =>
  arrivalsMs.filter((arrivalMs) => arrivalMs >= fromMs && arrivalMs < toMs).length /
  ((toMs - fromMs) / 1000)

describe('workloadArrivals', () => {
  it.each(WORKLOADS)('$kind has its mean rate over its duration', (workload) => {
    const arrivalsMs = workloadArrivals(workload, new Random(1))
    expect(arrivalsMs.at(-1)).toBeLessThanOrEqual(mean.durationMs)
    expect(rate(arrivalsMs, 0, mean.durationMs) / mean.ratePerS).toBeGreaterThan(0.93)
    expect(rate(arrivalsMs, 0, mean.durationMs) / mean.ratePerS).toBeLessThan(1.07)
  })

  it.each(WORKLOADS)('$kind replays from its seed', (workload) => {
    const draw = (seed: number) => workloadArrivals(workload, new Random(seed))
    expect(draw(1)).toEqual(draw(1))
    expect(draw(1)).not.toEqual(draw(2))
  })

  it('keeps the times a workload states: a plateau five times as high, from 4 to 5 s', () => {
    const [, , , plateau] = WORKLOADS
    const arrivalsMs = workloadArrivals(plateau, new Random(2))
    // Mean 200 over 4 s at the base and 1 s at five times of it.
    expect(Math.abs(rate(arrivalsMs, 0, 4000) / (200 / 1.8) - 1)).toBeLessThan(0.2)
    expect(Math.abs(rate(arrivalsMs, 4000, 5000) / (1000 / 1.8) - 1)).toBeLessThan(0.2)
  })

  it('runs a published window in the time given: its burst from 32.5 % to 67.5 % of it', () => {
    const window = WORKLOADS.at(-1) as Workload
    const arrivalsMs = workloadArrivals(window, new Random(3))
    const burst = rate(arrivalsMs, 36_000, 56_000)
    expect(burst / rate(arrivalsMs, 0, 32_000)).toBeGreaterThan(4)
    expect(burst / rate(arrivalsMs, 70_000, 100_000)).toBeGreaterThan(4)
  })

  it.each([
    [{ kind: 'poisson', ratePerS: 0, durationMs: 1 }, 'ratePerS 0'],
    [{ kind: 'poisson', ratePerS: 1, durationMs: Number.NaN }, 'durationMs NaN'],
    [{ kind: 'gamma', gapCv: 0, ...mean }, 'coefficient of variation 0'],
    [{ kind: 'mmpp', factor: -1, quietMs: 1, burstMs: 1, ...mean }, 'factor -1'],
    [{ kind: 'on-off', onMs: 0, offMs: 1, ...mean }, 'onMs 0'],
    [{ kind: 'window', window: 'none', ...mean }, 'no window is named "none"'],
    [{ kind: 'flood', ...mean }, 'of the kind "flood"'],
  ])('refuses %j', (workload, message) => {
    expect(() => workloadArrivals(workload as Workload, new Random(1))).toThrow(message)
  })
})
