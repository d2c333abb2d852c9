import { expect, test } from 'vitest'
import type { Choice } from '../../../src/fleet/choice.ts'
import { Random } from '../../../src/random.ts'
import { distinct } from '../../runs.ts'
import { choicesOf, drawnLadder, goalPercentOf } from './ladder.ts'

const ladders = Array.from({ length: 60 }, (_, seed) => drawnLadder(new Random(seed)))

test('ladders have four to nine variants, each less accurate and smaller than the one before', () => {
  expect(new Set(ladders.map(({ length }) => length))).toEqual(new Set([4, 5, 6, 7, 8, 9]))
  for (const ladder of ladders) {
    expect(distinct(ladder.map(({ name }) => name))).toHaveLength(ladder.length)
    for (const [index, variant] of ladder.entries()) {
      const before = ladder[index - 1]
      if (before === undefined) continue
      expect(variant.accuracyPercent).toBeLessThan(before.accuracyPercent)
      expect(variant.megaMacs).toBeLessThanOrEqual(before.megaMacs)
    }
  }
})

test('every variant is on the device, the best one also at edge and cloud, and another if two are offered', () => {
  const [ladder = []] = ladders
  const names = (offersTwo: boolean, tier: string) =>
    choicesOf(ladder, { tellsFacts: false, offersTwo }, new Random(1)).flatMap(({ placement }) =>
      placement.tier === tier ? placement.variant : [],
    )
  expect(names(false, 'end').toSorted()).toEqual(ladder.map(({ name }) => name).toSorted())
  expect(names(false, 'edge')).toEqual([ladder[0]?.name])
  expect(names(true, 'cloud')).toHaveLength(2)
  expect(names(true, 'cloud')).toContain(ladder[0]?.name)
})

const rated = (accuracyPercent: number): Choice => ({
  placement: { tier: 'end', variant: String(accuracyPercent) },
  accuracyPercent,
})

test('goals: none, the median of the accuracies, the average of the best two', () => {
  const odd = [90, 70, 80, 90].map(rated)
  expect(goalPercentOf('none', odd)).toBe(0)
  expect(goalPercentOf('middle', odd)).toBe(80)
  expect(goalPercentOf('high', odd)).toBe(85)
  expect(goalPercentOf('middle', [90, 80, 70, 60].map(rated))).toBe(75)
  // Whole hundredths, rounded down: a goal that is not beyond what its two variants reach.
  expect(goalPercentOf('high', [90.01, 80, 70].map(rated))).toBe(85)
})
