import { describe, expect, it } from 'vitest'
import { InvalidInputError, TooLargeError } from '../errors.ts'
import { Random } from '../random.ts'
import { checkJson, JSON_LIMIT_BYTES } from './json-bounds.ts'

const check = (text: string, limitBytes = JSON_LIMIT_BYTES) =>
  checkJson(Buffer.from(text), limitBytes)
const nested = (depth: number) => '['.repeat(depth) + ']'.repeat(depth)
const listOf = (count: number, element: string) => `[${Array(count).fill(element).join()}]`
const keys = (count: number) =>
  `{${Array.from({ length: count }, (_, key) => `"k${key}":1`).join()}}`

describe('the bounds of JSON', () => {
  it.each([
    ['size', 'x'.repeat(100), 'x'.repeat(101), /101 bytes, over the limit of 100/],
    ['depth', nested(32), nested(33), /more than 32 levels/],
    ['keys', keys(1024), keys(1025), /more than 1024 keys/],
    ['strings', listOf(2 ** 16, '""'), listOf(2 ** 16 + 1, '""'), /more than 65536 strings/],
    ['values', listOf(2 ** 19 + 1, '1'), listOf(2 ** 19 + 2, '1'), /more than 524288 values/],
    ['arrays', listOf(2 ** 18 - 1, '[]'), listOf(2 ** 18, '[]'), /more than 262144 arrays/],
  ])('are exact: %s', (what, good, bad, message) => {
    const limitBytes = what === 'size' ? 100 : JSON_LIMIT_BYTES
    check(good, limitBytes)
    const error = what === 'size' ? TooLargeError : InvalidInputError
    expect(() => check(bad, limitBytes)).toThrow(error)
    expect(() => check(bad, limitBytes)).toThrow(message)
  })

  it('count nothing inside of strings, escaped quotes included', () => {
    check(JSON.stringify({ a: '[{'.repeat(100), b: `\\"${'['.repeat(50)}`, c: ':'.repeat(2000) }))
    check(`"${'\\"['.repeat(40)}"`)
    check('"\\')
  })

  it('agree with the depth that a parser sees (fuzz)', () => {
    const random = new Random(5)
    const grow = (left: number): unknown => {
      const kind = random.integer(4)
      if (left === 0 || kind === 0) return '[{":,'.slice(random.integer(5))
      return kind === 1 ? { [`k"${left}`]: grow(left - 1) } : [grow(left - 1), 1]
    }
    const depthOf = (value: unknown): number =>
      typeof value === 'object' && value !== null
        ? 1 + Math.max(0, ...Object.values(value).map(depthOf))
        : 0
    for (let trial = 0; trial < 500; trial++) {
      const value = grow(random.integer(45))
      const act = () => check(JSON.stringify(value))
      if (depthOf(value) > 32) expect(act).toThrow(/levels/)
      else act()
    }
  })
})
