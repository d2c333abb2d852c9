import { describe, expect, test } from 'vitest'
import { systemClock } from '../clock.ts'
import { bruteForce } from '../learning/agents/baselines/oracle.ts'
import { SimulatedEnvironment } from '../simulation/simulated-environment.ts'
import type { TrainingOptions } from './training.ts'
import * as wandering from './wandering.ts'
import { WANDER, type WanderingSettings } from './wandering.ts'

const trainWandering = (run: WanderingSettings, options: Partial<TrainingOptions> = {}) =>
  wandering.trainWandering(run, { clock: systemClock, ...options })

const STILL = { linkFlip: 0, levelMove: 0, busyFlip: 0 }

const settings: WanderingSettings = {
  agent: 'dqn',
  regime: 'exact',
  scenario: 'A',
  users: 2,
  goal: 89,
  seed: 3,
  maxSteps: 60,
  wander: WANDER,
}

describe('regret by hand, one user', () => {
  const alone = { ...settings, users: 1, maxSteps: 20 }

  test('of the slowest model where nothing moves', async () => {
    const still = { ...alone, goal: 0, wander: STILL }
    const result = await trainWandering({ ...still, agent: 'fixed:end/d0' })
    const { regret } = result
    // 58.6 + 0.714 · 569 = 464.866 ms against 58.6 + 0.332 · 41 = 72.212 ms of d7.
    expect(regret.regretMs).toBeCloseTo(464.866 - 72.212, 9)
    expect(regret).toMatchObject({ policyRegretMs: regret.regretMs, lateGoodPercent: 0 })
    expect(regret.optimumMs).toBeCloseTo(72.212, 9)
    expect(regret.statesMet).toBe(1)
    expect([result.steps, result.converged]).toEqual([20, false])
  })

  test('none of the optimum, which has converged at the first step', async () => {
    const still = { ...alone, goal: 0, maxSteps: 501, wander: STILL }
    const result = await trainWandering({ ...still, agent: 'fixed:end/d7' })
    const { regret } = result
    expect(regret).toMatchObject({ regretMs: 0, lateRegretMs: 0, lateGoodPercent: 100 })
    expect(result).toMatchObject({ converged: true, realSteps: 1 })
  })

  test('where every link flips after every round', async () => {
    const wander = { ...STILL, linkFlip: 1 }
    const fixed = { ...alone, agent: 'fixed:cloud/d0', goal: 89.9, wander }
    const { regret } = await trainWandering(fixed)
    // All links regular: 375 ms against 351 ms at the edge. All weak: 375 + 100 + 6 + 20 against 351 + 100 + 6.
    expect(regret.regretMs).toBeCloseTo((24 + 44) / 2, 9)
    expect(regret.optimumMs).toBeCloseTo((351 + 457) / 2, 9)
    expect(regret.statesMet).toBe(2)
  })
})

test.each([5, 6, 7])('agrees with brute force in every state (seed %i)', async (seed) => {
  const agent = 'fixed:end/d4,edge/d0'
  const { regret, decisions } = await trainWandering({ ...settings, agent, seed })
  const environment = new SimulatedEnvironment({
    devices: 2,
    scenario: 'A',
    goalPercent: 89,
    seed,
    wander: WANDER,
  })
  const { problem } = environment
  const expectedMs = (decision: readonly number[]) => environment.expectedResponseTimeMs(decision)
  let sumMs = 0
  for (let step = 0; step < settings.maxSteps; step++) {
    const { goalPercent, available } = environment.currentState()
    const decision = [4, 8]
    sumMs +=
      expectedMs(decision) - bruteForce(problem, expectedMs, goalPercent, available).responseTimeMs
    environment.step(decision)
  }
  expect(regret.regretMs).toBeCloseTo(sumMs / settings.maxSteps, 6)
  expect(decisions).toEqual(['end/d4', 'edge/d0'])
})

test('late is the second half, and good is within 1 % of the optimum of the very state', async () => {
  const wander = { ...STILL, linkFlip: 1 }
  const fixed = { ...settings, users: 1, goal: 89.9, wander }
  // Links begin regular: of three steps the second is weak, and late are the second and the third.
  const { regret } = await trainWandering({ ...fixed, agent: 'fixed:cloud/d0', maxSteps: 3 })
  expect(regret.regretMs).toBeCloseTo((24 + 44 + 24) / 3, 9)
  expect(regret.lateRegretMs).toBeCloseTo((44 + 24) / 2, 9)
  expect(regret.latePolicyRegretMs).toBeCloseTo((44 + 24) / 2, 9)
  expect(regret.lateGoodPercent).toBe(0)
  // Between two fixed decisions that take turns, every other one is the best: at the edge.
  const turns = { ...fixed, agent: 'fixed:edge/d0;end/d0', maxSteps: 4 }
  const taken = (await trainWandering(turns)).regret
  expect(taken.lateGoodPercent).toBe(50)
  // On the device with weak links: 464.866 + 77 + 6 ms against 457 at the edge.
  expect(taken.regretMs).toBeCloseTo((547.866 - 457) / 2, 9)
})

test('load moves too, and costs those who stay at the loaded node', async () => {
  const wander = { ...STILL, levelMove: 1 }
  const fixed = { ...settings, users: 1, goal: 89.9, wander, maxSteps: 200 }
  const edge = await trainWandering({ ...fixed, agent: 'fixed:edge/d0' })
  const device = await trainWandering({ ...fixed, agent: 'fixed:end/d0' })
  // The same seed wanders the same way, whatever is decided.
  expect(device.regret.statesMet).toBe(edge.regret.statesMet)
  expect(device.regret.optimumMs).toBe(edge.regret.optimumMs)
  expect(edge.regret.statesMet).toBeGreaterThan(10)
  // The optimum is never slower than the device, whose time no load changes.
  expect(device.regret.regretMs).toBeCloseTo(464.866 - device.regret.optimumMs, 6)
  expect(edge.regret.regretMs).toBeGreaterThan(0)
})

describe('learners', () => {
  test('dqn pays for exploring, and repeats itself from its seed', async () => {
    const [one, again] = [await trainWandering(settings), await trainWandering(settings)]
    expect(again.regret).toEqual(one.regret)
    expect(one.regret.regretMs).toBeGreaterThan(0)
    expect(one.regret.statesMet).toBeGreaterThan(5)
    expect(one.prediction).toBeUndefined()
    expect(one).toMatchObject({ goalViolations: 0, updates: 31 })
  })

  test('hybrid with one user learns what every state asks for, and its predictions are scored', async () => {
    const { regret, prediction } = await trainWandering({
      ...settings,
      agent: 'hybrid',
      users: 1,
      goal: 89.9,
      maxSteps: 300,
    })
    expect(regret.latePolicyRegretMs).toBeLessThan(0.05 * regret.optimumMs)
    expect(prediction?.transitions).toBe(1000)
    expect(prediction?.responseTimeErrorPercent).toBeLessThan(20)
    expect(prediction?.nextStateAccuracyPercent).toBeGreaterThan(50)
  })
})

test('an aborted run tells what it has, and of no steps it tells zeros', async () => {
  const ending = new AbortController()
  const options = {
    signal: ending.signal,
    onStep: (step: number) => {
      if (step === 4) ending.abort()
    },
  }
  expect((await trainWandering(settings, options)).steps).toBe(4)
  const none = await trainWandering({ ...settings, agent: 'hybrid' }, options)
  expect(none.steps).toBe(0)
  expect(none.regret).toMatchObject({ regretMs: 0, statesMet: 0 })
  expect(none.prediction).toBeUndefined()
})

describe('bad settings', () => {
  test('the penalty regime', async () => {
    await expect(trainWandering({ ...settings, regime: 'penalty' })).rejects.toThrow(
      'leave --regime penalty',
    )
  })

  test('the oracle of one state', async () => {
    await expect(trainWandering({ ...settings, agent: 'oracle' })).rejects.toThrow(
      'knows the response times of one state',
    )
  })
})
