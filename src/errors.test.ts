import { expect, test } from 'vitest'
import * as errors from './errors.ts'

test.each([
  [errors.InvalidInputError, 'invalid-input', 400],
  [errors.ConfigError, 'invalid-config', 400],
  [errors.NotFoundError, 'not-found', 404],
  [errors.TooLargeError, 'too-large', 413],
  [errors.OverloadedError, 'overloaded', 503],
  [errors.UnavailableError, 'unavailable', 503],
  [errors.TimeoutError, 'timeout', 504],
])('%o has code %s and status %d, and keeps its cause', (Type, code, status) => {
  const cause = new Error('below')
  const error = new Type('what and how to mend it', { cause })
  expect(error).toBeInstanceOf(errors.TierwiseError)
  expect(error).toMatchObject({ name: Type.name, code, status, cause })
  expect(error.message).toBe('what and how to mend it')
})

test('messageOf tells anything thrown', () => {
  expect(errors.messageOf(new Error('text'))).toBe('text')
  expect(errors.messageOf('text')).toBe('text')
  expect(errors.messageOf(undefined)).toBe('undefined')
})

test('a text of others changes nothing on a terminal', () => {
  const text = 'red \u001b[31m\u009b2J bell\u0007 back\r left \u202e ünï ✓ 👍\n\tnext'
  expect(errors.printable(text)).toBe(
    'red \ufffd[31m\ufffd2J bell\ufffd back\ufffd left \ufffd ünï ✓ 👍\n\tnext',
  )
})
