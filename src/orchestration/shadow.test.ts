import { describe, expect, it } from 'vitest'
import type { Agent } from '../learning/agents/agent.ts'
import { allAvailable } from '../learning/environment/availability.ts'
import type { Decision, Problem, State } from '../learning/environment/environment.ts'
import { choices, ScriptedAgent } from './fake-fleet.fixture.ts'
import { Shadow } from './shadow.ts'
import { meanAnsweredMs } from './unanswered.ts'

const problem: Problem = { devices: 2, choices, stateSize: 12, names: ['one', 'two'] }
const state = (goalPercent = 0): State => ({
  features: new Float32Array(12),
  goalPercent,
  available: allAvailable(problem),
})
/** True response times by choice, ms; nodes do not slow down. */
const TIMES_MS = [100, 60, 20, 40, 50]

function play(shadow: Shadow, rounds: number, decide: (round: number) => Decision, goal = 0) {
  for (let round = 0; round < rounds; round++) {
    const decision = decide(round)
    const responseTimesMs = decision.map((choice) => TIMES_MS[choice] ?? 0)
    const cost = meanAnsweredMs(responseTimesMs)
    const outcome = { state: state(goal), responseTimesMs, accuracyPercent: [89.9, 89.9], cost }
    shadow.observe({ state: state(goal), decision, outcome })
  }
}

const proposing = (decision: Decision) => new ScriptedAgent(() => decision)

describe('the score', () => {
  it('is none before the first round', () => {
    expect(new Shadow(problem, proposing([0, 0]), 100).score).toBeUndefined()
  })

  it('of a faster proposal is what it would save, once the judge knows both', () => {
    const shadow = new Shadow(problem, proposing([2, 2]), 100)
    // The judge sees the proposal in force now and then.
    play(shadow, 200, (round) => (round % 4 === 0 ? [2, 2] : [0, 0]))
    const score = shadow.score
    expect(score).toMatchObject({ agent: 'scripted', rounds: 100, agreementPercent: 25 })
    // Acting takes (3 * 100 + 20) / 4 = 80 ms on average, the proposal 20 ms.
    expect(score?.savingPercent).toBeCloseTo(75, 0)
    expect(score?.judgeErrorPercent).toBeLessThan(2)
    expect(score?.goalViolations).toBe(0)
  })

  it('of the same decisions is full agreement and no saving', () => {
    const shadow = new Shadow(problem, proposing([1, 3]), 100)
    play(shadow, 30, () => [1, 3])
    expect(shadow.score).toMatchObject({ rounds: 30, agreementPercent: 100, savingPercent: 0 })
  })

  it('counts proposals below the goal', () => {
    const shadow = new Shadow(problem, proposing([2, 2]), 100) // 72.8 %
    play(shadow, 5, () => [0, 0], 70)
    expect(shadow.score?.goalViolations).toBe(0)
    play(shadow, 5, () => [0, 0], 80)
    expect(shadow.score?.goalViolations).toBe(5)
  })

  it('says how wrong the judge was of what was really taken', () => {
    const shadow = new Shadow(problem, proposing([0, 0]), 100)
    play(shadow, 1, () => [2, 2])
    // Nothing was known before the first round.
    expect(shadow.score?.judgeErrorPercent).toBeGreaterThan(10)
  })
})

describe('what the agent learns', () => {
  it('is every round, with numbers where it needs them', () => {
    const agent = proposing([0, 0])
    const shadow = new Shadow(problem, agent, 100)
    const outcome = {
      state: state(),
      responseTimesMs: [40, Number.NaN],
      accuracyPercent: [89.9, 89.9],
      cost: 40,
    }
    shadow.observe({ state: state(), decision: [3, 0], outcome })
    expect(agent.seen[0]?.outcome).toMatchObject({ responseTimesMs: [40, 100], cost: 70 })
  })

  it('is single answers too, where it hears of them', () => {
    const heard: number[] = []
    const agent: Agent = Object.assign(proposing([0, 0]), {
      hear: ({ responseTimeMs }: { responseTimeMs: number }) => heard.push(responseTimeMs),
    })
    const shadow = new Shadow(problem, agent, 100)
    shadow.hear({ state: state(), decision: [0, 0], device: 0, responseTimeMs: 33 })
    expect(heard).toEqual([33])
    new Shadow(problem, proposing([0, 0]), 100).hear({
      state: state(),
      decision: [0, 0],
      device: 0,
      responseTimeMs: 33,
    })
  })
})

it('judges by single answers as well', () => {
  const [untaught, taught] = [0, 1].map(() => new Shadow(problem, proposing([0, 0]), 100))
  const errorOf = (shadow: Shadow | undefined) => {
    if (!shadow) throw new Error('two shadows')
    play(shadow, 1, () => [2, 2])
    return shadow.score?.judgeErrorPercent ?? Number.NaN
  }
  for (let answer = 0; answer < 40; answer++) {
    for (const device of [0, 1]) {
      taught?.hear({ state: state(), decision: [2, 2], device, responseTimeMs: 20 })
    }
  }
  expect(errorOf(taught)).toBeLessThan(1)
  expect(errorOf(untaught)).toBeGreaterThan(10)
})
