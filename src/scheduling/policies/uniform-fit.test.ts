import { describe, expect, it } from 'vitest'
import { Random } from '../../random.ts'
import { exampleLadder, observationOf } from '../example-node.fixture.ts'
import type { Observation } from '../observation.ts'
import { uniformFit, uniformFitDrop, uniformVariant } from './uniform-fit.ts'

// Variants of 1, 2 and 4 ms; a batch of b takes (1 + b) / 2 times as long.
describe('uniform-fit', () => {
  it.each([
    [[4], 2],
    [[3.9], 1],
    [[8, 8], 2],
    [[8, 7.9], 1],
    [[10, 10, 10, 10, 10], 1],
    [[10, 10, 10, 10, 9.9], 0],
    // Not even the smallest keeps all: the head gets it.
    [[5, 5, 5, 5, 4.9], 0],
  ])('with slacks %j serves variant %d', (slacksMs, variant) => {
    expect(uniformFit().decide(observationOf({ slacksMs }))).toMatchObject({ variant, batch: 0 })
  })

  it('fills a batch', () => {
    const observation = observationOf({ slacksMs: [9, 9, 9, 9], batchSizes: [1, 3] })
    // Three in 4 ms with the middle variant, the fourth at 6.
    expect(uniformFit().decide(observation)).toMatchObject({ variant: 1, batch: 1 })
  })

  it('says so when no variant fits', () => {
    expect(uniformVariant(observationOf({ slacksMs: [1, 1] }))).toBe(-1)
  })

  it('agrees with a plain reading of its definition', () => {
    const random = new Random(3)
    const serviceMs = exampleLadder().variants.map(({ serviceTimesMs }) => serviceTimesMs[0])
    for (let trial = 0; trial < 2000; trial++) {
      const length = 1 + random.integer(8)
      const slacksMs = Array.from({ length }, () => 1 + 24 * random.uniform())
      const observation = observationOf({ slacksMs })
      const inTime = (ms: number) => slacksMs.every((slackMs, i) => (i + 1) * ms <= slackMs)
      expect(uniformVariant(observation)).toBe(serviceMs.findLastIndex(inTime))
    }
  })
})

describe('early drop', () => {
  const decide = (slacksMs: readonly number[], batchSizes?: readonly number[]) => {
    const seen: Observation = observationOf({ slacksMs, ...(batchSizes && { batchSizes }) })
    return uniformFitDrop().decide(seen)
  }
  // A batch of five takes 3 ms with the smallest variant, at most half of the longest slack.
  const batchSizes = [1, 5]

  it('gives up a head that is too late for a full batch while too many wait', () => {
    const slacksMs = [2.5, ...new Array<number>(20).fill(6)]
    expect(decide(slacksMs, batchSizes)).toMatchObject({ kind: 'drop' })
  })

  it('serves a full batch while the head allows it', () => {
    const slacksMs = [3, ...new Array<number>(20).fill(6)]
    expect(decide(slacksMs, batchSizes)).toMatchObject({ kind: 'serve', variant: 0, batch: 1 })
  })

  it('serves the head when no more wait than fill the batch', () => {
    expect(decide([2.5, 3, 3, 3, 6], batchSizes)).toMatchObject({ kind: 'serve', batch: 0 })
  })

  it('does as uniform-fit when all can be in time', () => {
    expect(decide([20, 20], batchSizes)).toMatchObject({ kind: 'serve', variant: 2, batch: 0 })
  })

  it('never drops without batches', () => {
    const random = new Random(4)
    for (let trial = 0; trial < 500; trial++) {
      const slacksMs = Array.from({ length: 1 + random.integer(30) }, () => 1 + random.uniform())
      expect(decide(slacksMs).kind).toBe('serve')
    }
  })
})
