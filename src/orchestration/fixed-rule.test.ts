import { describe, expect, it } from 'vitest'
import { TierwiseError } from '../errors.ts'
import type { Problem } from '../learning/environment/environment.ts'
import { choices } from './fake-fleet.fixture.ts'
import { fixedRule, safeRule } from './fixed-rule.ts'

const problem: Problem = { devices: 2, choices, stateSize: 12 }
const state = (goalPercent: number, down?: 'edge') => ({
  features: new Float32Array(12),
  goalPercent,
  available: choices.map(({ placement }) => placement.tier !== down),
})

describe('the safe rule', () => {
  it('is every device by itself with its most accurate variant', () => {
    expect(safeRule.decide(problem, state(89.9))).toEqual([0, 0])
    expect(fixedRule('safe', choices)).toBe(safeRule)
  })
})

describe('a fixed placement', () => {
  it('is for all devices, or one for each', () => {
    expect(fixedRule('fixed:end/d4', choices).decide(problem, state(85))).toEqual([1, 1])
    const mixed = fixedRule('fixed:end/d4,edge/d0', choices)
    expect(mixed.name).toBe('fixed:end/d4,edge/d0')
    expect(mixed.decide(problem, state(85))).toEqual([1, 3])
  })

  it('gives way to the safe rule where it would break the goal or is of another fleet', () => {
    const frugal = fixedRule('fixed:end/d7,end/d4', choices)
    expect(frugal.decide(problem, state(80))).toEqual([2, 1]) // (72.8 + 88.9) / 2 = 80.85
    expect(frugal.decide(problem, state(81))).toEqual([0, 0])
    expect(frugal.decide({ ...problem, devices: 3 }, state(0))).toEqual([0, 0, 0])
  })

  it('keeps a device from a tier that is down', () => {
    expect(fixedRule('fixed:edge/d0', choices).decide(problem, state(85, 'edge'))).toEqual([0, 0])
  })
})

it.each([
  ['hybrid', /no fixed rule.*safe/],
  ['fixed:', /no fixed rule/],
  ['fixed:end/d4;end/d0', /no fixed rule/],
  ['fixed:edge/d9', /edge\/d9/],
  ['fixed:fog/d0', /fog/],
])('%s is refused', (name, message) => {
  expect(() => fixedRule(name, choices)).toThrow(TierwiseError)
  expect(() => fixedRule(name, choices)).toThrow(message)
})
