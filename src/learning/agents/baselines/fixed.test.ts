import { expect, it } from 'vitest'
import { ConfigError, InvalidInputError } from '../../../errors.ts'
import type { Placement } from '../../../fleet/placement.ts'
import { openToAll } from '../../environment/availability.fixture.ts'
import type { Problem, State } from '../../environment/environment.ts'
import { FixedAgent } from './fixed.ts'

const choice = (tier: Placement['tier'], variant: string, accuracyPercent: number) => ({
  placement: { tier, variant },
  accuracyPercent,
})
const PROBLEM: Problem = {
  devices: 3,
  stateSize: 0,
  choices: [choice('end', 'd7', 72.8), choice('end', 'd0', 89.9), choice('edge', 'd0', 89.9)],
}

function stateWith(...open: boolean[]): State {
  const available = openToAll(PROBLEM, open)
  return { features: new Float32Array(0), goalPercent: 85, available }
}

it('gives every device the one placement', () => {
  const agent = new FixedAgent(PROBLEM, 'edge/d0')
  expect(agent.name).toBe('fixed:edge/d0')
  expect(agent.decide(stateWith(true, true, true))).toEqual([2, 2, 2])
  expect(agent.greedy(stateWith(true, true, true))).toEqual([2, 2, 2])
})

it('gives each device its own', () => {
  const agent = new FixedAgent(PROBLEM, 'end/d7, edge/d0,end/d0')
  expect(agent.decide(stateWith(true, true, true))).toEqual([0, 2, 1])
})

it('tells a choice that escalates from its first stage', () => {
  const escalation = { to: { tier: 'edge' as const, variant: 'd0' }, margin: 0.5, share: 0.2 }
  const choices = [...PROBLEM.choices, { ...choice('end', 'd7', 88), escalation }]
  const agent = new FixedAgent({ ...PROBLEM, choices }, 'end/d7, end/d7>edge/d0@0.50, end/d0')
  expect(agent.decide(stateWith(true, true, true, true))).toEqual([0, 3, 1])
  expect(() => new FixedAgent({ ...PROBLEM, choices }, 'end/d7>edge/d0@0.6')).toThrow(
    /"end\/d7>edge\/d0@0.6" is not a choice of this fleet: use one of .*end\/d7>edge\/d0@0.5/,
  )
})

it('plays several joint decisions in turn, moving on when a step was observed', () => {
  const agent = new FixedAgent(PROBLEM, 'end/d0;edge/d0,end/d7,end/d7')
  const state = stateWith(true, true, true)
  expect(agent.decide(state)).toEqual([1, 1, 1])
  expect(agent.decide(state)).toEqual([1, 1, 1])
  const outcome = { state, responseTimesMs: [1, 1, 1], accuracyPercent: [90, 90, 90], cost: 1 }
  agent.observe({ state, decision: [1, 1, 1], outcome })
  expect(agent.decide(state)).toEqual([2, 0, 0])
  agent.observe({ state, decision: [2, 0, 0], outcome })
  expect(agent.decide(state)).toEqual([1, 1, 1])
})

it('replaces an unavailable placement by the most accurate available one', () => {
  const agent = new FixedAgent(PROBLEM, 'end/d7,edge/d0,edge/d0')
  expect(agent.decide(stateWith(true, true, false))).toEqual([0, 1, 1])
  expect(agent.decide(stateWith(true, false, false))).toEqual([0, 0, 0])
  expect(() => agent.decide(stateWith(false, false, false))).toThrow(/no choice is available/)
})

it('replaces it for the devices alone that cannot take it', () => {
  const agent = new FixedAgent(PROBLEM, 'end/d0')
  const all = [true, true, true]
  const state = { ...stateWith(), available: [[true, false, true], all, [true, false, false]] }
  expect(agent.decide(state)).toEqual([2, 1, 0])
  const cut = { ...state, available: [all, all, [false, false, false]] }
  expect(() => agent.decide(cut)).toThrow('no choice is available to device 2 now')
})

it.each([
  ['edge', InvalidInputError, /"edge" is not a placement/],
  ['cloud/d0', ConfigError, /"cloud\/d0" is not a choice.*end\/d7, end\/d0, edge\/d0/],
  ['end/d0,edge/d0', ConfigError, /2 placements for 3 devices/],
])('refuses %s', (text, type, message) => {
  expect(() => new FixedAgent(PROBLEM, text)).toThrow(type)
  expect(() => new FixedAgent(PROBLEM, text)).toThrow(message)
})

it('counts its steps, and continues counting after restore', () => {
  const agent = new FixedAgent(PROBLEM, 'edge/d0')
  const state = stateWith(true, true, true)
  const outcome = {
    state,
    responseTimesMs: [1, 1, 1],
    accuracyPercent: [89.9, 89.9, 89.9],
    cost: 1,
  }
  agent.observe({ state, decision: [2, 2, 2], outcome })
  const other = new FixedAgent(PROBLEM, 'edge/d0')
  other.restore(structuredClone(agent.save()))
  expect(other.progress).toEqual({ realSteps: 1, plannedSteps: 0, updates: 0 })
  expect(() => new FixedAgent(PROBLEM, 'end/d0').restore(agent.save())).toThrow(InvalidInputError)
  expect(() => agent.restore(undefined)).toThrow(InvalidInputError)
})
