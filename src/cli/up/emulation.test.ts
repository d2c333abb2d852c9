import { describe, expect, test } from 'vitest'
import { isWeak } from '../../fleet/scenarios.ts'
import { upSettings } from '../settings/up.ts'
import { linkDelaysMs, pauseMs, targetMs } from './emulation.ts'

describe('times of Table V', () => {
  test('targets keep their ratios', () => {
    const { emulation } = upSettings.parse({ emulation: { timeScale: 0.2 } })
    if (!emulation) throw new Error('emulation is on by default')
    expect(targetMs(emulation, 'end')).toBeCloseTo(93)
    expect(targetMs(emulation, 'edge') / targetMs(emulation, 'end')).toBeCloseTo(351 / 465)
    expect(targetMs(emulation, 'cloud') / targetMs(emulation, 'end')).toBeCloseTo(375 / 465)
  })
})

describe('scenarios of Table IV', () => {
  test.each([
    ['A', 'RRRRR', 'R'],
    ['B', 'RWRWR', 'W'],
    ['C', 'WWWRR', 'R'],
    ['D', 'WWWWW', 'W'],
  ] as const)('%s', (scenario, devices, edge) => {
    const links = Array.from({ length: 5 }, (_, device) => (isWeak(scenario, device) ? 'W' : 'R'))
    expect(links.join('')).toBe(devices)
    expect(isWeak(scenario, 'edge') ? 'W' : 'R').toBe(edge)
  })

  test('a sixth device has the link of the first', () => {
    expect(isWeak('C', 5)).toBe(true)
    expect(isWeak('B', 5)).toBe(false)
  })
})

describe('links', () => {
  const at = (scenario: string) => upSettings.parse({ scenario, emulation: { timeScale: 0.2 } })

  test('scenario B: the second device is weak, and so is the edge', () => {
    expect(linkDelaysMs(at('B'), 0)).toEqual({ upDelayMs: 0, downDelayMs: expect.closeTo(1.2) })
    expect(linkDelaysMs(at('B'), 1)).toEqual({
      upDelayMs: expect.closeTo(15.4),
      downDelayMs: expect.closeTo(1.2),
    })
    expect(linkDelaysMs(upSettings.parse({ scenario: 'D', emulation: false }), 0)).toEqual({
      upDelayMs: 0,
      downDelayMs: 0,
    })
  })

  test('applications rest until the next decision has crossed the slowest link, unless told otherwise', () => {
    expect(pauseMs(at('A'))).toBe(8)
    expect(pauseMs(at('C'))).toBe(8 + 16)
    expect(pauseMs(at('D'))).toBe(8 + 17)
    expect(pauseMs(upSettings.parse({ scenario: 'D', pauseMs: 0 }))).toBe(0)
  })
})
