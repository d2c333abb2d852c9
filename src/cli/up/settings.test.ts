import { describe, expect, test } from 'vitest'
import { isWeak } from '../../fleet/scenarios.ts'
import { deviceNames, linkDelaysMs, pauseMs, targetMs, upSettings } from './settings.ts'

describe('settings', () => {
  test('an empty file means the five devices of the paper, emulated', () => {
    const settings = upSettings.parse({})
    expect(settings).toMatchObject({
      devices: 5,
      scenario: 'A',
      goal: 85,
      agent: 'factored',
      revert: { to: 'safe', whenSlowerPercent: 100, rounds: 20 },
      exploration: {},
      mode: 'pushed',
    })
    expect(settings.workers).toEqual({ end: 1, edge: 2, cloud: 4 })
    expect(settings.emulation).toMatchObject({ timeScale: 0.2, endMs: 465 })
  })

  test('emulation is switched off by false, and unknown keys are refused', () => {
    expect(upSettings.parse({ emulation: false }).emulation).toBe(false)
    expect(upSettings.safeParse({ gaol: 85 }).success).toBe(false)
  })

  test('what guards the agent can be set, and switched off', () => {
    const settings = upSettings.parse({
      shadow: 'hybrid',
      exploration: { budgetPercent: 4 },
      revert: { to: 'fixed:end/d4', whenSlowerPercent: false },
    })
    expect(settings).toMatchObject({
      shadow: 'hybrid',
      exploration: { budgetPercent: 4 },
      revert: { to: 'fixed:end/d4', whenSlowerPercent: false, rounds: 20 },
    })
    for (const wrong of [
      { exploration: { budgetPercent: 0 } },
      { exploration: { budget: 4 } },
      { revert: { rounds: 0 } },
      { revert: { whenSlowerPercent: -1 } },
    ]) {
      expect(upSettings.safeParse(wrong).success).toBe(false)
    }
  })

  test('targets keep the ratios of Table V', () => {
    const { emulation } = upSettings.parse({})
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

test('device names sort in the order of the devices', () => {
  expect(deviceNames(3)).toEqual(['device-1', 'device-2', 'device-3'])
  const names = deviceNames(12)
  expect([...names].sort()).toEqual(names)
})

describe('links', () => {
  const at = (scenario: string) => upSettings.parse({ scenario })

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
    expect(pauseMs(at('A'))).toBe(14)
    expect(pauseMs(at('C'))).toBe(14 + 16)
    expect(pauseMs(at('D'))).toBe(14 + 17)
    expect(pauseMs(upSettings.parse({ scenario: 'D', pauseMs: 0 }))).toBe(0)
  })
})
