import { describe, expect, it } from 'vitest'
import { ConfigError, InvalidInputError } from '../../errors.ts'
import type { Agent } from '../agents/agent.ts'
import { createAgent } from '../agents/create.ts'
import { PENALTY_MS, type Regime } from '../agents/regime.ts'
import { allAvailable } from '../environment/availability.ts'
import type { Decision, State } from '../environment/environment.ts'
import { decisionOf, jointDecisionCount } from '../environment/feasible.ts'
import { referenceEngine } from '../nn/reference-engine.ts'
import type { Task } from './task.ts'
import { transfer } from './transfer.ts'

const ACCURACIES = [90, 80, 70]
const CHOICE_MS = [300, 200, 100]

function taskOf(devices: number, goalPercent = 0): Task {
  const choices = ACCURACIES.map((accuracyPercent, index) => ({
    placement: { tier: 'end', variant: `d${index}` } as const,
    accuracyPercent,
  }))
  return { problem: { devices, stateSize: devices, choices }, goalPercent }
}

function stateOf({ problem, goalPercent }: Task): State {
  const features = new Float32Array(problem.stateSize)
  return { features, goalPercent, available: allAvailable(problem) }
}

function agentOf(name: string, { problem }: Task, regime: Regime = 'exact'): Agent {
  return createAgent(name, problem, { seed: 1, regime, engine: referenceEngine })
}

function mean(decision: Decision, values: readonly number[]): number {
  return decision.reduce((sum, choice) => sum + (values[choice] ?? NaN), 0) / decision.length
}

/** Exact costs; what breaks the goal costs the penalty, which an agent of the exact regime never meets. */
function live(agent: Agent, task: Task, steps: number): Agent {
  const state = stateOf(task)
  for (let step = 0; step < steps; step++) {
    const decision = agent.decide(state)
    const isBroken = mean(decision, ACCURACIES) < task.goalPercent - 1e-9
    const cost = isBroken ? PENALTY_MS : mean(decision, CHOICE_MS)
    const responseTimesMs = decision.map((choice) => CHOICE_MS[choice] ?? NaN)
    agent.observe({
      state,
      decision,
      outcome: { state, responseTimesMs, accuracyPercent: [], cost },
    })
  }
  return agent
}

/** How much slower its greedy decision is than the best; infinite if it breaks the goal. */
function regretMs(agent: Agent, task: Task): number {
  const decisions = Array.from({ length: jointDecisionCount(task.problem) }, (_, index) =>
    decisionOf(index, task.problem),
  ).filter((decision) => mean(decision, ACCURACIES) >= task.goalPercent - 1e-9)
  const least = Math.min(...decisions.map((decision) => mean(decision, CHOICE_MS)))
  const decision = agent.greedy(stateOf(task))
  if (mean(decision, ACCURACIES) < task.goalPercent - 1e-9) return Infinity
  return mean(decision, CHOICE_MS) - least
}

function warmed(name: string, from: Task, to: Task, steps: number, regime: Regime = 'exact') {
  const saved = live(agentOf(name, from, regime), from, steps).save()
  const copy = structuredClone(saved)
  const agent = agentOf(name, to, regime)
  agent.restore(transfer(saved, from, to))
  expect(saved).toEqual(copy)
  return agent
}

const STEPS = { 'q-learning': 100, dqn: 400, hybrid: 80 }

describe.each(['q-learning', 'dqn', 'hybrid'] as const)('%s', (name) => {
  it.each([
    [2, 3],
    [3, 2],
  ])('knows the best decision of %i devices for %i', (before, after) => {
    const [from, to] = [taskOf(before), taskOf(after)]
    expect(regretMs(agentOf(name, to), to)).toBeGreaterThan(0)
    const agent = warmed(name, from, to, STEPS[name])
    expect(regretMs(agent, to)).toBe(0)
    expect(agent.progress).toEqual({ realSteps: 0, plannedSteps: 0, updates: 0 })
    // And goes on learning.
    expect(regretMs(live(agent, to, 60), to)).toBe(0)
    expect(agent.progress.realSteps).toBe(60)
  })

  it('needs nothing new for another goal where accuracies are known', () => {
    const [from, to] = [taskOf(2, 75), taskOf(2, 85)]
    const agent = warmed(name, from, to, STEPS[name])
    expect(regretMs(agent, to)).toBe(0)
    expect(transfer(agent.save(), from, to)).toEqual(transfer(agent.save(), to, to))
  })

  it.each([
    [75, 85],
    [85, 75],
  ])('learns from the penalty to meet goal %i, then goal %i', (before, after) => {
    const [from, to] = [taskOf(2, before), taskOf(2, after)]
    const agent = warmed(name, from, to, STEPS[name], 'penalty')
    expect(regretMs(live(agent, to, STEPS[name]), to)).toBe(0)
  })

  it('is of no use elsewhere', () => {
    const [from, to] = [taskOf(2), taskOf(3)]
    const saved = agentOf(name, from).save()
    expect(() => transfer(saved, to, from)).toThrow(InvalidInputError)
    expect(() => agentOf(name, from).restore(transfer(saved, from, to))).toThrow(InvalidInputError)
  })
})

it('carries nothing over for the others', () => {
  const saved = agentOf('bandit', taskOf(2)).save()
  expect(() => transfer(saved, taskOf(2), taskOf(3))).toThrow(ConfigError)
  expect(() => transfer(undefined, taskOf(2), taskOf(3))).toThrow(ConfigError)
})
