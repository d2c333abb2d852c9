import { expect, it } from 'vitest'
import {
  delayPrior,
  familiesOf,
  localPrior,
  relativeSizes,
  stateShift,
  toldPrior,
} from './priors.ts'

const VARIANTS = [
  { megaMacs: 100, precision: 'FP32' },
  { megaMacs: 100 * Math.exp(2), precision: 'INT8' },
  {},
  { megaMacs: 0, precision: 'FP32' },
] as const

it('takes sizes as logarithms about their mean, and what nobody counted as nothing', () => {
  const sizes = relativeSizes(VARIANTS)
  for (const [k, size] of [-1, 1, 0, 0].entries()) expect(sizes[k]).toBeCloseTo(size, 12)
  expect(relativeSizes([{}, {}])).toEqual([0, 0])
  expect(relativeSizes([])).toEqual([])
})

it('counts variants of one precision to one family, and those of none to one of their own', () => {
  expect(familiesOf(VARIANTS)).toEqual([0, 1, 2, 0])
  expect(familiesOf([{}, { precision: 'FP16' }, {}])).toEqual([0, 1, 0])
})

it('expects a factor of √e² = e of e² times the work, by hand', () => {
  const { means, covariance, spread } = localPrior(VARIANTS)
  for (const [k, log] of [-0.5, 0.5, 0, 0].entries()) {
    expect(means[k]).toBeCloseTo(Math.log(100) + log, 12)
  }
  // level 2.5², slope ± 0.5² on sizes -1, 1, 0, 0, 0.6² each.
  expect(covariance[0]).toBeCloseTo(6.25 + 0.25 + 0.36, 12)
  expect(covariance[1]).toBeCloseTo(6.25 - 0.25, 12)
  expect(covariance[2]).toBeCloseTo(6.25, 12)
  expect(covariance[2 * 4 + 3]).toBeCloseTo(6.25, 12)
  expect(covariance[2 * 4 + 2]).toBeCloseTo(6.25 + 0.36, 12)
  expect(spread.speed).toBeCloseTo(0.49, 12)
  expect(spread.family).toBeCloseTo(0.0625, 12)
  expect(spread.pair).toBeCloseTo(0.04, 12)
})

it('is far surer where devices told their times: a response is about what they told', () => {
  const { means, covariance, spread } = toldPrior([-0.5, 0.5])
  expect([...means]).toEqual([0, 0])
  expect(covariance[0]).toBeCloseTo(0.25 + 0.16 * 0.25 + 0.01, 12)
  expect(covariance[1]).toBeCloseTo(0.25 - 0.16 * 0.25, 12)
  expect(spread.speed).toBeCloseTo(0.04, 12)
  expect(spread.family).toBeCloseTo(0.0049, 12)
  expect(spread.pair).toBeCloseTo(0.0049, 12)
})

it('knows the regular way of the choice that the node is measured by, and no other', () => {
  expect(delayPrior(0, 'reference')).toEqual({ mean: 0, deviation: 0, spread: 0.25 })
  expect(delayPrior(0, 'other')).toEqual({ mean: 0, deviation: 0.5, spread: 0.25 })
})

it('expects as much of every weak link, in shares of a typical response', () => {
  for (const [links, weak] of [
    [1, 1],
    [2, 1],
    [4, 1],
    [3, 2],
    [7, 3],
  ] as const) {
    const reference = delayPrior(links, 'reference')
    expect(reference.mean).toBeCloseTo(0.2 * weak, 12)
    expect(reference.deviation).toBeCloseTo(0.3 * Math.sqrt(weak), 12)
    expect(delayPrior(links, 'other').deviation).toBeCloseTo(Math.sqrt(0.09 * weak + 0.25), 12)
  }
})

it('expects every level of a processor to be 5 % slower, and nothing of memory', () => {
  expect(stateShift(0, 0)).toBe(0)
  for (let level = 0; level <= 8; level++) {
    expect(stateShift(0, 2 * level)).toBeCloseTo(0.05 * level, 12)
    expect(stateShift(2 * level, 1)).toBeCloseTo(-0.05 * level, 12)
  }
})
