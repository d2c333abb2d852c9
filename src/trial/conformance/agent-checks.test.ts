import { expect, it } from 'vitest'
import { ConfigError } from '../../errors.ts'
import type { Agent } from '../../learning/agents/agent.ts'
import { BanditAgent } from '../../learning/agents/baselines/bandit.ts'
import { BANDIT } from '../../learning/agents/hyperparameters.ts'
import { referenceEngine } from '../../learning/nn/reference-engine.ts'
import { type AgentUnderTest, checksOf, runChecks } from './agent-checks.ts'
import type { World } from './probe-worlds.ts'

const bandit = ({ problem }: World, seed: number): Agent =>
  new BanditAgent(problem, { seed, regime: 'exact', hyperparameters: BANDIT })

/** The promises that a bandit with one fault breaks, by name, with what is said of it. */
function broken(fault: (agent: Agent, world: World) => Partial<Agent>) {
  const subject: AgentUnderTest = {
    name: 'faulty',
    create: (world, seed) => {
      const agent = bandit(world, seed)
      return new Proxy(agent, {
        get: (target, key) => {
          const own: unknown = Reflect.get(fault(target, world), key) ?? Reflect.get(target, key)
          return typeof own === 'function' ? own.bind(target) : own
        },
      })
    },
    engine: referenceEngine,
    meetsGoal: true,
    learns: true,
    solves: false,
    notApplicable: {},
  }
  return [...runChecks(checksOf(subject))]
    .filter(({ passed }) => !passed)
    .map(({ name, reason }) => [name, reason])
}

it('finds nothing where there is no fault', () => {
  expect(broken(() => ({}))).toEqual([])
})

it('finds a decision that cannot be taken', () => {
  const faults = broken((_, { problem }) => ({ greedy: () => problem.choices.map(() => 0) }))
  expect(faults).toContainEqual([
    'decides feasibly in every state of changing goals',
    '[0,0,0,0] cannot be taken: a goal of 80 %, device 0 may take 0, 1, 2, 3; device 1 may take 0, 1, 2, 3',
  ])
})

it('finds an agent that is changed by being asked', () => {
  let asked = 0
  const faults = broken((agent) => ({
    decide: (state) => (asked++ % 3 === 0 ? agent.greedy(state).toReversed() : agent.decide(state)),
  }))
  expect(faults.map(([name]) => name)).toContain(
    'answers the same question alike, and is not changed by being asked',
  )
})

it('finds what save() leaves out', () => {
  const faults = broken((agent) => ({
    save: () => {
      const saved = Object(agent.save())
      return { ...saved, knowledge: { ...saved.knowledge, random: 1 } }
    },
  }))
  expect(faults).toContainEqual([
    'continues after step 25 as if never interrupted',
    'restored, it takes other decisions: save() leaves something out',
  ])
})

it('finds an error that is not of ours, and a goal that is not named', () => {
  const named = 'says which goal cannot be met'
  const throwing = (error: Error) => (agent: Agent) => ({
    decide: (state: Parameters<Agent['decide']>[0]) => {
      if (state.goalPercent === 95) throw error
      return agent.decide(state)
    },
  })
  expect(broken(throwing(new TypeError('no')))).toEqual([
    [named, 'it met a goal of 95 % that no decision meets with no'],
  ])
  expect(broken(throwing(new ConfigError('too high')))).toEqual([
    [named, 'its error does not name the goal of 95 %: too high'],
  ])
})

it('finds numbers that are not finite, and counts that are wrong', () => {
  const saved = broken((agent) => ({ save: () => ({ saved: agent.save(), weights: [1, NaN] }) }))
  expect(saved).toContainEqual([
    'keeps every number finite at a constant cost of 0 ms',
    'of what it saved, it.weights.1 is not finite',
  ])
  const counted = broken(({ progress }) => ({
    progress: { ...progress, realSteps: 2 * progress.realSteps },
  }))
  expect(counted).toContainEqual([
    'counts its real steps, its planning updates and its gradient updates',
    'after 1 steps its progress says 2',
  ])
})

it('finds one that takes anything for knowledge of its own', () => {
  const faults = broken(() => ({ restore: () => {} }))
  expect(faults).toContainEqual([
    'does not restore null',
    'it did not refuse what another agent saved',
  ])
})
