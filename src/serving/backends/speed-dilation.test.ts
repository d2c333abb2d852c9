import { describe, expect, test } from 'vitest'
import { ConfigError } from '../../errors.ts'
import { dilationErrorPercent, dilationTargets, slowed } from './speed-dilation.ts'

describe('calibration', () => {
  test('gives every variant the same share of a core', () => {
    // d0 takes 5 ms here and is to take 100 ms: a share of 1/20, so d7's 0.6 ms become 12 ms.
    const targetsMs = dilationTargets({ variant: 'd0', targetMs: 100 }, { d0: 5, d7: 0.6 })
    expect(targetsMs['d0']).toBeCloseTo(100, 10)
    expect(targetsMs['d7']).toBeCloseTo(12, 10)
  })

  test('may use the whole core', () => {
    expect(dilationTargets({ variant: 'd0', targetMs: 5 }, { d0: 5 })).toEqual({ d0: 5 })
  })

  test.each([4.9, 0, -1, Number.NaN])(
    'refuses a target of %d ms on a slower machine',
    (targetMs) => {
      const attempt = () => dilationTargets({ variant: 'd0', targetMs }, { d0: 5 })
      expect(attempt).toThrow(ConfigError)
      expect(attempt).toThrow('faster than this machine (5.0 ms); set a target of at least 6 ms')
    },
  )

  test.each([0, Number.NaN])('refuses a system that measures %d ms of processor time', (ms) => {
    const attempt = () => dilationTargets({ variant: 'd0', targetMs: 50 }, { d0: 5, d7: ms })
    expect(attempt).toThrow(ConfigError)
    expect(attempt).toThrow('tells processor time too coarsely')
  })

  test('refuses a variant that is not there', () => {
    const attempt = () => dilationTargets({ variant: 'd9', targetMs: 50 }, { d0: 5, d7: 0.6 })
    expect(attempt).toThrow('there is no variant "d9"; name one of d0, d7')
  })
})

test('the error is the distance from the target, in percent, in either direction', () => {
  expect(dilationErrorPercent(80, 80)).toBe(0)
  expect(dilationErrorPercent(88, 80)).toBeCloseTo(10, 10)
  expect(dilationErrorPercent(60, 80)).toBeCloseTo(25, 10)
})

test('a slower node takes the same factor longer for every variant', () => {
  expect(slowed({ d0: 10, d3: 2.5 }, 1.2)).toEqual({ d0: 12, d3: 3 })
})
