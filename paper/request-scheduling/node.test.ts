import { readFileSync } from 'node:fs'
import { expect, test } from 'vitest'
import { parse } from 'yaml'
import { packageFile } from '../../src/package-files.ts'
import type { LadderVariant } from '../../src/scheduling/ladder.ts'
import { deadlineMsOf, ladderOf, loadFactorOf } from './node.ts'

test('the trained ladder is as accurate as its catalogue says, and as much slower as the other', () => {
  const { variants } = ladderOf({ ladder: 'fashion', profile: 'cpu' })
  const catalogue: {
    readonly variants: readonly Pick<LadderVariant, 'name' | 'accuracyPercent'>[]
  } = parse(readFileSync(packageFile('models/fashion/catalogue.yaml'), 'utf8'))
  for (const { name, accuracyPercent } of variants) {
    const own = catalogue.variants.find((variant) => variant.name === name)
    expect(accuracyPercent).toBe(own?.accuracyPercent)
  }
  expect(variants.map(({ name }) => name)).toEqual(['w025s2', 'w050s2', 'w100s2-int8', 'w100-int8'])
  const timesMs = variants.map(({ serviceTimesMs }) => serviceTimesMs[0] ?? 0)
  // Measured: 26, 34, 54 and 114 µs.
  expect((timesMs[0] ?? 0) / (timesMs[3] ?? 1)).toBeCloseTo(26 / 114, 9)
  expect(timesMs[3]).toBeCloseTo(4.99, 9)
})

test('a batch of 16 takes 4.75 times as long as one request, where batches are cheap', () => {
  const { variants, batchSizes } = ladderOf({ ladder: 'mobilenet', profile: 'batching' })
  expect(batchSizes).toEqual([1, 2, 4, 8, 16])
  expect(variants[3]?.serviceTimesMs[4]).toBeCloseTo(4.99 * 4.75, 9)
  expect(loadFactorOf({ profile: 'batching' })).toBe(3)
})

test('a deadline is told in services of the largest variant', () => {
  const node = { ladder: 'fashion', profile: 'cpu', workers: 1, deadlineServices: 1.5 } as const
  expect(deadlineMsOf(node)).toBeCloseTo(7.485, 9)
})
