import { describe, expect, it } from 'vitest'
import { createLadder, lowestVariantFor } from './ladder.ts'

const variant = (name: string, accuracyPercent: number, ...serviceTimesMs: number[]) => {
  return { name, accuracyPercent, serviceTimesMs }
}
const names = (...variants: Parameters<typeof createLadder>[0][number][]) =>
  createLadder(variants).variants.map(({ name }) => name)

describe('createLadder', () => {
  it('orders variants from small to large', () => {
    expect(names(variant('b', 80, 2), variant('c', 90, 4), variant('a', 50, 1))).toEqual([
      'a',
      'b',
      'c',
    ])
  })

  it('leaves out what is no more accurate and no faster than another', () => {
    // The eight MobileNet variants, of which five are on the front.
    const fp32 = [variant('d0', 89.9, 4.99), variant('d1', 88.2, 2.83), variant('d2', 84.9, 1.26)]
    const int8 = [variant('d4', 88.9, 1.94), variant('d5', 87, 1.41), variant('d6', 83.2, 0.82)]
    const quarter = [variant('d3', 74.2, 0.46), variant('d7', 72.8, 0.5)]
    expect(names(...fp32, ...int8, ...quarter)).toEqual(['d3', 'd6', 'd2', 'd5', 'd4', 'd0'])
  })

  it('keeps the faster of two equally accurate, the more accurate of two equally fast, one of two equals', () => {
    expect(names(variant('slow', 80, 3), variant('fast', 80, 2))).toEqual(['fast'])
    expect(names(variant('worse', 70, 2), variant('better', 80, 2))).toEqual(['better'])
    expect(names(variant('one', 80, 2), variant('other', 80, 2))).toHaveLength(1)
  })

  it('does not change the list it is given', () => {
    const given = [variant('b', 80, 2), variant('a', 50, 1)]
    createLadder(given)
    expect(given.map(({ name }) => name)).toEqual(['b', 'a'])
  })

  it.each([
    [[], [1], 'at least one variant'],
    [[variant('a', 0, 1)], [1], 'accuracy 0 of a'],
    [[variant('a', 101, 1)], [1], 'accuracy 101 of a'],
    [[variant('a', Number.NaN, 1)], [1], 'accuracy NaN of a'],
    [[variant('a', 50, 0)], [1], 'service times [0] ms of a'],
    [[variant('a', 50, Number.POSITIVE_INFINITY)], [1], 'service times [Infinity]'],
    [[variant('a', 50, 1, 2)], [1], 'one above 0 for each batch size [1]'],
    [[variant('a', 50, 1)], [2], 'batch sizes [2]'],
    [[variant('a', 50, 1, 2)], [1, 1], 'batch sizes [1,1]'],
    [[variant('a', 50, 1, 2)], [1, 1.5], 'batch sizes [1,1.5]'],
    [[variant('a', 50)], [1], 'service times [] ms of a'],
    [[variant('a', 50)], [], 'batch sizes []'],
  ])('refuses %j with batch sizes %j', (variants, batchSizes, message) => {
    expect(() => createLadder(variants, batchSizes)).toThrow(message)
  })
})

describe('lowestVariantFor', () => {
  const ladder = createLadder([variant('a', 50, 1), variant('b', 80, 2), variant('c', 90, 4)])

  it.each([
    [0, 0],
    [50, 0],
    [50.1, 1],
    [80, 1],
    [90, 2],
  ])('%d %% needs variant %d', (accuracyPercent, index) => {
    expect(lowestVariantFor(ladder, accuracyPercent)).toBe(index)
  })

  it('refuses what no variant reaches', () => {
    expect(() => lowestVariantFor(ladder, 95)).toThrow('the most accurate has 90 %')
  })
})
