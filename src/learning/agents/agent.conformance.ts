/** What every Agent promises. Each agent runs this suite. */
import { describe, expect, it } from 'vitest'
import { TierwiseError } from '../../errors.ts'
import { unfiniteIn } from '../../storage/unfinite.ts'
import type { Decision, State } from '../environment/environment.ts'
import type { Engine } from '../nn/engine.ts'
import { referenceEngine } from '../nn/reference-engine.ts'
import type { Agent } from './agent.ts'
import {
  agreement,
  changingGoals,
  constantCost,
  delayedCost,
  feasibleDecisions,
  goalCliff,
  outcomeOf,
  regretRatio,
  sharedEdge,
  stateDependentCost,
  unequalDevices,
  type World,
} from './probe-worlds.fixture.ts'

export interface AgentUnderTest {
  readonly name: string
  /** A fresh agent for this world. */
  create(world: World, seed: number, engine: Engine): Agent
  readonly engine: Engine
  /** False for an agent that plays what it was told whatever the goal is. */
  readonly meetsGoal: boolean
  /** Whether experience changes what it does. */
  readonly learns: boolean
  /** False for an agent that does what it was told and solves nothing; true by default. */
  readonly solves?: boolean
  /** The probe worlds it cannot be asked to solve, by name, and why. */
  readonly notApplicable: Readonly<Record<string, string>>
}

/** Where a run is saved and restored: before, during and after the first sessions of every agent. */
const SAVED_AFTER = [0, 7, 25, 43]
const SEEDS = [1, 2]

export function describeAgent(subject: AgentUnderTest): void {
  describe(`${subject.name} as an Agent`, () => {
    decides(subject)
    repeatsItself(subject)
    refusesForeignKnowledge(subject)
    for (const costMs of [0, 0.01, 1e6]) staysSane(subject, constantCost(costMs))
    if (subject.solves === false) return
    for (const world of [stateDependentCost, sharedEdge, agreement, goalCliff, unequalDevices]) {
      solves(subject, world)
    }
    looksAhead(subject)
  })
}

function decides(subject: AgentUnderTest): void {
  it.each([changingGoals, unequalDevices])('decides feasibly in every state of $name', (world) => {
    const agent = subject.create(world, 1, subject.engine)
    live(agent, world, 0, 60, () => {
      for (const state of world.states) {
        for (const decision of [agent.decide(state), agent.greedy(state)]) {
          expectFeasible(subject, world, decision, state)
        }
      }
    })
  })

  it('answers the same question alike, and is not changed by being asked', () => {
    const asked = subject.create(changingGoals, 2, subject.engine)
    const left = subject.create(changingGoals, 2, subject.engine)
    const decisions = live(asked, changingGoals, 0, changingGoals.steps, (state) => {
      const answers = () =>
        changingGoals.states.map((other) => [asked.decide(other), asked.greedy(other)])
      const decision = asked.decide(state)
      expect(answers()).toEqual(answers())
      expect(asked.decide(state)).toEqual(decision)
    })
    expect(decisions).toEqual(live(left, changingGoals, 0, changingGoals.steps))
  })

  it('says which goal cannot be met', () => {
    if (!subject.meetsGoal) return
    const agent = subject.create(changingGoals, 3, subject.engine)
    const state = { ...changingGoals.states[0], goalPercent: 95 }
    for (const ask of [() => agent.decide(state), () => agent.greedy(state)]) {
      expect(ask).toThrow(TierwiseError)
      expect(ask).toThrow('95 %')
    }
  })

  it('counts its real steps, its planning updates and its gradient updates', () => {
    const { engine, count } = counting(referenceEngine)
    const agent = subject.create(changingGoals, 4, engine)
    expect(agent.progress).toEqual({ realSteps: 0, plannedSteps: 0, updates: 0 })
    let before = agent.progress
    live(agent, changingGoals, 0, changingGoals.steps, (_, step) => {
      const { realSteps, plannedSteps, updates } = agent.progress
      expect(realSteps).toBe(step)
      expect(updates).toBe(count())
      expect(plannedSteps).toBeGreaterThanOrEqual(before.plannedSteps)
      expect(plannedSteps).toBeLessThanOrEqual(updates)
      before = agent.progress
    })
    expect(agent.progress.realSteps).toBe(changingGoals.steps)
  })
}

function repeatsItself(subject: AgentUnderTest): void {
  it('repeats a run from its seed, to the bit', () => {
    const run = (seed: number) => {
      const agent = subject.create(changingGoals, seed, subject.engine)
      const decisions = live(agent, changingGoals, 0, changingGoals.steps)
      return { decisions, saved: agent.save() }
    }
    const first = run(5)
    expect(run(5)).toEqual(first)
    if (subject.learns) expect(run(6).decisions).not.toEqual(first.decisions)
  })

  it.each(SAVED_AFTER)('continues after step %i as if never interrupted', (interruptedAt) => {
    const agent = subject.create(changingGoals, 7, subject.engine)
    live(agent, changingGoals, 0, interruptedAt)
    const saved = structuredClone(agent.save())
    const rest = live(agent, changingGoals, interruptedAt, changingGoals.steps)

    // Another seed, so that nothing but the checkpoint can make them equal.
    const restored = subject.create(changingGoals, 8, subject.engine)
    live(restored, changingGoals, 0, 11)
    restored.restore(saved)
    expect(restored.progress.realSteps).toBe(interruptedAt)
    expect(live(restored, changingGoals, interruptedAt, changingGoals.steps)).toEqual(rest)
    expect(restored.progress).toEqual(agent.progress)
    expect(restored.save()).toEqual(agent.save())
  })

  it('saves a copy that further learning leaves alone', () => {
    const agent = subject.create(changingGoals, 9, subject.engine)
    live(agent, changingGoals, 0, 30)
    const saved = agent.save()
    const copy = structuredClone(saved)
    live(agent, changingGoals, 30, changingGoals.steps)
    expect(saved).toEqual(copy)
  })
}

function refusesForeignKnowledge(subject: AgentUnderTest): void {
  it.each([undefined, null, 7, {}, { agent: 'another', realSteps: 1 }])(
    'does not restore %j',
    (saved) => {
      const agent = subject.create(changingGoals, 10, subject.engine)
      expect(() => agent.restore(saved)).toThrow(TierwiseError)
      expect(agent.progress.realSteps).toBe(0)
    },
  )

  it('does not restore what was learned of another fleet', () => {
    if (!subject.learns) return
    const saved = subject.create(sharedEdge, 11, subject.engine).save()
    const agent = subject.create(changingGoals, 11, subject.engine)
    expect(() => agent.restore(saved)).toThrow(/saved for 2 devices, 0 state features/)
  })
}

/** A constant cost leaves nothing to solve but to stay in one's right mind. */
function staysSane(subject: AgentUnderTest, world: World): void {
  it(`keeps every number finite at a ${world.name}`, () => {
    const agent = subject.create(world, 12, subject.engine)
    live(agent, world, 0, world.steps)
    for (const state of world.states) expectFeasible(subject, world, agent.greedy(state), state)
    expect(unfiniteIn(agent.save())).toBeUndefined()
  })
}

function solves(subject: AgentUnderTest, world: World): void {
  const reason = subject.notApplicable[world.name]
  if (reason !== undefined) {
    it.skip(`${world.name}: ${reason}`)
    return
  }
  it.each(SEEDS)(`solves ${world.name} (seed %i)`, (seed) => {
    const agent = subject.create(world, seed, subject.engine)
    live(agent, world, 0, world.steps)
    for (const state of world.states) {
      const decision = agent.greedy(state)
      expect(feasibleDecisions(world, state)).toContainEqual(decision)
      expect(regretRatio(world, decision, state)).toBeLessThan(1.01)
    }
  })
}

function looksAhead(subject: AgentUnderTest): void {
  const reason = subject.notApplicable[delayedCost.name]
  if (reason !== undefined) {
    it.skip(`${delayedCost.name}: ${reason}`)
    return
  }
  it.each(SEEDS)('avoids a choice whose cost comes a step later (seed %i)', (seed) => {
    const greedyOf = (discount: number) => {
      const agent = subject.create({ ...delayedCost, discount }, seed, subject.engine)
      live(agent, delayedCost, 0, delayedCost.steps)
      return delayedCost.states.map((state) => agent.greedy(state))
    }
    expect(greedyOf(delayedCost.discount)).toEqual([[1], [1]])
    // Without looking ahead it is deceived: the probe can fail.
    expect(greedyOf(0)).toEqual([[0], [0]])
  })
}

/**
 * Lets the agent act from one step to another of a world's run; the world is in its first state at `from`.
 * @param ask called before each step
 * @returns the decisions taken
 */
function live(
  agent: Agent,
  world: World,
  from: number,
  to: number,
  ask: (state: State, step: number) => void = () => {},
): Decision[] {
  let state = from === 0 ? world.states[0] : world.next(world.states[0], [], from)
  const decisions: Decision[] = []
  for (let step = from; step < to; step++) {
    ask(state, step)
    const decision = agent.decide(state)
    const outcome = outcomeOf(world, state, decision, step)
    agent.observe({ state, decision, outcome })
    decisions.push(decision)
    state = outcome.state
  }
  return decisions
}

function expectFeasible(
  subject: AgentUnderTest,
  world: World,
  decision: Decision,
  state: State,
): void {
  const within = subject.meetsGoal ? state : { ...state, goalPercent: 0 }
  expect(feasibleDecisions(world, within)).toContainEqual(decision)
}

/** The same engine, and how many gradient updates it has made for anyone. */
function counting(engine: Engine): { engine: Engine; count: () => number } {
  let updates = 0
  return {
    count: () => updates,
    engine: {
      ...engine,
      training: (...args) => {
        const training = engine.training(...args)
        const run = training.run.bind(training)
        return Object.assign(training, {
          run: (...given: Parameters<typeof run>) => {
            updates += given[0].length / 3
            return run(...given)
          },
        })
      },
    },
  }
}
