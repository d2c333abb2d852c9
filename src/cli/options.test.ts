import { mkdtempSync, readdirSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { InvalidArgumentError } from 'commander'
import { describe, expect, test } from 'vitest'
import {
  parseAssignment,
  parseBudget,
  parseDurationMs,
  parseGoal,
  parseGoalOrNone,
  parseInteger,
  parseOutput,
  parseValidityMs,
} from './options.ts'

describe('parseDurationMs', () => {
  test.each([
    ['60s', 60_000],
    ['60', 60_000],
    ['1.5m', 90_000],
    ['2h', 7_200_000],
    ['500ms', 500],
  ])('%s is %d ms', (text, durationMs) => {
    expect(parseDurationMs(text)).toBe(durationMs)
  })

  test.each(['', 'soon', '-5s', '5 s', '0s', '5d', '600h'])('"%s" is refused', (text) => {
    expect(() => parseDurationMs(text)).toThrow(InvalidArgumentError)
  })
})

describe('parseGoalOrNone', () => {
  test('takes a percentage, and none', () => {
    expect([parseGoalOrNone('90'), parseGoalOrNone('none')]).toEqual([90, 'none'])
  })

  test.each(['101', '-1', '90%', 'unbounded', ''])('"%s" is refused', (text) => {
    expect(() => parseGoalOrNone(text)).toThrow(InvalidArgumentError)
  })
})

describe('parseBudget', () => {
  test('takes a percentage above 0, and unbounded', () => {
    expect([parseBudget('4'), parseBudget('0.5'), parseBudget('unbounded')]).toEqual([
      ...[4, 0.5],
      'unbounded',
    ])
  })

  test.each(['0', '-4', '4%', 'none', '1001', ''])('"%s" is refused', (text) => {
    expect(() => parseBudget(text)).toThrow(
      'write extra response time in percent, above 0, up to 1000, such as 4',
    )
  })
})

describe('parseValidityMs', () => {
  test.each([
    ['365d', 365 * 86_400_000],
    ['0.5d', 43_200_000],
    ['12h', 43_200_000],
  ])('%s is %d ms', (text, validityMs) => {
    expect(parseValidityMs(text)).toBe(validityMs)
  })

  test.each(['d', '0d', '-1d', 'long', '36501d'])('"%s" is refused', (text) => {
    expect(() => parseValidityMs(text)).toThrow(InvalidArgumentError)
  })
})

describe('parseInteger', () => {
  test('takes whole numbers in the range, bounds included', () => {
    expect(parseInteger(1, 32)('1')).toBe(1)
    expect(parseInteger(1, 32)('32')).toBe(32)
  })

  test.each(['0', '33', '1.5', 'x', '', '-1'])('"%s" is refused', (text) => {
    expect(() => parseInteger(1, 32)(text)).toThrow('write a whole number from 1 to 32')
  })

  test('without an upper bound the message names the lower alone', () => {
    expect(() => parseInteger(0)('x')).toThrow(/from 0$/)
  })
})

describe('parseGoal', () => {
  test('takes percentages', () => {
    expect(parseGoal('85')).toBe(85)
    expect(parseGoal('89.5')).toBe(89.5)
    expect(parseGoal('0')).toBe(0)
  })

  test.each(['', '-1', '101', 'high'])('"%s" is refused', (text) => {
    expect(() => parseGoal(text)).toThrow(InvalidArgumentError)
  })
})

describe('parseAssignment', () => {
  test('collects, the last one of a name counts', () => {
    const first = parseAssignment('epsilon.last=0.05')
    const second = parseAssignment('hidden=16', first)
    expect(second).toEqual({ 'epsilon.last': 0.05, hidden: 16 })
    expect(parseAssignment('hidden=-1e-2', second)).toEqual({ 'epsilon.last': 0.05, hidden: -0.01 })
    expect(first).toEqual({ 'epsilon.last': 0.05 })
  })

  test.each(['', 'hidden', 'hidden=', 'hidden= ', '=1', 'hidden=x', 'a=1=2', 'a=Infinity'])(
    '"%s" is refused',
    (text) => {
      expect(() => parseAssignment(text)).toThrow(InvalidArgumentError)
    },
  )
})

describe('parseOutput', () => {
  const folder = mkdtempSync(join(tmpdir(), 'tierwise-options-'))

  test('takes a file that can be written, and does not make it', () => {
    expect(parseOutput(join(folder, 'out.json'))).toBe(join(folder, 'out.json'))
    expect(readdirSync(folder)).toEqual([])
  })

  test.each([
    ['', 'a variable may be unset'],
    [join(folder, 'absent', 'out.json'), `there is no folder ${join(folder, 'absent')}`],
    [folder, `${folder} is a folder`],
  ])('refuses "%s"', (file, reason) => {
    expect(() => parseOutput(file)).toThrow(InvalidArgumentError)
    expect(() => parseOutput(file)).toThrow(reason)
  })
})
