import { describe, expect, it } from 'vitest'
import { Random } from '../../random.ts'
import { meanRatePerS } from './rate-segments.ts'
import { drawTrainingWorkload } from './training-mix.ts'

const node = { workers: 1, largestMs: 5 }
const random = new Random(1)
const workloads = Array.from({ length: 200 }, () => drawTrainingWorkload(1000, node, random))
const draws = workloads.map(({ arrivalsMs }) => arrivalsMs)

describe('the training mix', () => {
  it('has about as many requests as asked, ascending', () => {
    const mean = draws.reduce((sum, { length }) => sum + length, 0) / draws.length
    expect(mean).toBeGreaterThan(900)
    expect(mean).toBeLessThan(1100)
    for (const arrivalsMs of draws) {
      expect(arrivalsMs.length).toBeGreaterThan(100)
      expect(arrivalsMs.every((at, index) => at >= (arrivalsMs[index - 1] ?? 0))).toBe(true)
    }
  })

  it('spans loads from 0.15 to 12, half of them below the geometric mean', () => {
    // Load 1 is 200 a second.
    const loads = draws.map((arrivalsMs) => (arrivalsMs.length / (arrivalsMs.at(-1) as number)) * 5)
    expect(Math.min(...loads)).toBeLessThan(0.25)
    expect(Math.max(...loads)).toBeGreaterThan(8)
    const below = loads.filter((load) => load < Math.sqrt(0.15 * 12)).length
    expect(below / draws.length).toBeGreaterThan(0.38)
    expect(below / draws.length).toBeLessThan(0.62)
  })

  it('has both regular and violent arrivals', () => {
    const cvs = draws.map((arrivalsMs) => {
      const gaps = arrivalsMs.slice(1).map((at, index) => at - arrivalsMs[index])
      const mean = gaps.reduce((sum, gap) => sum + gap, 0) / gaps.length
      const variance = gaps.reduce((sum, gap) => sum + (gap - mean) ** 2, 0) / gaps.length
      return Math.sqrt(variance) / mean
    })
    expect(cvs.filter((cv) => cv < 1.1).length / 200).toBeGreaterThan(0.12)
    expect(cvs.filter((cv) => cv > 2).length / 200).toBeGreaterThan(0.12)
  })

  it('tells the rates that arrivals were drawn from', () => {
    const counts = workloads.map(({ rates }) => {
      const durationMs = rates.reduce((sum, segment) => sum + segment.durationMs, 0)
      return (meanRatePerS(rates) * durationMs) / 1000
    })
    for (const count of counts) expect(count).toBeCloseTo(1000, 6)
  })

  it('replays from its seed and scales with the node', () => {
    const draw = (largestMs: number) =>
      drawTrainingWorkload(500, { ...node, largestMs }, new Random(7)).arrivalsMs
    expect(draw(5)).toEqual(draw(5))
    expect(draw(50).length).toBe(draw(5).length)
    expect(draw(50).at(-1)).toBeCloseTo(10 * (draw(5).at(-1) as number), 6)
  })
})
