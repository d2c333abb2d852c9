import { describe, expect, test } from 'vitest'
import { ConfigError } from '../errors.ts'
import { calibrate, SpeedDilation } from './speed-dilation.ts'

describe('calibration', () => {
  test('gives every variant the same share of a core', () => {
    // d0 takes 5 ms here and is to take 100 ms: a share of 1/20, so d7's 0.6 ms become 12 ms.
    const { processorMs, targetsMs } = calibrate(
      { variant: 'd0', targetMs: 100 },
      { d0: 5, d7: 0.6 },
    )
    expect(processorMs).toEqual({ d0: 5, d7: 0.6 })
    expect(targetsMs['d0']).toBeCloseTo(100, 10)
    expect(targetsMs['d7']).toBeCloseTo(12, 10)
  })

  test('may use the whole core', () => {
    expect(calibrate({ variant: 'd0', targetMs: 5 }, { d0: 5 }).targetsMs).toEqual({ d0: 5 })
  })

  test.each([4.9, 0, -1, Number.NaN])(
    'refuses a target of %d ms on a slower machine',
    (targetMs) => {
      const attempt = () => calibrate({ variant: 'd0', targetMs }, { d0: 5 })
      expect(attempt).toThrow(ConfigError)
      expect(attempt).toThrow('faster than this machine (5.0 ms); set a target of at least 6 ms')
    },
  )

  test.each([0, Number.NaN])('refuses a system that measures %d ms of processor time', (ms) => {
    const attempt = () => calibrate({ variant: 'd0', targetMs: 50 }, { d0: 5, d7: ms })
    expect(attempt).toThrow(ConfigError)
    expect(attempt).toThrow('tells processor time too coarsely')
  })

  test('refuses a variant that is not there', () => {
    const attempt = () => calibrate({ variant: 'd9', targetMs: 50 }, { d0: 5, d7: 0.6 })
    expect(attempt).toThrow('there is no variant "d9"; name one of d0, d7')
  })
})

describe('stretching', () => {
  const calibration = calibrate({ variant: 'd0', targetMs: 100 }, { d0: 5, d7: 0.6 })

  test('takes d / share: proportional to the processor time', () => {
    const dilation = new SpeedDilation(calibration)
    expect(dilation.stretch('d0', 5)).toBeCloseTo(100, 10)
    expect(dilation.stretch('d0', 5.5)).toBeCloseTo(110, 10)
    expect(dilation.stretch('d0', 4)).toBeCloseTo(80, 10)
    expect(dilation.stretch('d7', 0.6)).toBeCloseTo(12, 10)
  })

  test('counts a hiccup as at most one and a half times the usual', () => {
    const dilation = new SpeedDilation(calibration)
    expect(dilation.stretch('d0', 50)).toBeCloseTo(150, 10)
    expect(dilation.stretch('d7', 60)).toBeCloseTo(18, 10)
    expect(dilation.stretch('d0', 5)).toBeCloseTo(100, 10)
  })

  test('follows the machine when it becomes slower: eight of fifteen runs are the median', () => {
    const dilation = new SpeedDilation(calibration)
    const stretched = Array.from({ length: 9 }, () => dilation.stretch('d0', 6))
    for (const ms of stretched.slice(0, 8)) expect(ms).toBeCloseTo(120, 10)
    expect(stretched[8]).toBeCloseTo(100, 10)
  })

  test('follows each variant by itself', () => {
    const dilation = new SpeedDilation(calibration)
    for (let run = 0; run < 15; run++) dilation.stretch('d0', 10)
    expect(dilation.stretch('d0', 10)).toBeCloseTo(100, 10)
    expect(dilation.stretch('d7', 0.6)).toBeCloseTo(12, 10)
  })

  test('does not carry one dilation’s measurements into another', () => {
    const first = new SpeedDilation(calibration)
    for (let run = 0; run < 15; run++) first.stretch('d0', 10)
    expect(new SpeedDilation(calibration).stretch('d0', 5)).toBeCloseTo(100, 10)
  })
})

test('the error is the distance from the target, in percent, in either direction', () => {
  const dilation = new SpeedDilation({ processorMs: { d0: 5 }, targetsMs: { d0: 80 } })
  expect(dilation.errorPercent('d0', 80)).toBe(0)
  expect(dilation.errorPercent('d0', 88)).toBeCloseTo(10, 10)
  expect(dilation.errorPercent('d0', 60)).toBeCloseTo(25, 10)
})
