import { describe, expect, it } from 'vitest'
import { exampleLadder } from '../../scheduling/example-node.fixture.ts'
import { largest, smallest } from '../../scheduling/policies/rules.ts'
import { type SchedulingPolicy, stateless } from '../../scheduling/scheduling-policy.ts'
import { ServiceTimes } from '../../scheduling/service-times.ts'
import { CandidateTrial, type TrialVerdict } from './candidate-trial.ts'

// Variants of 1, 2 and 4 ms, and of 50, 80 and 100 %.
const times = new ServiceTimes(exampleLadder(), { recalibrate: false })
const node = { times, workers: 1, queueLimit: 8, earlyRefusal: true }

/** Of so many requests served by the largest variant, of all others by the middle one. */
function largestFor(isLargest: (request: number) => boolean): SchedulingPolicy {
  let request = 0
  return stateless('mixed', ({ actions }) => actions.serve(isLargest(request++) ? 2 : 1, 0))
}

/** One request after the other, all in time with every variant. */
function verdictOf(
  candidate: SchedulingPolicy,
  inForce: SchedulingPolicy,
  mostRequests = 3000,
): TrialVerdict | undefined {
  const trial = new CandidateTrial(candidate, inForce, node)
  for (let request = 0; request < mostRequests; request++) {
    const nowMs = 10 * request
    const asked = { deadlineMs: nowMs + 9, priority: 5, lowestVariant: 0, highestVariant: 2 }
    trial.arrive(asked, nowMs)
    const verdict = trial.judge(nowMs)
    if (verdict) return verdict
  }
  return undefined
}

describe('a candidate', () => {
  it('wins when it was better over 2000 requests, not before', () => {
    expect(verdictOf(largest(), smallest(), 2000)).toBeUndefined()
    expect(verdictOf(largest(), smallest())).toEqual({
      hasWon: true,
      gainPoints: 50,
      requests: 2000,
    })
  })

  it('wins when it was better in a burst alone, and the same elsewhere', () => {
    const inBurst = largestFor((request) => request >= 500 && request < 600)
    const verdict = verdictOf(
      inBurst,
      largestFor(() => false),
    )
    expect(verdict).toMatchObject({ hasWon: true, gainPoints: 1 })
  })

  it('does not win by doing the same', () => {
    expect(verdictOf(largest(), largest())).toEqual({
      hasWon: false,
      gainPoints: 0,
      requests: 2000,
    })
  })

  it('does not win by what it lost nearly as much of: losses count three times', () => {
    const candidate = largestFor((request) => request < 100)
    const inForce = largestFor((request) => request >= 500 && request < 550)
    const { hasWon, gainPoints } = verdictOf(candidate, inForce) ?? {}
    expect(hasWon).toBe(false)
    expect(gainPoints).toBeCloseTo(0.5, 1)
  })

  it('has lost as soon as it is two points worse in two windows in a row', () => {
    expect(verdictOf(smallest(), largest())).toEqual({
      hasWon: false,
      gainPoints: -50,
      requests: 500,
    })
  })

  it('cannot win when it decides too slowly', () => {
    const patient = largest()
    const slow = stateless('slow', (seen) => {
      const untilMs = performance.now() + 0.11
      while (performance.now() < untilMs);
      return patient.decide(seen)
    })
    const verdict = verdictOf(slow, smallest())
    expect(verdict).toMatchObject({ hasWon: false, gainPoints: 50 })
    expect(verdict?.slowness).toMatch(/^it takes 0.\d+ ms to decide/)
  })

  it('meets the hold-ups that the live node meets', () => {
    const trial = new CandidateTrial(largest(), smallest(), node)
    trial.served(0, 0, 7)
    // Both are held up for 6 ms: 7 ms are in time, 10 ms are not.
    let verdict: TrialVerdict | undefined
    for (let nowMs = 0; verdict === undefined && nowMs < 60_000; nowMs += 20) {
      const asked = { deadlineMs: nowMs + 8, priority: 5, lowestVariant: 0, highestVariant: 2 }
      trial.arrive(asked, nowMs)
      verdict = trial.judge(nowMs)
    }
    expect(verdict).toMatchObject({ hasWon: false, gainPoints: -50 })
  })
})
