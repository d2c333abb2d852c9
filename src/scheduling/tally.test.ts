import { describe, expect, it } from 'vitest'
import { exampleLadder } from './example-node.fixture.ts'
import { Tally } from './tally.ts'

describe('Tally', () => {
  it('starts with nothing', () => {
    const tally = new Tally(exampleLadder())
    expect(tally.settled).toBe(0)
    expect(tally.effectiveAccuracyPercent).toBeNaN()
    expect(tally.servedAccuracyPercent).toBeNaN()
    expect(tally.violationPercent).toBeNaN()
  })

  it('counts what became of every request', () => {
    const tally = new Tally(exampleLadder())
    tally.served(0, true)
    tally.served(2, true)
    tally.served(2, true)
    tally.served(1, false)
    tally.drop('expired')
    tally.drop('expired')
    tally.drop('refused')
    tally.drop('queue-full')
    tally.drop('given-up')
    tally.drop('failed')
    expect([...tally.onTime]).toEqual([1, 0, 2])
    expect([...tally.late]).toEqual([0, 1, 0])
    expect(tally.dropped).toEqual({
      expired: 2,
      refused: 1,
      'queue-full': 1,
      'given-up': 1,
      failed: 1,
    })
    expect(tally.settled).toBe(10)
    expect(tally.answered).toBe(4)
    expect(tally.violations).toBe(7)
    expect(tally.violationPercent).toBe(70)
    // 50 + 2 · 100 over all ten, and over the three in time.
    expect(tally.effectiveAccuracyPercent).toBeCloseTo(25, 12)
    expect(tally.servedAccuracyPercent).toBeCloseTo(250 / 3, 12)
  })

  it('counts a switch when the variant differs from that of the batch before', () => {
    const tally = new Tally(exampleLadder())
    for (const variant of [0, 0, 1, 1, 0, 2]) tally.started(variant)
    expect(tally.switches).toBe(3)
  })
})
