import { expect, it } from 'vitest'
import { halfBits, halfValue } from './half.ts'

it.each([
  [0, 0x0000],
  [-0, 0x8000],
  [1, 0x3c00],
  [-2, 0xc000],
  [65504, 0x7bff],
  [65520, 0x7c00],
  [-Infinity, 0xfc00],
  [2 ** -14, 0x0400],
  [2 ** -24, 0x0001],
  [1 / 3, 0x3555],
  [0.1, 0x2e66],
])('writes %d as %i', (value, pattern) => {
  expect(halfBits(value)).toBe(pattern)
})

it('writes what it reads, for every pattern', () => {
  for (let pattern = 0; pattern < 0x10000; pattern++) {
    const value = halfValue(pattern)
    if (Number.isNaN(value)) expect(Number.isNaN(halfValue(halfBits(value)))).toBe(true)
    else if (halfBits(value) !== pattern) expect(halfBits(value)).toBe(pattern)
  }
})

it('rounds to the nearest, and to the even one half-way', () => {
  expect(halfBits(1 + 2 ** -11)).toBe(0x3c00)
  expect(halfBits(1 + 3 * 2 ** -11)).toBe(0x3c02)
  expect(halfBits(1 + 2 ** -11 + 2 ** -20)).toBe(0x3c01)
  expect(halfBits(2 - 2 ** -12)).toBe(0x4000)
})
