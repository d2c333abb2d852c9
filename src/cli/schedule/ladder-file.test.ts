import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, describe, expect, test } from 'vitest'
import { readLadder } from './ladder-file.ts'

const folder = mkdtempSync(join(tmpdir(), 'tierwise-ladder-'))
afterAll(() => rmSync(folder, { recursive: true }))

function ladderOf(text: string) {
  const file = join(folder, 'ladder.yaml')
  writeFileSync(file, text)
  return readLadder(file)
}

test('one service time a variant, without batches', async () => {
  const text = 'variants: [{name: a, accuracyPercent: 60, serviceTimesMs: 2}]'
  expect(await ladderOf(text)).toEqual({
    batchSizes: [1],
    variants: [{ name: 'a', accuracyPercent: 60, serviceTimesMs: [2] }],
  })
})

test('a time for each batch size; the smallest first, without the dominated', async () => {
  const { variants, batchSizes } = await ladderOf(`batchSizes: [1, 4]
variants:
  - { name: large, accuracyPercent: 70, serviceTimesMs: [5, 9] }
  - { name: useless, accuracyPercent: 60, serviceTimesMs: [6, 9] }
  - { name: small, accuracyPercent: 50, serviceTimesMs: [1, 2] }
`)
  expect(batchSizes).toEqual([1, 4])
  expect(variants.map(({ name }) => name)).toEqual(['small', 'large'])
})

test('the output of tierwise profile --json, by its medians', async () => {
  const row = { precision: 'fp32', accuracySource: 'x', p95Ms: 9, memoryMb: 3 }
  const { variants } = await ladderOf(
    JSON.stringify([
      { ...row, variant: 'd0', accuracyPercent: 89.9, p50Ms: 5 },
      { ...row, variant: 'd7', accuracyPercent: 72.8, p50Ms: 1.5, dominatedBy: 'none' },
    ]),
  )
  expect(variants).toEqual([
    { name: 'd7', accuracyPercent: 72.8, serviceTimesMs: [1.5] },
    { name: 'd0', accuracyPercent: 89.9, serviceTimesMs: [5] },
  ])
})

test('what a node tells of itself, with the batch sizes of each variant', async () => {
  const rest = { profiledMs: 5, plannedMs: 5.3, softDeadlineMs: 106, onTime: 9, late: 0 }
  const report = {
    ...{ policy: 'anticipating-fit', policyReason: 'as the node was started', requests: 9 },
    batchSizes: [1, 2, 4],
    variants: [
      { ...rest, name: 'small', accuracyPercent: 60, serviceTimesMs: [1, 1.2, 1.4] },
      { ...rest, name: 'large', accuracyPercent: 90, serviceTimesMs: [5] },
    ],
  }
  expect(await ladderOf(JSON.stringify(report))).toEqual({
    batchSizes: [1, 2, 4],
    variants: [
      { name: 'small', accuracyPercent: 60, serviceTimesMs: [1, 1.2, 1.4] },
      { name: 'large', accuracyPercent: 90, serviceTimesMs: [5] },
    ],
  })
})

describe('bad input', () => {
  test.each([
    ['variants: []', 'ladder.yaml: a ladder needs at least one variant'],
    ['variants: [{name: a, accuracyPercent: 60}]', 'ladder.yaml:1'],
    ['variants: [{name: a, accuracyPercent: 101, serviceTimesMs: 2}]', 'give'],
    ['batchSizes: [2]\nvariants: [{name: a, accuracyPercent: 6, serviceTimesMs: 2}]', '1 first'],
    ['- {variant: a}', '[0].p50Ms is missing: expected number'],
    ['variant: [{}]', 'variant is not a known key: allowed are batchSizes, variants'],
    ['variants: [', 'not valid YAML'],
  ])('%j', async (text, message) => {
    await expect(ladderOf(text)).rejects.toThrow(message)
  })
})
