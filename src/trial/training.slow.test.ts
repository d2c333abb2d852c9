import { describe, expect, test } from 'vitest'
import { systemClock } from '../clock.ts'
import type { TrainingOptions, TrainingSettings } from './training.ts'
import * as training from './training.ts'

const settings: TrainingSettings = {
  agent: 'hybrid',
  regime: 'exact',
  scenario: 'A',
  users: 3,
  goal: 85,
  seed: 3,
  maxSteps: 2000,
}

const train = (run: TrainingSettings, options: Partial<TrainingOptions> = {}) =>
  training.train(run, { clock: systemClock, ...options })

/** What must be equal in two runs of one seed. */
function withoutWallClock<T extends { computationSeconds: number }>({
  computationSeconds: _,
  ...rest
}: T) {
  return rest
}

describe('hybrid with three users', () => {
  test('converges, never breaks the goal, and accounts for its steps', async () => {
    const result = await train(settings)
    const { steps, strictRealSteps } = result
    expect(result.converged).toBe(true)
    expect(result.responseTimeMs).toBeLessThanOrEqual(1.01 * result.oracleResponseTimeMs)
    expect(result.responseTimeMs).toBeGreaterThanOrEqual(result.oracleResponseTimeMs - 1e-9)
    expect(result.accuracyPercent).toBeGreaterThanOrEqual(85)
    expect(result.goalViolations).toBe(0)
    expect(result.decisions).toHaveLength(3)
    expect(steps).toBe(Math.max(2 * result.realSteps, result.realSteps + 500))
    if (strictRealSteps !== null) expect(strictRealSteps).toBeGreaterThanOrEqual(result.realSteps)
    expect(result.updates).toBeGreaterThan(result.plannedSteps)
    // Every step takes at least the optimum's time within the noise, and at most that of the slowest decision.
    expect(result.experienceSeconds).toBeGreaterThan(0.09 * result.realSteps)
    expect(result.experienceSeconds).toBeLessThan(2 * result.realSteps)
    expect(result.computationSeconds).toBeGreaterThan(0)
  })

  test('repeats itself from its seed, and differs from another', async () => {
    const short = { ...settings, maxSteps: 60 }
    const [one, again, other] = [
      await train(short),
      await train(short),
      await train({ ...short, seed: 4 }),
    ]
    expect(withoutWallClock(again)).toEqual(withoutWallClock(one))
    expect(other.experienceSeconds).not.toBe(one.experienceSeconds)
  })
})

describe('factored', () => {
  test('converges in a few steps, and says how far from the best it is at most', async () => {
    const result = await train({ ...settings, agent: 'factored' })
    expect(result.converged).toBe(true)
    expect(result.realSteps).toBeLessThan(30)
    expect(result.goalViolations).toBe(0)
    expect(result.gap).toBeGreaterThanOrEqual(0)
    expect(result.gap).toBeLessThan(0.01)
    expect(result.lowerBoundMs).toBeCloseTo(result.responseTimeMs, -1)
    expect(withoutWallClock(await train({ ...settings, agent: 'factored' }))).toEqual(
      withoutWallClock(result),
    )
  })

  test('serves more users than joint decisions can be listed for', async () => {
    const result = await train({ ...settings, agent: 'factored', users: 150, maxSteps: 25 })
    expect(result.decisions).toHaveLength(150)
    expect(result.accuracyPercent).toBeGreaterThanOrEqual(85)
    expect(result.responseTimeMs).toBeLessThan(1.02 * result.oracleResponseTimeMs)
  })
})

describe('a warm start', () => {
  const warmStart = { goal: 80, users: 2, steps: 150 }

  test.each(['dqn', 'q-learning'])('saves %s steps, and counts them anew', async (agent) => {
    const cold = await train({ ...settings, agent })
    const warm = await train({ ...settings, agent, warmStart })
    expect(cold.converged).toBe(true)
    expect(warm.converged).toBe(true)
    expect(warm.realSteps).toBeLessThan(cold.realSteps)
    expect(warm.updates).toBeLessThanOrEqual(warm.steps)
  })

  test('counts neither the steps nor the updates of what was learned before', async () => {
    const otherGoal = { goal: 80, users: 3, steps: 100 }
    const result = await train({ ...settings, warmStart: otherGoal, maxSteps: 5 })
    const cold = await train({ ...settings, maxSteps: 105 })
    expect(result.realSteps).toBe(5)
    expect(result.updates).toBeLessThan(cold.updates / 5)
    expect(result.plannedSteps).toBeLessThan(cold.plannedSteps / 5)
  })

  test('needs an agent that can carry something over', async () => {
    await expect(train({ ...settings, agent: 'bandit', warmStart })).rejects.toThrow(
      'use q-learning, dqn or hybrid',
    )
  })
})

describe('a curve', () => {
  const curveSteps = [1, 2, 510]

  test('is what the greedy decision takes at its steps; the run goes on past convergence', async () => {
    const run = { ...settings, agent: 'oracle', maxSteps: 510, curveSteps }
    const result = await train(run)
    expect(result.steps).toBe(510)
    expect(result).toMatchObject({ converged: true, realSteps: 1 })
    expect(result.curveMs).toEqual(Array(3).fill(result.responseTimeMs))
  })

  test('has nothing where the decision breaks the goal', async () => {
    const run = { ...settings, agent: 'fixed:end/d7', maxSteps: 2, curveSteps }
    expect((await train(run)).curveMs).toEqual([null, null])
  })
})

describe('agents whose outcome is known', () => {
  test('the oracle has converged at step 1, and 501 checks prove it', async () => {
    const result = await train({ ...settings, agent: 'oracle' })
    expect([result.realSteps, result.strictRealSteps, result.steps]).toEqual([1, 1, 501])
    expect(result).toMatchObject({ converged: true, plannedSteps: 0, updates: 0 })
    expect(result.responseTimeMs).toBeCloseTo(result.oracleResponseTimeMs, 9)
  })

  test('one fixed decision is the optimum without a goal, and one round of it is the experience', async () => {
    const result = await train({ ...settings, agent: 'fixed:end/d7', goal: 0 })
    expect(result).toMatchObject({ converged: true, realSteps: 1, accuracyPercent: 72.8 })
    expect(result.decisions).toEqual(['end/d7', 'end/d7', 'end/d7'])
    // 58.6 + 0.332 · 41 = 72.212 ms by the calibration; noise of 4 % per device.
    expect(result.responseTimeMs).toBeCloseTo(72.212, 9)
    expect(result.experienceSeconds).toBeCloseTo(0.0722, 1)
  })

  test('a slow decision never converges, however long', async () => {
    const result = await train({ ...settings, agent: 'fixed:end/d0', maxSteps: 600 })
    expect([result.converged, result.realSteps, result.steps]).toEqual([false, 600, 600])
    // 58.6 + 0.714 · 569 = 464.866 ms, 600 times; the noise averages out.
    expect(result.experienceSeconds).toBeGreaterThan(0.99 * 600 * 0.464866)
    expect(result.experienceSeconds).toBeLessThan(1.01 * 600 * 0.464866)
  })

  test('a fast decision that breaks the goal never converges, and every step of it is counted', async () => {
    const result = await train({ ...settings, agent: 'fixed:end/d7', maxSteps: 550 })
    expect(result.converged).toBe(false)
    expect(result.goalViolations).toBe(550)
    expect(result.responseTimeMs).toBeLessThan(result.oracleResponseTimeMs)
  })
})

describe('ending early', () => {
  test('an aborted run tells what it has', async () => {
    const ending = new AbortController()
    const seen: number[] = []
    const result = await train(settings, {
      signal: ending.signal,
      onStep: (step) => {
        seen.push(step)
        if (step === 5) ending.abort()
      },
    })
    expect(seen).toEqual([1, 2, 3, 4, 5])
    expect([result.converged, result.realSteps, result.steps]).toEqual([false, 5, 5])
  })

  test('a run aborted before it begins has no steps', async () => {
    const result = await train(settings, { signal: AbortSignal.abort() })
    expect(result).toMatchObject({ realSteps: 0, experienceSeconds: 0, updates: 0 })
  })
})

describe('the penalty regime', () => {
  const learned = { ...settings, agent: 'q-learning', regime: 'penalty' } as const

  test('an agent meets the goal by what breaking it costs', async () => {
    const result = await train({ ...learned, users: 2, maxSteps: 3000 })
    expect(result).toMatchObject({ converged: true })
    // A table that begins at zero tries nearly each of the 100 joint decisions once, many of which break the goal.
    expect(result.goalViolations).toBeGreaterThan(20)
    expect(result.goalViolations).toBeLessThan(100)
    expect(result.accuracyPercent).toBeGreaterThanOrEqual(85)
  })

  test('is nothing to an agent that never breaks the goal', async () => {
    await expect(train({ ...learned, agent: 'oracle' })).rejects.toThrow('leave --regime penalty')
  })
})

describe('a mode', () => {
  test.each(['repaired', 'literal'] as const)('is what hybrid runs in: %s', async (mode) => {
    const short = { ...settings, users: 2, maxSteps: 30 }
    const [result, verified] = [await train({ ...short, mode }), await train(short)]
    expect(result.experienceSeconds).not.toBe(verified.experienceSeconds)
    expect(await train({ ...short, mode: 'verified' })).toMatchObject(withoutWallClock(verified))
  })

  test('is nothing to another agent', async () => {
    const dqn = { ...settings, agent: 'dqn', mode: 'literal' } as const
    await expect(train(dqn)).rejects.toThrow('agent "dqn" has no mode "literal"')
  })
})

describe('bad settings', () => {
  test('an agent that does not exist', async () => {
    await expect(train({ ...settings, agent: 'psychic' })).rejects.toThrow(
      'there is no agent "psychic"',
    )
  })

  test('a goal that nothing meets', async () => {
    await expect(train({ ...settings, goal: 95 })).rejects.toThrow(
      'the best reachable average accuracy is 89.9 %',
    )
  })

  test('more users than the oracle can search, which a dozen are not', async () => {
    const oracle = { ...settings, agent: 'oracle', maxSteps: 1 }
    await expect(train({ ...oracle, users: 31 })).rejects.toThrow('at most 30 users')
    const result = await train({ ...oracle, users: 12 })
    expect(result.responseTimeMs).toBeCloseTo(result.oracleResponseTimeMs, 9)
  })

  test('more users than the agent can search', async () => {
    await expect(train({ ...settings, users: 9 })).rejects.toThrow(/9 devices with 10 choices/)
  })
})
