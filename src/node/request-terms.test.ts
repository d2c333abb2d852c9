import { describe, expect, it } from 'vitest'
import { InvalidInputError } from '../errors.ts'
import type { Parameters } from '../protocol/messages.ts'
import type { Catalogue } from '../serving/models/catalogue.ts'
import {
  announcedDeadlineMs,
  goalAccuracyPercent,
  RequestTermsReader,
  unknownParameters,
} from './request-terms.ts'

const catalogue = {
  variants: [
    { name: 'd3', accuracyPercent: 74.2 },
    { name: 'd0', accuracyPercent: 89.9 },
  ],
} as unknown as Catalogue

const reader = new RequestTermsReader(catalogue)

describe('the parameters of a request', () => {
  it('mean nothing without a deadline: other parameters are the model’s', () => {
    expect(reader.read()).toBeUndefined()
    expect(reader.read({})).toBeUndefined()
    expect(reader.read({ binary_data_output: true, deadline: 5 })).toBeUndefined()
  })

  it('are what they say, any accuracy and priority 5 when they say nothing', () => {
    expect(reader.read({ deadline_ms: 12.5 })).toEqual({
      deadlineMs: 12.5,
      minAccuracyPercent: 0,
      priority: 5,
    })
    expect(reader.read({ deadline_ms: 3_600_000, min_accuracy: 89.9, priority: 1 })).toEqual({
      deadlineMs: 3_600_000,
      minAccuracyPercent: 89.9,
      priority: 1,
    })
    expect(reader.read({ deadline_ms: 1, min_accuracy: 0, priority: 9 })?.priority).toBe(9)
  })

  it('may be a priority alone', () => {
    const patient = { deadlineMs: Number.POSITIVE_INFINITY, minAccuracyPercent: 0, priority: 1 }
    expect(reader.read({ priority: 1 })).toEqual(patient)
  })

  it('take the default deadline of the node when they give none', () => {
    const usual = new RequestTermsReader(catalogue, 80)
    expect(usual.read()).toEqual({ deadlineMs: 80, minAccuracyPercent: 0, priority: 5 })
    expect(usual.read({ min_accuracy: 70, priority: 2 })).toMatchObject({ deadlineMs: 80 })
    expect(usual.read({ deadline_ms: 20 })?.deadlineMs).toBe(20)
  })

  const refused: [Parameters, string][] = [
    ...[0, -1, 3_600_001, Number.NaN, '50', true].map((deadline_ms): [Parameters, string] => [
      { deadline_ms },
      `deadline_ms ${JSON.stringify(deadline_ms)} is no deadline: give a number above 0`,
    ]),
    ...[-1, 90, '80', false].map((min_accuracy): [Parameters, string] => [
      { deadline_ms: 5, min_accuracy },
      `min_accuracy ${JSON.stringify(min_accuracy)} cannot be served: give a percentage from 0 to 89.9`,
    ]),
    ...[0, 10, 1.5, '1', true].map((priority): [Parameters, string] => [
      { deadline_ms: 5, priority },
      `priority ${JSON.stringify(priority)} is unknown: give a whole number from 1`,
    ]),
    [{ min_accuracy: 80 }, 'give deadline_ms too'],
  ]
  it.each(refused)('%o are refused: %s', (parameters, words) => {
    expect(() => reader.read(parameters)).toThrow(InvalidInputError)
    expect(() => reader.read(parameters)).toThrow(words)
  })
})

describe('what a device says of the goal', () => {
  it('is a percentage, 0 when it says nothing', () => {
    expect(goalAccuracyPercent({})).toBe(0)
    expect(goalAccuracyPercent({ 'x-tierwise-goal-accuracy': '84.9' })).toBe(84.9)
  })

  it.each(['-1', '101', 'high', 'NaN'])('is refused as "%s"', (text) => {
    const read = () => goalAccuracyPercent({ 'x-tierwise-goal-accuracy': text })
    expect(read).toThrow(`x-tierwise-goal-accuracy "${text}" is no percentage from 0 to 100`)
  })
})

it('names the parameters that nobody knows', () => {
  const known = { deadline_ms: 50, priority: 1, min_accuracy: 80, binary_data_output: true }
  expect(unknownParameters(known)).toBeUndefined()
  expect(unknownParameters()).toBeUndefined()
  expect(unknownParameters({ ...known, deadline: 50, user: 'a' })).toEqual({
    unknown_parameters: 'deadline, user',
  })
  expect(unknownParameters({ ['x'.repeat(1000)]: 1 })?.['unknown_parameters']).toHaveLength(200)
})

it('hears of a deadline in the headers, which count before the parameter', () => {
  const headers = { 'x-tierwise-deadline-ms': '80.5' }
  expect(announcedDeadlineMs(headers)).toBe(80.5)
  expect(announcedDeadlineMs({})).toBeUndefined()
  expect(reader.read({ deadline_ms: 200 }, headers)?.deadlineMs).toBe(80.5)
  expect(reader.read({ deadline_ms: 200 }, {})?.deadlineMs).toBe(200)
  for (const text of ['', ' ', '0', '-1', 'soon', 'NaN', '1e9', '80, 90']) {
    expect(() => announcedDeadlineMs({ 'x-tierwise-deadline-ms': text })).toThrow(
      'x-tierwise-deadline-ms',
    )
  }
})
