import { expect, test } from 'vitest'
import { change, count, milliseconds, percent, smallPercent } from './format.ts'

test('numbers as the page writes them', () => {
  expect(milliseconds(7.25)).toBe('7.3 ms')
  expect(milliseconds(412.4)).toBe('412 ms')
  expect(percent(88.44)).toBe('88.4 %')
  expect(count(1234567)).toBe('1\u202f234\u202f567')
  expect([milliseconds(undefined), percent(undefined), count(undefined)]).toEqual(['–', '–', '–'])
})

test('a share that is not none never reads as none', () => {
  expect([0, -1e-9, 0.0042, 0.1, 3.14].map(smallPercent)).toEqual([
    '0.0 %',
    '0.0 %',
    '0.004 %',
    '0.1 %',
    '3.1 %',
  ])
})

test('a change is signed, and absent where there is nothing to compare', () => {
  expect(change(62, 100)).toBe('−38 %')
  expect(change(150, 100)).toBe('+50 %')
  expect(change(100.2, 100)).toBe('±0 %')
  expect(change(undefined, 100)).toBeUndefined()
  expect(change(100, undefined)).toBeUndefined()
  expect(change(100, 0)).toBeUndefined()
})
