import { describe, expect, it } from 'vitest'
import { exampleLadder } from './example-node.fixture.ts'
import { ServiceTimes } from './service-times.ts'
import { ValueIteration } from './value-iteration.ts'

const QUEUE_STATES = 24
const SLACK_STATES = 21
const VARIANTS = 3

/** Service times of 1, 2 and 4 ms, accuracies of 50, 80 and 100 %, deadline 20 ms: one point of slack a millisecond. */
function solve(
  ratePerMs: number,
  workers = 1,
  violationPrice = 0,
): (queued: number, slackMs: number) => number[] {
  const times = new ServiceTimes(exampleLadder(), { margin: 1 })
  const problem = { times, workers, violationPrice, deadlineMs: 20, queueStates: QUEUE_STATES }
  const values = new ValueIteration({ ...problem, slackStates: SLACK_STATES }).solve(ratePerMs)
  return (queued, slackMs) => {
    const first = ((queued - 1) * SLACK_STATES + slackMs) * VARIANTS
    return [...values.subarray(first, first + VARIANTS)]
  }
}

const best = (values: number[]) => values.indexOf(Math.max(...values))

describe('ValueIteration', () => {
  it('counts a variant that would be late as impossible', () => {
    const actions = solve(0.1)
    expect(actions(1, 3)[2]).toBe(Number.NEGATIVE_INFINITY)
    expect(actions(1, 4)[2]).toBeGreaterThan(-1)
    expect(actions(3, 0)).toEqual([-Infinity, -Infinity, -Infinity])
  })

  it('without arrivals, is the regret of serving what waits', () => {
    const actions = solve(1e-9)
    // One waits: its own regret. 0.5, 0.2 and 0 for the three variants.
    expect(actions(1, 20).map((value) => Number(value.toFixed(4)))).toEqual([-0.5, -0.2, 0])
    // Two wait, the head has all its slack: so has the other, and both can have the largest.
    expect(actions(2, 20)[2]).toBeCloseTo(0, 3)
    // The head has 4 ms left and takes 2 or 4; the other came up to 16 ms later. At 4 ms the least of its five
    // sampled slacks is 1.6 ms (smallest: −0.5), the next 4.8 ms (largest: 0).
    expect(actions(2, 4)[2]).toBeCloseTo(-(0.5 / 5) * Math.exp(-4 / 160), 1)
  })

  it('takes smaller variants the more wait, the less slack there is and the more come', () => {
    const [quiet, medium, busy] = [solve(0.05), solve(0.3), solve(0.9)]
    for (let queued = 1; queued <= 6; queued++) {
      for (const slackMs of [5, 10, 15]) {
        for (const actions of [quiet, medium, busy]) {
          const here = best(actions(queued, slackMs))
          expect(best(actions(queued + 1, slackMs))).toBeLessThanOrEqual(here)
          expect(best(actions(queued, slackMs + 5))).toBeGreaterThanOrEqual(here)
        }
        expect(best(medium(queued, slackMs))).toBeLessThanOrEqual(best(quiet(queued, slackMs)))
        expect(best(busy(queued, slackMs))).toBeLessThanOrEqual(best(medium(queued, slackMs)))
      }
    }
    expect([quiet, medium, busy].map((actions) => best(actions(5, 5)))).toEqual([2, 1, 1])
    expect([quiet, medium, busy].map((actions) => best(actions(1, 20)))).toEqual([2, 2, 1])
  })

  it('takes larger ones with more workers', () => {
    expect(best(solve(0.45, 1)(5, 20))).toBe(1)
    expect(best(solve(0.45, 4)(5, 20))).toBe(2)
  })

  it('takes smaller ones when violations have a price', () => {
    const [free, dear] = [solve(0.9), solve(0.9, 1, 3)]
    let smaller = 0
    for (let queued = 1; queued <= 8; queued++) {
      for (let slackMs = 1; slackMs <= 20; slackMs++) {
        const [cheap, safe] = [best(free(queued, slackMs)), best(dear(queued, slackMs))]
        expect(safe).toBeLessThanOrEqual(cheap)
        smaller += cheap - safe
      }
    }
    expect(smaller).toBeGreaterThan(5)
  })

  it('solves the next rate from the last as it would from scratch', () => {
    const times = new ServiceTimes(exampleLadder(), { margin: 1 })
    const problem = { times, workers: 1, deadlineMs: 20, queueStates: 8, slackStates: 21 }
    const iteration = new ValueIteration(problem)
    iteration.solve(0.1)
    const warm = iteration.solve(0.4)
    const cold = new ValueIteration(problem).solve(0.4)
    // Values differ by a constant, choices do not.
    for (let state = 0; state < warm.length; state += VARIANTS) {
      const [a, b] = [warm, cold].map((values) => [...values.subarray(state, state + VARIANTS)])
      const gap = (values: number[] = []) => Math.max(...values) - (values[0] ?? 0)
      if (Number.isFinite(a?.[0])) expect(gap(a)).toBeCloseTo(gap(b), 2)
    }
  })
})
