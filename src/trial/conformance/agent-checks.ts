/** What every agent promises, one check each: tests run them on all agents, `tierwise check-agent` on anyone's. */
import { isDeepStrictEqual } from 'node:util'
import { messageOf } from '../../errors.ts'
import type { Agent } from '../../learning/agents/agent.ts'
import type { Engine } from '../../learning/nn/engine.ts'
import { referenceEngine } from '../../learning/nn/reference-engine.ts'
import { unfiniteIn } from '../../unfinite.ts'
import { counting, expectFeasible, keeps, live, refuses } from './checking.ts'
import {
  agreement,
  changingGoals,
  constantCost,
  delayedCost,
  feasibleDecisions,
  goalCliff,
  regretRatio,
  sharedEdge,
  stateDependentCost,
  unequalDevices,
  type World,
} from './probe-worlds.ts'

/** An agent that is checked. */
export interface AgentUnderTest {
  readonly name: string
  /** A fresh agent for this world. */
  create(world: World, seed: number, engine: Engine): Agent
  readonly engine: Engine
  /** False for an agent that plays what it was told whatever the goal is. */
  readonly meetsGoal: boolean
  /** Whether experience changes what it does. */
  readonly learns: boolean
  /** Whether its seed changes what it does; by default if it learns. */
  readonly draws?: boolean
  /** Whether `engine` makes all its gradient updates, so that they can be counted; true by default. */
  readonly countsUpdates?: boolean
  /** False for an agent that does what it was told and solves nothing; true by default. */
  readonly solves?: boolean
  /** The probe worlds it cannot be asked to solve, by name, and why. */
  readonly notApplicable: Readonly<Record<string, string>>
}

/** One promise. */
export interface Check {
  readonly name: string
  /** A promise that every agent keeps, or a small world that most solve. */
  readonly kind: 'promise' | 'world'
  /** Why it is not asked of this agent. */
  readonly notApplicable?: string
  /** @throws Error saying what was promised and what happened */
  readonly run: () => void
}

/** Where a run is saved and restored: before, during and after the first sessions of every agent. */
const SAVED_AFTER = [0, 7, 25, 43]
const SEEDS = [1, 2]

/** All checks that this agent can be held to. */
export function checksOf(subject: AgentUnderTest): Check[] {
  const sane = [0, 0.01, 1e6].map((costMs) => staysSane(subject, constantCost(costMs)))
  const promises = [
    ...decides(subject),
    ...repeatsItself(subject),
    ...refusesForeignKnowledge(subject),
    ...sane,
  ]
  if (subject.solves === false) return promises
  const worlds = [stateDependentCost, sharedEdge, agreement, goalCliff, unequalDevices]
  return [...promises, ...worlds.flatMap((world) => solves(subject, world)), ...looksAhead(subject)]
}

function promise(name: string, run: () => void): Check {
  return { name, kind: 'promise', run }
}

function decides(subject: AgentUnderTest): Check[] {
  const feasible = [changingGoals, unequalDevices].map((world) =>
    promise(`decides feasibly in every state of ${world.name}`, () => {
      const agent = subject.create(world, 1, subject.engine)
      live(agent, world, 0, 60, () => {
        for (const state of world.states) {
          expectFeasible(subject, world, agent.decide(state), state)
          expectFeasible(subject, world, agent.greedy(state), state)
        }
      })
    }),
  )
  return [
    ...feasible,
    promise('answers the same question alike, and is not changed by being asked', () =>
      answersAlike(subject),
    ),
    ...(subject.meetsGoal
      ? [promise('says which goal cannot be met', () => saysUnreachable(subject))]
      : []),
    promise('counts its real steps, its planning updates and its gradient updates', () =>
      counts(subject),
    ),
  ]
}

function answersAlike({ create, engine }: AgentUnderTest): void {
  const world = changingGoals
  const asked = create(world, 2, engine)
  const left = create(world, 2, engine)
  const decisions = live(asked, world, 0, world.steps, (state, step) => {
    const answers = () => world.states.map((other) => [asked.decide(other), asked.greedy(other)])
    const decision = asked.decide(state)
    keeps(
      isDeepStrictEqual(answers(), answers()) && isDeepStrictEqual(asked.decide(state), decision),
      () => `at step ${step}, asked twice about one state, it gave two answers`,
    )
  })
  keeps(
    isDeepStrictEqual(decisions, live(left, world, 0, world.steps)),
    () => 'an agent that was asked more often took other decisions than its twin',
  )
}

function saysUnreachable({ create, engine }: AgentUnderTest): void {
  const agent = create(changingGoals, 3, engine)
  const state = { ...changingGoals.states[0], goalPercent: 95 }
  for (const ask of [() => agent.decide(state), () => agent.greedy(state)]) {
    const message = refuses(ask, 'a goal of 95 % that no decision meets')
    keeps(message.includes('95 %'), () => `its error does not name the goal of 95 %: ${message}`)
  }
}

function counts({ create, countsUpdates = true }: AgentUnderTest): void {
  const { engine, count } = counting(referenceEngine)
  const agent = create(changingGoals, 4, engine)
  const none = { realSteps: 0, plannedSteps: 0, updates: 0 }
  keeps(
    isDeepStrictEqual({ ...agent.progress }, none),
    () => `before its first step its progress is ${JSON.stringify(agent.progress)}`,
  )
  let before = agent.progress
  live(agent, changingGoals, 0, changingGoals.steps, (_, step) => {
    const { realSteps, plannedSteps, updates } = agent.progress
    keeps(realSteps === step, () => `after ${step} steps its progress says ${realSteps}`)
    keeps(plannedSteps >= before.plannedSteps, () => 'its planned steps became fewer')
    keeps(updates >= before.updates, () => 'its updates became fewer')
    if (countsUpdates) {
      keeps(updates === count(), () => `it made ${count()} updates and says ${updates}`)
      keeps(plannedSteps <= updates, () => `${plannedSteps} planned steps in ${updates} updates`)
    }
    before = { ...agent.progress }
  })
}

function repeatsItself(subject: AgentUnderTest): Check[] {
  const { draws = subject.learns } = subject
  const run = (seed: number) => {
    const agent = subject.create(changingGoals, seed, subject.engine)
    const decisions = live(agent, changingGoals, 0, changingGoals.steps)
    return { decisions, saved: agent.save() }
  }
  return [
    promise('repeats a run from its seed, to the bit', () => {
      const first = run(5)
      keeps(
        isDeepStrictEqual(run(5), first),
        () => 'two runs of seed 5 differ: draw from `random` alone',
      )
      if (!draws) return
      const isOther = !isDeepStrictEqual(run(6).decisions, first.decisions)
      keeps(isOther, () => 'seed 6 takes the very decisions of seed 5')
    }),
    ...SAVED_AFTER.map((step) =>
      promise(`continues after step ${step} as if never interrupted`, () =>
        continues(subject, step),
      ),
    ),
    promise('saves a copy that further learning leaves alone', () => {
      const agent = subject.create(changingGoals, 9, subject.engine)
      live(agent, changingGoals, 0, 30)
      const saved = agent.save()
      const copy = structuredClone(saved)
      live(agent, changingGoals, 30, changingGoals.steps)
      keeps(isDeepStrictEqual(saved, copy), () => 'what it saved changed while it learned on')
    }),
  ]
}

function continues({ create, engine }: AgentUnderTest, interruptedAt: number): void {
  const world = changingGoals
  const agent = create(world, 7, engine)
  live(agent, world, 0, interruptedAt)
  const saved = structuredClone(agent.save())
  const rest = live(agent, world, interruptedAt, world.steps)

  // Another seed, so that nothing but the checkpoint can make them equal.
  const restored = create(world, 8, engine)
  live(restored, world, 0, 11)
  restored.restore(saved)
  const { realSteps } = restored.progress
  keeps(
    realSteps === interruptedAt,
    () => `restored after ${interruptedAt} steps it has ${realSteps}`,
  )
  keeps(
    isDeepStrictEqual(live(restored, world, interruptedAt, world.steps), rest),
    () => 'restored, it takes other decisions: save() leaves something out',
  )
  keeps(
    isDeepStrictEqual({ ...restored.progress }, { ...agent.progress }) &&
      isDeepStrictEqual(restored.save(), agent.save()),
    () => 'restored, it ends with other knowledge: save() leaves something out',
  )
}

function refusesForeignKnowledge(subject: AgentUnderTest): Check[] {
  const foreign = [undefined, null, 7, {}, { agent: 'another', realSteps: 1 }].map((saved) =>
    promise(`does not restore ${JSON.stringify(saved)}`, () => {
      const agent = subject.create(changingGoals, 10, subject.engine)
      refuses(() => agent.restore(saved), 'what another agent saved')
      keeps(agent.progress.realSteps === 0, () => 'it refused, and yet took steps over')
    }),
  )
  if (!subject.learns) return foreign
  const ofAnotherFleet = promise('does not restore what was learned of another fleet', () => {
    const saved = subject.create(sharedEdge, 11, subject.engine).save()
    const agent = subject.create(changingGoals, 11, subject.engine)
    const message = refuses(() => agent.restore(saved), 'what was learned of another fleet')
    keeps(/saved for 2 devices, 0 state features/.test(message), () => `it only says: ${message}`)
  })
  return [...foreign, ofAnotherFleet]
}

/** A constant cost leaves nothing to solve but to stay in one's right mind. */
function staysSane(subject: AgentUnderTest, world: World): Check {
  return promise(`keeps every number finite at a ${world.name}`, () => {
    const agent = subject.create(world, 12, subject.engine)
    live(agent, world, 0, world.steps)
    for (const state of world.states) expectFeasible(subject, world, agent.greedy(state), state)
    const place = unfiniteIn(agent.save())
    keeps(place === undefined, () => `of what it saved, ${place} is not finite`)
  })
}

/** Worlds, as many times as there are seeds. */
function inWorld(
  { notApplicable }: AgentUnderTest,
  world: World,
  name: string,
  run: (seed: number) => void,
): Check[] {
  const reason = notApplicable[world.name]
  return SEEDS.map((seed) => ({
    name: `${name} (seed ${seed})`,
    kind: 'world',
    ...(reason !== undefined && { notApplicable: reason }),
    run: () => run(seed),
  }))
}

function solves(subject: AgentUnderTest, world: World): Check[] {
  return inWorld(subject, world, `solves ${world.name}`, (seed) => {
    const agent = subject.create(world, seed, subject.engine)
    live(agent, world, 0, world.steps)
    for (const [index, state] of world.states.entries()) {
      const decision = agent.greedy(state)
      keeps(
        feasibleDecisions(world, state).some((other) => isDeepStrictEqual(other, decision)),
        () => `in state ${index} it takes [${decision}], which cannot be taken`,
      )
      const above = (regretRatio(world, decision, state) - 1) * 100
      keeps(above < 1, () => {
        return `after ${world.steps} steps, in state ${index} it takes [${decision}], ${above.toFixed(0)} % above the best`
      })
    }
  })
}

function looksAhead(subject: AgentUnderTest): Check[] {
  const name = 'avoids a choice whose cost comes a step later'
  return inWorld(subject, delayedCost, name, (seed) => {
    const greedyOf = (discount: number) => {
      const agent = subject.create({ ...delayedCost, discount }, seed, subject.engine)
      live(agent, delayedCost, 0, delayedCost.steps)
      return delayedCost.states.map((state) => agent.greedy(state))
    }
    const ahead = greedyOf(delayedCost.discount)
    keeps(isDeepStrictEqual(ahead, [[1], [1]]), () => `it takes ${JSON.stringify(ahead)}`)
    // Without looking ahead it is deceived: the probe can fail.
    const deceived = greedyOf(0)
    keeps(isDeepStrictEqual(deceived, [[0], [0]]), () => `at γ 0: ${JSON.stringify(deceived)}`)
  })
}

/** What came of a check. */
export interface CheckResult extends Pick<Check, 'name' | 'kind'> {
  readonly passed: boolean
  /** What happened instead. */
  readonly reason?: string
}

/** Runs those checks that apply, one after another. */
export function* runChecks(checks: readonly Check[]): Generator<CheckResult> {
  for (const { name, kind, notApplicable, run } of checks) {
    if (notApplicable !== undefined) continue
    try {
      run()
      yield { name, kind, passed: true }
    } catch (error) {
      yield { name, kind, passed: false, reason: messageOf(error) }
    }
  }
}
