import { describe, expect, test } from 'vitest'
import { z } from 'zod'
import {
  address,
  brokerUrl,
  goalPercent,
  httpUrl,
  integer,
  names,
  namesOrNone,
  parsedText,
  port,
  positive,
  text,
} from './kinds.ts'

/** What to write instead; undefined where the value is taken. */
const remedyOf = (kind: z.ZodType, value: unknown) =>
  kind.safeParse(value).error?.issues[0]?.message

describe('numbers', () => {
  test.each([
    [1, undefined],
    [8, undefined],
    [0, 'write a whole number from 1 to 8'],
    [9, 'write a whole number from 1 to 8'],
    [1.5, 'write a whole number from 1 to 8'],
    ['1', 'write a whole number from 1 to 8'],
    [Number.NaN, 'write a whole number from 1 to 8'],
    [Infinity, 'write a whole number from 1 to 8'],
  ])('whole ones from 1 to 8: %j', (value, remedy) => {
    expect(remedyOf(integer(1, 8), value)).toBe(remedy)
  })

  test('without an upper bound the remedy names none', () => {
    expect(remedyOf(integer(2), 1)).toBe('write a whole number from 2')
    expect(remedyOf(integer(2), 2 ** 53)).toBe('write a whole number from 2')
    expect(remedyOf(integer(2), 2 ** 53 - 1)).toBeUndefined()
  })

  test.each<[string, z.ZodType, readonly unknown[], readonly unknown[]]>([
    ['a port', port, [0, 65535], [-1, 65536, '80']],
    ['a goal', goalPercent, [0, 88.75, 100], [-0.01, 100.01, '85', null]],
    ['above 0', positive, [1e-9, 1e9], [0, -1, '1', Number.NaN]],
  ])('%s', (_, kind, good, bad) => {
    for (const value of good) expect(remedyOf(kind, value)).toBeUndefined()
    for (const value of bad) expect(remedyOf(kind, value)).toMatch(/^write /)
  })
})

describe('addresses', () => {
  test.each([
    'http://127.0.0.1:8000',
    'https://edge-1.example.org',
    'http://[::1]:8000',
    'http://edge_1:8000/base',
  ])('%s is a node', (url) => expect(remedyOf(httpUrl, url)).toBeUndefined())

  test.each(['127.0.0.1:8000', 'ftp://edge', 'grpc://edge:1', 'http://', 'http://a b', '', 8000])(
    '%j is none',
    (url) => expect(remedyOf(httpUrl, url)).toContain('http://127.0.0.1:8000'),
  )

  test.each([
    'mqtt://host:1883',
    'mqtts://user:p%40ss@host',
    'ws://host:8080/mqtt',
    'wss://[fe80::1]/mqtt',
  ])('%s is a broker', (url) => expect(remedyOf(brokerUrl, url)).toBeUndefined())

  test.each(['http://host', 'host:1883', 'tcp://host:1883', 'mqtt://'])('%s is none', (url) => {
    expect(remedyOf(brokerUrl, url)).toContain('mqtt://host:1883')
  })

  test('one to listen on may stand in brackets', () => {
    expect(address.parse('[::]')).toBe('::')
    expect(address.parse('0.0.0.0')).toBe('0.0.0.0')
    expect(remedyOf(address, '')).toMatch(/a variable may be unset/)
  })
})

describe('names', () => {
  test('are a list, or a text with commas', () => {
    expect(names.parse(['a', 'b'])).toEqual(['a', 'b'])
    expect(names.parse('a, b ,c')).toEqual(['a', 'b', 'c'])
    expect(names.parse('a')).toEqual(['a'])
  })

  test.each(['', 'a,', ',a', 'a,,b', 7])('%j has one that is empty, or is none', (value) => {
    expect(names.safeParse(value).success).toBe(false)
  })

  test('none is no name, where there may be none', () => {
    expect(namesOrNone.parse('none')).toEqual([])
    expect(namesOrNone.parse('none,a')).toEqual(['none', 'a'])
    expect(namesOrNone.parse([])).toEqual([])
    expect(names.parse('none')).toEqual(['none'])
  })
})

describe('a text of a flag or a variable', () => {
  const numbers = z.strictObject({ end: z.int(), edge: z.int() })

  test.each<[string, z.ZodType, unknown]>([
    ['85', goalPercent, 85],
    ['85', text, '85'],
    ['false', z.boolean(), false],
    ['false', text, 'false'],
    ['{ end: 1, edge: 2 }', numbers, { end: 1, edge: 2 }],
    ['1e3', positive, 1000],
    ['a, b', names, 'a, b'],
    // What is no YAML, or nothing in it, is refused by its kind as it was written.
    ['{ end: ', numbers, '{ end: '],
    ['', positive, ''],
    ['null', positive, 'null'],
    ['# 5', positive, '# 5'],
  ])('%j', (written, kind, value) => {
    expect(parsedText(written, kind)).toEqual(value)
  })
})
