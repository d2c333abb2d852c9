import { expect, it } from 'vitest'
import { DeadlineError, OverloadedError } from '../errors.ts'
import { type Refused, refusalOf } from './refusal.ts'

const refused: Refused = {
  ...{ reason: 'refused', waitedMs: 0, withinMs: Infinity, waitLimitMs: 500, queued: 3 },
  ...{ smallest: 'd3', neededMs: 10.62, retryAfterMs: 11.2 },
}

it.each([
  [{}, 'it would wait longer than 500 ms'],
  [{ reason: 'expired', waitedMs: 501.24 }, 'it waited 501.2 ms for a worker, and may wait 500 ms'],
] as const)('tells a request without a deadline what happened: %j', (said, text) => {
  const error = refusalOf({ ...refused, ...said })
  expect(error).toBeInstanceOf(OverloadedError)
  expect(error.message).toContain(`): ${text} (scheduling.waitLimitMs): 3 requests wait; try again`)
  expect(error.retryAfterMs).toBe(11.2)
})

it.each([
  [{}, 'dropped (refused): the deadline was 80.0 ms away and cannot be met: 3 requests wait'],
  [
    { reason: 'expired', waitedMs: 93 },
    'dropped (expired): it waited 93.0 ms for a worker, and its deadline was 80.0 ms after it came: 3',
  ],
  [{ reason: 'given-up', waitedMs: 20 }, 'dropped (given-up): it waited 20.0 ms for a worker'],
] as const)('tells one with a deadline, too: %j', (said, text) => {
  const error = refusalOf({ ...refused, withinMs: 80, ...said })
  expect(error).toBeInstanceOf(DeadlineError)
  expect(error.message).toContain(text)
  expect(error.message).toMatch(/and d3, .* takes 10.6 ms; .* or try again in 12 ms$/)
})

it('says of a deadline that was over before the request came that it had passed', () => {
  const { message } = refusalOf({ ...refused, withinMs: -0.9, reason: 'refused' })
  expect(message).toContain('the deadline had passed 0.9 ms before')
})
