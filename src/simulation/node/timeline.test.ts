import { describe, expect, it } from 'vitest'
import { Random } from '../../random.ts'
import { exampleLadder } from '../../scheduling/example-node.fixture.ts'
import { uniformFit } from '../../scheduling/policies/uniform-fit.ts'
import { requestsOf, ServingNode } from './serving-node.ts'
import { Timeline } from './timeline.ts'

const request = (arrivalMs: number, deadlineMs: number) => {
  return { arrivalMs, deadlineMs, priority: 0, lowestVariant: 0 }
}

describe('Timeline', () => {
  // Variants of 50, 80 and 100 %.
  const timeline = new Timeline(exampleLadder(), 10)
  timeline.settled({ request: request(1, 20), atMs: 5, variant: 2 })
  timeline.settled({ request: request(2, 20), atMs: 12, variant: 0 })
  timeline.settled({ request: request(3, 20), atMs: 35, variant: undefined })
  timeline.settled({ request: request(14, 30), atMs: 38, variant: 1 })

  it('counts arrivals when they come, and what became of them when it did', () => {
    expect(timeline.points()).toEqual([
      {
        atMs: 0,
        arrivalsPerS: 300,
        inSystem: 2,
        onTime: [0, 0, 1],
        violations: 0,
        effectiveAccuracyPercent: 100,
      },
      {
        atMs: 10,
        arrivalsPerS: 100,
        inSystem: 2,
        onTime: [1, 0, 0],
        violations: 0,
        effectiveAccuracyPercent: 50,
      },
      {
        atMs: 20,
        arrivalsPerS: 0,
        inSystem: 2,
        onTime: [0, 0, 0],
        violations: 0,
        effectiveAccuracyPercent: undefined,
      },
      {
        atMs: 30,
        arrivalsPerS: 0,
        inSystem: 0,
        onTime: [0, 0, 0],
        violations: 2,
        effectiveAccuracyPercent: 0,
      },
    ])
  })

  it('counts by priority', () => {
    const mixed = new Timeline(exampleLadder(), 10)
    const urgent = { ...request(0, 20), priority: 0 }
    const patient = { ...request(1, 40), priority: 3 }
    mixed.settled({ request: patient, atMs: 50, variant: 2 })
    mixed.settled({ request: urgent, atMs: 12, variant: 1 })
    mixed.settled({ request: urgent, atMs: 25, variant: undefined })
    expect(mixed.byPriority()).toEqual([
      { priority: 0, requests: 2, effectiveAccuracyPercent: 40, violationPercent: 50 },
      { priority: 3, requests: 1, effectiveAccuracyPercent: 0, violationPercent: 100 },
    ])
  })

  it('knows the response times of the answers, late ones too', () => {
    // 4, 10 and 24 ms.
    expect([0, 0.33, 0.34, 0.66, 0.67, 1].map((share) => timeline.responseTimeMs(share))).toEqual([
      4, 4, 10, 10, 24, 24,
    ])
    expect(new Timeline(exampleLadder(), 10).responseTimeMs(0.5)).toBeNaN()
  })
})

describe('a timeline of a whole run', () => {
  it('agrees with the tally of the node', () => {
    const ladder = exampleLadder()
    const whole = new Timeline(ladder, 25)
    const arrivalsMs = Float64Array.from({ length: 500 }, (_, index) => index * 1.1)
    const run = new ServingNode({
      ladder,
      workers: 1,
      requests: requestsOf(arrivalsMs, 6),
      random: new Random(1),
      onSettled: (settled) => whole.settled(settled),
    }).run(uniformFit())
    const points = whole.points()
    const sum = (count: (point: (typeof points)[number]) => number) =>
      points.reduce((total, point) => total + count(point), 0)
    expect(sum(({ violations }) => violations)).toBe(run.violations)
    expect([0, 1, 2].map((variant) => sum(({ onTime }) => onTime[variant] ?? 0))).toEqual([
      ...run.onTime,
    ])
    expect(points.at(-1)?.inSystem).toBe(0)
  })

  it('refuses an interval of nothing', () => {
    expect(() => new Timeline(exampleLadder(), 0)).toThrow('interval 0 ms')
  })
})
