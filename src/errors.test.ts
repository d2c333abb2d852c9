import { expect, test } from 'vitest'
import * as errors from './errors.ts'

test.each([
  ['InvalidInputError', 'invalid-input', 400],
  ['ConfigError', 'invalid-config', 400],
  ['NotFoundError', 'not-found', 404],
  ['TooLargeError', 'too-large', 413],
  ['OverloadedError', 'overloaded', 503],
  ['UnavailableError', 'unavailable', 503],
  ['TimeoutError', 'timeout', 504],
] as const)('%s has code %s and status %d, and keeps its cause', (name, code, status) => {
  const cause = new Error('below')
  const error = new errors[name]('what and how to mend it', { cause })
  expect(error).toBeInstanceOf(errors.TierwiseError)
  expect(error).toMatchObject({ name, code, status, cause, message: 'what and how to mend it' })
})

test('messageOf tells anything thrown', () => {
  expect(errors.messageOf(new Error('text'))).toBe('text')
  expect(errors.messageOf('text')).toBe('text')
  expect(errors.messageOf(undefined)).toBe('undefined')
})
