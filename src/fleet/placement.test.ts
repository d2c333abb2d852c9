import { expect, test } from 'vitest'
import { InvalidInputError } from '../errors.ts'
import { formatPlacement, parsePlacement } from './placement.ts'

test.each(['end/d4', 'edge/d0', 'cloud/large'])('%s is read and written alike', (text) => {
  expect(formatPlacement(parsePlacement(text))).toBe(text)
})

test.each(['', 'edge', 'edge/', '/d0', 'fog/d0', 'edge/d0/x', 'Edge/d0'])(
  '"%s" is refused with the way to write it',
  (text) => {
    expect(() => parsePlacement(text)).toThrow(InvalidInputError)
    expect(() => parsePlacement(text)).toThrow(
      `"${text}" is not a placement: write <tier>/<variant>`,
    )
  },
)
