import { describe, expect, test } from 'vitest'
import { Random } from '../random.ts'
import { Convergence, isGood } from './convergence.ts'

function converge(checks: readonly boolean[]): Convergence {
  const convergence = new Convergence()
  for (const good of checks) convergence.add(good)
  return convergence
}

/** `length` checks, all good but those at `badSteps`, which count from 1. */
function goodBut(length: number, badSteps: readonly number[]): boolean[] {
  return Array.from({ length }, (_, index) => !badSteps.includes(index + 1))
}

const steps = (first: number, count: number) => Array.from({ length: count }, (_, i) => first + i)

describe('a good decision', () => {
  test('is within 1 % of the optimum, the bound included', () => {
    expect(isGood({ responseTimeMs: 101, accuracyPercent: 85, isGoalMet: true }, 100)).toBe(true)
    expect(isGood({ responseTimeMs: 101.01, accuracyPercent: 85, isGoalMet: true }, 100)).toBe(
      false,
    )
  })

  test('meets the goal, however fast it is', () => {
    expect(isGood({ responseTimeMs: 50, accuracyPercent: 84.9, isGoalMet: false }, 100)).toBe(false)
  })
})

describe('convergence by hand', () => {
  test('always good: step 1, known when [1, 501] has passed', () => {
    expect(converge(goodBut(500, [])).step).toBeUndefined()
    const { step, strictStep } = converge(goodBut(501, []))
    expect([step, strictStep]).toEqual([1, 1])
  })

  test('bad until step 40, then good: 41', () => {
    const { step, strictStep } = converge(goodBut(541, steps(1, 40)))
    expect([step, strictStep]).toEqual([41, 41])
    expect(converge(goodBut(540, steps(1, 40))).step).toBeUndefined()
  })

  test('25 bad of the 501 checks in [1, 501] are 95.01 % good; 26 are 94.81 %', () => {
    // The bad ones lie at 102, 103, …: with 26, step 1 fails and step 2, whose window is [2, 502], has 26 of 501 too, …
    expect(converge(goodBut(501, steps(102, 25))).step).toBe(1)
    // … until the first of them leaves the window: from 103 on, but 103 to 127 are bad themselves, so 128.
    expect(converge(goodBut(700, steps(102, 26))).step).toBe(128)
  })

  test('the strict variant begins after the last bad check', () => {
    const { step, strictStep } = converge(goodBut(900, [10, 300]))
    expect([step, strictStep]).toEqual([1, 301])
  })

  test('beyond step 500 the window is [t, 2t]', () => {
    // Bad to 599, so t = 600 with the 601 checks of [600, 1200]: 30 bad ones are 95.008 % good, 31 are 94.84 %.
    const until1200 = (bad: number) => goodBut(1200, [...steps(1, 599), ...steps(700, bad)])
    expect(converge(until1200(30)).step).toBe(600)
    expect(converge(until1200(30).slice(0, 1199)).step).toBeUndefined()
    expect(converge(until1200(31)).step).toBeUndefined()
    expect(converge(until1200(30)).strictStep).toBeUndefined()
  })

  test('a bad step is never the one, even where 95 % of what follows is good', () => {
    expect(converge(goodBut(1000, [1])).step).toBe(2)
  })

  test('never good: never', () => {
    const { step, strictStep } = converge(Array.from({ length: 3000 }, () => false))
    expect([step, strictStep]).toEqual([undefined, undefined])
  })
})

/** The rule as it is written, over all steps in turn. */
function naive(checks: readonly boolean[], share: number): number | undefined {
  for (let t = 1; t <= checks.length; t++) {
    const end = Math.max(2 * t, t + 500)
    if (end > checks.length) return undefined
    const window = checks.slice(t - 1, end)
    const goodChecks = window.filter((good) => good).length
    if (checks[t - 1] && goodChecks >= share * window.length - 1e-9) return t
  }
  return undefined
}

test('agrees with the rule read literally, on 60 random runs', () => {
  const random = new Random(7)
  let converged = 0
  for (let run = 0; run < 60; run++) {
    const learned = random.integer(1500)
    const lapses = random.uniform() * 0.1
    const checks = steps(1, 500 + random.integer(3000)).map(
      (step) => random.uniform() > (step < learned ? 0.9 : lapses),
    )
    const { step, strictStep } = converge(checks)
    expect(step).toBe(naive(checks, 0.95))
    expect(strictStep).toBe(naive(checks, 1))
    if (step !== undefined) converged++
  }
  // The comparison says nothing if all runs end alike.
  expect(converged).toBeGreaterThan(5)
  expect(converged).toBeLessThan(55)
})
