import { expect, test } from 'vitest'
import {
  age,
  count,
  devicesText,
  goalText,
  milliseconds,
  percent,
  rate,
  smallPercent,
} from './format.ts'

test('numbers as the page writes them', () => {
  expect(milliseconds(7.25)).toBe('7.3 ms')
  expect(milliseconds(412.4)).toBe('412 ms')
  expect(milliseconds(1380.2)).toBe('1\u202f380 ms')
  expect([87, 87.25, 87.1 + 0.2, undefined].map(goalText)).toEqual([
    '87 %',
    '87.25 %',
    '87.3 %',
    '–',
  ])
  expect([1, 2000].map(devicesText)).toEqual(['1 device', '2\u202f000 devices'])
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

test('rates and ages are as coarse as somebody reads them', () => {
  expect([rate(undefined), rate(3.42), rate(1234.5)]).toEqual([
    '–',
    '3.4 a second',
    '1\u202f235 a second',
  ])
  expect([-5, 4400, 190_000, 7_300_000].map(age)).toEqual(['0 s', '4 s', '3 min', '2 h'])
})
