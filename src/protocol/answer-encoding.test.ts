import { expect, test } from 'vitest'
import { acceptedCoding } from './answer-encoding.ts'

test.each([
  [undefined, undefined],
  ['', undefined],
  ['br', undefined],
  ['gzip', 'gzip'],
  ['GZip', 'gzip'],
  ['deflate, br', 'deflate'],
  ['gzip, deflate', 'gzip'],
  ['deflate;q=0.9, gzip; q=0.2', 'deflate'],
  ['gzip;q=0', undefined],
  ['*', 'gzip'],
  ['gzip;q=0, *', 'deflate'],
  ['identity, gzip;q=0.5', undefined],
])('of Accept-Encoding %j it is %j', (header, coding) => {
  expect(acceptedCoding(header)).toBe(coding)
})
