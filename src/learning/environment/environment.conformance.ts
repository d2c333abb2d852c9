/** What every Environment promises. The simulator and the live fleet both run this suite. */
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import type { Decision, Environment, Outcome, Problem, State } from './environment.ts'

/** One environment under test, in the `exact` regime: its cost is always the average response time. */
export interface EnvironmentUnderTest {
  readonly environment: Environment
  /** Whether the same seed gives the same run, to the bit. */
  readonly deterministic: boolean
  /** Makes at least one choice unavailable to all; resolves to the state that tells so. */
  readonly loseTier?: () => State | Promise<State>
  readonly close?: () => void | Promise<void>
}

/** @param create starts a fresh environment; called once */
export function describeEnvironment(
  name: string,
  create: () => EnvironmentUnderTest | Promise<EnvironmentUnderTest>,
): void {
  describe(`${name} as an Environment`, () => {
    let subject: EnvironmentUnderTest
    beforeAll(async () => {
      subject = await create()
    })
    afterAll(async () => {
      await subject.close?.()
    })

    answersDecisions(() => subject)
    keepsItsContract(() => subject)
  })
}

function answersDecisions(subject: () => EnvironmentUnderTest): void {
  it('states a problem with devices, distinct choices and known accuracies', () => {
    expectProblem(subject().environment.problem)
  })

  it('starts in a state of the stated shape', async () => {
    const { environment } = subject()
    expectState(await environment.reset(1), environment.problem)
  })

  it('answers every common choice with one response time and one accuracy for each device', async () => {
    const { environment } = subject()
    const { problem } = environment
    const state = await environment.reset(2)
    for (const [choice, { accuracyPercent }] of problem.choices.entries()) {
      if (!isOpenToAll(state, choice)) continue
      const outcome = await environment.step(uniform(problem, choice))
      expectOutcome(outcome, problem)
      expect(outcome.accuracyPercent).toEqual(uniform(problem, accuracyPercent))
    }
  })

  it('answers a mixed decision, each device with the accuracy of its own choice', async () => {
    const { environment } = subject()
    const { problem } = environment
    const state = await environment.reset(3)
    const decision = mixed(state)
    const outcome = await environment.step(decision)
    expectOutcome(outcome, problem)
    expect(outcome.accuracyPercent).toEqual(
      decision.map((choice) => problem.choices[choice]?.accuracyPercent),
    )
  })
}

function keepsItsContract(subject: () => EnvironmentUnderTest): void {
  it('leaves the decision it was given as it was', async () => {
    const { environment } = subject()
    const decision = mixed(await environment.reset(4))
    const before = [...decision]
    await environment.step(decision)
    expect(decision).toEqual(before)
  })

  it('rejects a decision that breaks the contract, and serves the next one', async () => {
    const { environment } = subject()
    const { problem } = environment
    const good = mixed(await environment.reset(5))
    const wrong: readonly Decision[] = [
      [],
      good.slice(1),
      [...good, 0],
      ...[-1, 0.5, Number.NaN, problem.choices.length].map((choice) => uniform(problem, choice)),
    ]
    for (const decision of wrong) {
      await expect(tryStep(environment, decision), `[${decision}]`).rejects.toThrow()
    }
    expectOutcome(await environment.step(good), problem)
  })

  it('rejects a choice for a device that cannot take it, and serves it to one that can', async ({
    skip,
  }) => {
    const { environment } = subject()
    const state = await environment.reset(9)
    const good = mixed(state)
    const unequal = environment.problem.choices.flatMap((_, choice) => {
      const [can, cannot] = [true, false].map((may) =>
        state.available.findIndex((open) => open[choice] === may),
      )
      return can >= 0 && cannot >= 0 ? [{ choice, can, cannot }] : []
    })
    if (unequal.length === 0) skip()
    for (const { choice, can, cannot } of unequal) {
      await expect(tryStep(environment, good.with(cannot, choice))).rejects.toThrow()
      expectOutcome(await environment.step(good.with(can, choice)), environment.problem)
    }
  })

  it('replays a run from its seed, where it is deterministic', async ({ skip }) => {
    const { environment, deterministic } = subject()
    if (!deterministic) skip()
    const first = await run(environment, 6)
    expect(await run(environment, 6)).toEqual(first)
    expect(await run(environment, 7)).not.toEqual(first)
  })

  // Last, because a tier that is lost need not come back.
  it('rejects a choice whose tier is down, and serves the others', async ({ skip }) => {
    const { environment, loseTier } = subject()
    const { problem } = environment
    await environment.reset(8)
    if (loseTier === undefined) return skip()
    const state = await loseTier()
    const lost = problem.choices.findIndex((_, choice) => isLost(state, choice))
    expect(lost).toBeGreaterThanOrEqual(0)
    await expect(tryStep(environment, uniform(problem, lost))).rejects.toThrow()
    const outcome = await environment.step(mixed(state))
    expectOutcome(outcome, problem)
    expect(isLost(outcome.state, lost)).toBe(true)
  })
}

function expectProblem({ devices, choices, stateSize }: Problem): void {
  expect(Number.isInteger(devices) && devices >= 1).toBe(true)
  expect(Number.isInteger(stateSize) && stateSize >= 1).toBe(true)
  const placements = choices.map(({ placement }) => `${placement.tier}/${placement.variant}`)
  expect(placements.length).toBeGreaterThanOrEqual(1)
  expect(new Set(placements).size).toBe(placements.length)
  for (const { accuracyPercent } of choices) {
    expect(accuracyPercent).toBeGreaterThan(0)
    expect(accuracyPercent).toBeLessThanOrEqual(100)
  }
}

function expectState(state: State, { devices, stateSize, choices }: Problem): void {
  expect(state.features).toBeInstanceOf(Float32Array)
  expect(state.features).toHaveLength(stateSize)
  for (const feature of state.features) {
    expect(feature).toBeGreaterThanOrEqual(0)
    expect(feature).toBeLessThanOrEqual(1)
  }
  expect(state.goalPercent).toBeGreaterThanOrEqual(0)
  expect(state.goalPercent).toBeLessThanOrEqual(100)
  expect(state.available).toHaveLength(devices)
  for (const open of state.available) {
    expect(open).toHaveLength(choices.length)
    expect(open).toContain(true)
  }
}

function expectOutcome(outcome: Outcome, problem: Problem): void {
  expectState(outcome.state, problem)
  expect(outcome.responseTimesMs).toHaveLength(problem.devices)
  expect(outcome.accuracyPercent).toHaveLength(problem.devices)
  for (const responseTimeMs of outcome.responseTimesMs) {
    expect(responseTimeMs).toBeGreaterThan(0)
    expect(responseTimeMs).toBeLessThan(Number.POSITIVE_INFINITY)
  }
  const sumMs = outcome.responseTimesMs.reduce((sum, responseTimeMs) => sum + responseTimeMs, 0)
  expect(outcome.cost).toBeCloseTo(sumMs / problem.devices, 6)
}

/** Every device takes the same. Shape [devices]. */
function uniform({ devices }: Problem, choice: number): number[] {
  return Array.from({ length: devices }, () => choice)
}

/** The choices that each may take dealt out in turn. Shape [devices]. */
function mixed({ available }: State): number[] {
  return available.map((row, device) => {
    const open = row.flatMap((isOpen, choice) => (isOpen ? [choice] : []))
    return open[device % open.length] ?? 0
  })
}

function isOpenToAll({ available }: State, choice: number): boolean {
  return available.every((open) => open[choice])
}

function isLost({ available }: State, choice: number): boolean {
  return available.every((open) => !open[choice])
}

async function run(environment: Environment, seed: number): Promise<readonly unknown[]> {
  const state = await environment.reset(seed)
  const trace: unknown[] = [state]
  const { problem } = environment
  const common = problem.choices.flatMap((_, choice) => (isOpenToAll(state, choice) ? choice : []))
  for (let round = 0; round < 20; round++) {
    trace.push(await environment.step(uniform(problem, common[round % common.length])))
  }
  return trace
}

/** A step that throws and a step that rejects are the same to its caller. */
async function tryStep(environment: Environment, decision: Decision): Promise<Outcome> {
  return await environment.step(decision)
}
