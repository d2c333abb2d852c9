import { expect, it } from 'vitest'
import { Random } from '../../random.ts'
import { quantisePerChannel } from './quantise.ts'

it('gives each channel its own scale, the largest magnitude becoming 127', () => {
  const { quantised, scales } = quantisePerChannel(Float32Array.of(1, -2, 0.5, 0, 12.7, -0.1), 2)
  expect(Array.from(scales)).toEqual([2 / 127, 12.7 / 127].map(Math.fround))
  expect(Array.from(quantised)).toEqual([64, -127, 32, 0, 127, -1])
})

it('leaves a channel of zeros at zero', () => {
  const { quantised, scales } = quantisePerChannel(new Float32Array(3), 1)
  expect(Array.from(quantised)).toEqual([0, 0, 0])
  expect(scales[0]).toBeGreaterThan(0)
})

it('is never off by more than half a step', () => {
  const random = new Random(11)
  for (let round = 0; round < 200; round++) {
    const channels = 1 + random.integer(6)
    const perChannel = 1 + random.integer(40)
    const spread = 10 ** (6 * random.uniform() - 3)
    const length = channels * perChannel
    const weights = Float32Array.from({ length }, () => spread * random.normal())
    const { quantised, scales } = quantisePerChannel(weights, channels)
    weights.forEach((weight, index) => {
      const scale = scales[Math.floor(index / perChannel)] ?? 0
      const value = quantised[index] ?? 0
      expect(Math.abs(value * scale - weight)).toBeLessThanOrEqual(scale * 0.5001)
      expect(Math.abs(value)).toBeLessThanOrEqual(127)
    })
  }
})
