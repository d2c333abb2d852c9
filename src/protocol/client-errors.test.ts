import { describe, expect, it, test } from 'vitest'
import {
  BadGatewayError,
  DeadlineError,
  InvalidInputError,
  NotFoundError,
  OverloadedError,
  TierwiseError,
  TimeoutError,
  TooLargeError,
  UnavailableError,
  UnsupportedMediaError,
} from '../errors.ts'
import {
  answeredError,
  ERROR_CODE_HEADER,
  RETRY_AFTER_MS_HEADER,
  requestError,
} from './client-errors.ts'

const URL = 'http://edge:8000'
const answered = (status: number, body: string, headers = {}) =>
  answeredError(URL, status, Buffer.from(body), headers)

describe('an error that a server answered with', () => {
  test.each([
    [400, InvalidInputError],
    [404, NotFoundError],
    [413, TooLargeError],
    [415, UnsupportedMediaError],
    [503, UnavailableError],
    [504, TimeoutError],
  ])('%d keeps its kind, status and message', (status, kind) => {
    const error = answered(status, '{"error":"no such thing"}')
    expect(error).toBeInstanceOf(kind)
    expect([error.status, error.message]).toEqual([
      status,
      `${URL} answered ${status}: no such thing`,
    ])
  })

  test('an unknown one keeps its status', () => {
    const error = answered(418, '{"error":"tea"}')
    expect([error.constructor, error.status, error.code]).toEqual([
      TierwiseError,
      418,
      'remote-error',
    ])
  })

  test('a node says by a code why it is busy; nobody else is believed, and no other status', () => {
    const busy = { [ERROR_CODE_HEADER]: 'overloaded' }
    expect(answered(503, '{}', busy)).toBeInstanceOf(OverloadedError)
    expect(answered(503, '{}', { [ERROR_CODE_HEADER]: 'deadline' })).toBeInstanceOf(DeadlineError)
    expect(answered(503, '{}', { [ERROR_CODE_HEADER]: 'toString' })).toBeInstanceOf(
      UnavailableError,
    )
    expect(answered(504, '{}', busy)).toBeInstanceOf(TimeoutError)
  })

  test.each([
    ['0', 0],
    ['12.5', 12.5],
    ['3600000', 3_600_000],
    ['3600001', undefined],
    ['-1', undefined],
    ['soon', undefined],
    ['Infinity', undefined],
    [undefined, undefined],
    [['1', '2'], undefined],
  ])('told to come again after %j ms, it believes %j', (told, believed) => {
    const headers = { [ERROR_CODE_HEADER]: 'overloaded', [RETRY_AFTER_MS_HEADER]: told }
    expect(answered(503, '{}', headers).retryAfterMs).toBe(believed)
  })

  test.each([
    ['', 'no message'],
    ['<html>Bad gateway</html>', '<html>Bad gateway</html>'],
    ['"error"', '"error"'],
    ['null', 'null'],
    ['{"message":"x"}', '{"message":"x"}'],
    ['{"error":{"a":1}}', '{"error":{"a":1}}'],
    ['é'.repeat(300), 'é'.repeat(200)],
  ])('of the body %j it tells the first words', (body, told) => {
    expect(answered(500, body).message).toBe(`${URL} answered 500: ${told}`)
  })
})

it('of a larger buffer its own part alone is read', () => {
  const whole = Buffer.from('xx{"error":"mine"}yy')
  const error = answeredError(URL, 500, whole.subarray(2, -2), {})
  expect(error.message).toBe(`${URL} answered 500: mine`)
})

describe('a request without an answer', () => {
  it('is what it was already', () => {
    const error = new DeadlineError('too late')
    expect(requestError(URL, error)).toBe(error)
  })

  test.each([
    ['UND_ERR_RES_EXCEEDED_MAX_SIZE', BadGatewayError, /too great a length/],
    ['SELF_SIGNED_CERT_IN_CHAIN', UnavailableError, /not trusted \(why\).*--credentials/],
    ['UNABLE_TO_VERIFY_LEAF_SIGNATURE', UnavailableError, /not trusted/],
    ['ECONNREFUSED', UnavailableError, /cannot be reached: why/],
  ])('%s', (code, kind, message) => {
    const cause = Object.assign(new Error('why'), { code })
    const error = requestError(URL, cause)
    expect(error).toBeInstanceOf(kind)
    expect(error.message).toMatch(message)
    expect(error.message).toContain(URL)
    expect(error.cause).toBe(cause)
  })

  it('may be of anything that was thrown', () => {
    expect(requestError(URL, 'gone').message).toBe(`${URL} cannot be reached: gone`)
    expect(requestError(URL, undefined)).toBeInstanceOf(UnavailableError)
  })
})
