import { describe, expect, it } from 'vitest'
import { TierwiseError } from '../errors.ts'
import { openToAll } from '../learning/environment/availability.fixture.ts'
import { allAvailable } from '../learning/environment/availability.ts'
import type { Problem, State } from '../learning/environment/environment.ts'
import { choices } from './fake-fleet.fixture.ts'
import { fixedRule, safeRule } from './fixed-rule.ts'

const problem: Problem = { devices: 2, choices, stateSize: 12 }
const state = (goalPercent: number, down?: 'edge'): State => ({
  features: new Float32Array(12),
  goalPercent,
  available: openToAll(
    problem,
    choices.map(({ placement }) => placement.tier !== down),
  ),
})

describe('the safe rule', () => {
  it('is every device by itself with its most accurate variant', () => {
    expect(safeRule.decide(problem, state(89.9))).toEqual([0, 0])
    expect(fixedRule('safe', choices)).toBe(safeRule)
  })

  it('never escalates, however accurate the pair is', () => {
    const to = { tier: 'edge', variant: 'd0' } as const
    const pair = { placement: { tier: 'end', variant: 'd4' }, accuracyPercent: 99 } as const
    const all = [...choices, { ...pair, escalation: { to, margin: 0.5, share: 0.2 } }]
    const escalating = { ...problem, choices: all }
    const open = { ...state(89), available: allAvailable(escalating) }
    expect(safeRule.decide(escalating, open)).toEqual([0, 0])
  })

  /** The first holds d4, the second nothing, and the second reaches no edge. */
  const available = [
    [false, true, false, true, true],
    [false, false, false, false, true],
  ]

  it('is by what each device holds; one that holds nothing is served by what it reaches', () => {
    // (88.9 + 89.9) / 2 = 89.4
    expect(safeRule.decide(problem, { ...state(89.4), available })).toEqual([1, 4])
  })

  it('sends requests away where devices by themselves would break the goal', () => {
    expect(safeRule.decide(problem, { ...state(89.5), available })).toEqual([3, 4])
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
    const three = { ...problem, devices: 3 }
    const available = allAvailable(three)
    expect(frugal.decide(three, { ...state(0), available })).toEqual([0, 0, 0])
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
