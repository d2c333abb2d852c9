import { describe, expect, it } from 'vitest'
import { openToAll } from '../../environment/availability.fixture.ts'
import type { Problem, State } from '../../environment/environment.ts'
import { OracleAgent, type Profile } from './oracle.ts'

const problem: Problem = {
  devices: 2,
  stateSize: 1,
  choices: [
    { placement: { tier: 'end', variant: 'd7' }, accuracyPercent: 72.8 },
    { placement: { tier: 'end', variant: 'd0' }, accuracyPercent: 89.9 },
    { placement: { tier: 'cloud', variant: 'd0' }, accuracyPercent: 89.9 },
  ],
}
const profile: Profile = {
  responseTimesMs: {
    'end/d7': [[10], [10]],
    'end/d0': [[100], [90]],
    'cloud/d0': [
      [50, 99],
      [60, 99],
    ],
  },
}

const state = (goalPercent: number, cloud = true): State => ({
  features: new Float32Array(1),
  goalPercent,
  available: openToAll(problem, [true, true, cloud]),
})

describe('OracleAgent', () => {
  it('decides by the goal and by what is available, exploring nothing', () => {
    const agent = new OracleAgent(problem, profile)
    expect(agent.decide(state(0))).toEqual([0, 0])
    expect(agent.decide(state(89.9))).toEqual([2, 1])
    expect(agent.decide(state(89.9, false))).toEqual([1, 1])
    expect(agent.decide(state(80))).toEqual([2, 0])
    expect(agent.greedy(state(80, false))).toEqual([0, 1])
  })

  it('searches once for a question that repeats', () => {
    let reads = 0
    const counted = {
      get responseTimesMs() {
        reads++
        return profile.responseTimesMs
      },
    }
    const agent = new OracleAgent(problem, counted)
    const first = agent.decide(state(85))
    const readsOfOne = reads
    expect(agent.greedy(state(85))).toBe(first)
    expect(reads).toBe(readsOfOne)
    agent.decide(state(0))
    expect(reads).toBeGreaterThan(readsOfOne)
  })

  it('reports a goal that cannot be met', () => {
    const agent = new OracleAgent(problem, profile)
    expect(() => agent.decide(state(95))).toThrow('the best reachable average accuracy is 89.9 %')
  })

  it('counts what it observes, and continues from what it saved', () => {
    const agent = new OracleAgent(problem, profile)
    agent.observe()
    agent.observe()
    expect(agent.progress).toEqual({ realSteps: 2, plannedSteps: 0, updates: 0 })
    const restored = new OracleAgent(problem, profile)
    restored.restore(structuredClone(agent.save()))
    expect(restored.progress).toEqual(agent.progress)
  })

  it.each([
    undefined,
    null,
    7,
    {},
    { agent: 'fixed', devices: 2, choices: 3, realSteps: 1 },
    { agent: 'oracle', devices: 3, choices: 3, realSteps: 1 },
    { agent: 'oracle', devices: 2, choices: 3, realSteps: 'many' },
  ])('does not restore %j', (saved) => {
    const agent = new OracleAgent(problem, profile)
    expect(() => agent.restore(saved)).toThrow('not saved by the oracle of 2 devices and 3 choices')
    expect(agent.progress.realSteps).toBe(0)
  })
})
