import { expect, test } from 'vitest'
import type { Agent, LearningProgress } from '../learning/agents/agent.ts'
import type { State, Transition } from '../learning/environment/environment.ts'
import { TimedAgent } from './timed-agent.ts'

const state: State = { features: new Float32Array(0), goalPercent: 0, available: [] }
const outcome = { state, responseTimesMs: [1], accuracyPercent: [80], cost: 1 }
const transition: Transition = { state, decision: [0], outcome }

/** Takes 5 ms to decide, 20 to learn, and 100 to say what it would do; plans twice a step and updates thrice. */
function timedAgent(more: Partial<Agent> = {}) {
  let nowMs = 0
  let realSteps = 0
  const taking = <T>(ms: number, result: T): T => {
    nowMs += ms
    return result
  }
  const agent: Agent = {
    name: 'counting',
    get progress(): LearningProgress {
      return { realSteps, plannedSteps: 2 * realSteps, updates: 3 * realSteps }
    },
    decide: () => taking(5, [0]),
    greedy: () => taking(100, [1]),
    observe: () => {
      realSteps++
      taking(20, undefined)
    },
    save: () => realSteps,
    restore: (saved) => {
      realSteps = Number(saved)
    },
    ...more,
  }
  return new TimedAgent(agent, { nowMs: () => nowMs })
}

test('the stopwatch runs while an agent decides and learns, not while it is asked what it would do', () => {
  const agent = timedAgent()
  expect(agent.decide(state)).toEqual([0])
  agent.observe(transition)
  expect(agent.computationMs).toBe(25)
  expect(agent.greedy(state)).toEqual([1])
  expect(agent.computationMs).toBe(25)
  agent.decide(state)
  expect(agent.computationMs).toBe(30)
})

test('progress counts from where the agent was restored', () => {
  const agent = timedAgent()
  for (let step = 0; step < 3; step++) agent.observe(transition)
  expect(agent.progress).toEqual({ realSteps: 3, plannedSteps: 6, updates: 9 })
  agent.restore(agent.save())
  expect(agent.progress).toEqual({ realSteps: 0, plannedSteps: 0, updates: 0 })
  agent.observe(transition)
  expect(agent.progress).toEqual({ realSteps: 1, plannedSteps: 2, updates: 3 })
})

test('what the agent cannot say, nobody does', () => {
  const agent = timedAgent()
  expect([agent.name, agent.explain(state), agent.trace()]).toEqual([
    'counting',
    undefined,
    undefined,
  ])
  const explanation = { decision: [0], responseTimeMs: 2, lowerBoundMs: 1, gap: 0.5 }
  expect(timedAgent({ explain: () => explanation }).explain(state)).toEqual(explanation)
})
