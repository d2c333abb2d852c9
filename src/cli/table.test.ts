import { expect, test } from 'vitest'
import { textTable } from './table.ts'

test('columns are as wide as their widest cell, two spaces apart, without trailing spaces', () => {
  expect(
    textTable(
      ['variant', 'p50'],
      [
        ['d0', '13.2 ms'],
        ['mobilenet-small', ''],
      ],
    ),
  ).toBe(['variant          p50', 'd0               13.2 ms', 'mobilenet-small'].join('\n'))
})
