import { describe, expect, it } from 'vitest'
import { ConfigError } from '../../../errors.ts'
import type { Choice } from '../../../fleet/choice.ts'
import { TIERS } from '../../../fleet/placement.ts'
import { Random } from '../../../random.ts'
import { openToAll } from '../../environment/availability.fixture.ts'
import { allAvailable, reachablePercent } from '../../environment/availability.ts'
import type { Availability, Problem } from '../../environment/environment.ts'
import { type Profile, predictProfile } from './oracle-profile.ts'
import { bestDecision, bruteForce } from './oracle-search.ts'

const choice = (tier: Choice['placement']['tier'], variant: string, accuracyPercent: number) => ({
  placement: { tier, variant },
  accuracyPercent,
})

/** Two devices; d0 takes 100 ms at home, 40 ms at the edge alone and 90 ms there in company; d7 takes 10 ms. */
const pair: Problem = {
  devices: 2,
  stateSize: 12,
  choices: [choice('end', 'd7', 72.8), choice('end', 'd0', 89.9), choice('edge', 'd0', 89.9)],
}
const pairProfile: Profile = {
  responseTimesMs: {
    'end/d7': [[10], [10]],
    'end/d0': [[100], [100]],
    'edge/d0': [
      [40, 90],
      [42, 92],
    ],
  },
}
const all = allAvailable(pair)
const pairOpen = (...open: boolean[]) => openToAll(pair, open)

describe('bestDecision by hand', () => {
  it('takes the fastest where there is no goal', () => {
    expect(bestDecision(pair, pairProfile, 0, all)).toEqual({
      decision: [0, 0],
      responseTimeMs: 10,
      accuracyPercent: 72.8,
    })
  })

  it('sends the device to the edge that gains most', () => {
    // (72.8 + 89.9) / 2 = 81.35; the first at the edge: (40 + 10) / 2
    const best = bestDecision(pair, pairProfile, 81.35, all)
    expect(best).toEqual({ decision: [2, 0], responseTimeMs: 25, accuracyPercent: 81.35 })
  })

  it('sees that company at the edge costs more than staying', () => {
    // both at the edge: 91; one there, one at home: (40 + 100) / 2 = 70
    expect(bestDecision(pair, pairProfile, 89.9, all)).toEqual({
      decision: [2, 1],
      responseTimeMs: 70,
      accuracyPercent: 89.9,
    })
  })

  it('does without a tier that is down', () => {
    expect(bestDecision(pair, pairProfile, 81, pairOpen(true, true, false)).responseTimeMs).toBe(55)
  })

  it.each([
    [90, all, 'a goal of 90 % cannot be met: the best reachable average accuracy is 89.9 %'],
    [80, pairOpen(true, false, false), 'the best reachable average accuracy is 72.8 %'],
    [82, [pairOpen(true, false, false)[0], all[0]], 'reachable average accuracy is 81.35 %'],
    [0, pairOpen(false, false, false), 'no choice is available to device 0 now'],
  ])('says why the goal %s cannot be met with %j', (goalPercent, available, message) => {
    const search = () => bestDecision(pair, pairProfile, goalPercent, available)
    expect(search).toThrow(ConfigError)
    expect(search).toThrow(message)
    expect(() => bruteForce(pair, () => 1, goalPercent, available)).toThrow(message)
  })

  it('meets a goal exactly, in spite of floating point', () => {
    // (70.1 · 4 + 71.3) / 5 = 70.34, but 70.34 · 10 · 5 = 3517.0000000000005 in binary
    const five: Problem = {
      devices: 5,
      stateSize: 1,
      choices: [choice('end', 'low', 70.1), choice('end', 'high', 71.3)],
    }
    const times = (ms: number) => Array.from({ length: 5 }, () => [ms])
    const profile = { responseTimesMs: { 'end/low': times(1), 'end/high': times(6) } }
    const available = allAvailable(five)
    expect(bestDecision(five, profile, 70.34, available)).toMatchObject({ responseTimeMs: 2 })
  })

  it('avoids what was never measured, and says so when nothing else is left', () => {
    const unmeasured = Number.POSITIVE_INFINITY
    const { 'end/d7': d7 = [] } = pairProfile.responseTimesMs
    const responseTimesMs = {
      ...pairProfile.responseTimesMs,
      'end/d0': [[unmeasured], [unmeasured]],
    }
    expect(bestDecision(pair, { responseTimesMs }, 89.9, all).decision).toEqual([2, 2])
    const nothing = { 'end/d7': d7, 'end/d0': [[unmeasured], [unmeasured]] }
    const search = () =>
      bestDecision(pair, { responseTimesMs: nothing }, 85, pairOpen(true, true, false))
    expect(search).toThrow('without a finite response time')
  })

  it('names the placement that the profile lacks', () => {
    const responseTimesMs = { 'end/d7': [[10], [10]] }
    expect(() => bestDecision(pair, { responseTimesMs }, 0, all)).toThrow('at end/d0')
    const d7 = pairOpen(true, false, false)
    expect(bestDecision(pair, { responseTimesMs }, 0, d7).responseTimeMs).toBe(10)
  })
})

describe('bruteForce', () => {
  it('tries every joint decision once', () => {
    const seen = new Set<string>()
    bruteForce(pair, (decision) => seen.add(`${decision}`).size, 0, all)
    expect([...seen].toSorted()).toEqual('0,0 0,1 0,2 1,0 1,1 1,2 2,0 2,1 2,2'.split(' '))
  })

  it('refuses what would take for ever', () => {
    const fleet = { ...pair, devices: 15 }
    const search = () => bruteForce(fleet, () => 1, 0, allAvailable(fleet))
    expect(search).toThrow('15 devices have 14348907 joint decisions')
  })
})

describe('bestDecision against trying every decision', () => {
  it.each(Array.from({ length: 150 }, (_, seed) => seed))('fleet %i', (seed) => {
    const random = new Random(seed)
    const { problem, profile, available } = randomFleet(random)
    const highest = reachablePercent(problem.choices, available)
    for (const goalPercent of [
      0,
      highest - 12 * random.uniform(),
      highest - 2 * random.uniform(),
      highest,
    ]) {
      const evaluate = (decision: readonly number[]) =>
        predictProfile(profile, problem, decision).reduce((sum, ms) => sum + ms, 0) /
        problem.devices
      const expected = bruteForce(problem, evaluate, goalPercent, available)
      const best = bestDecision(problem, profile, goalPercent, available)
      expect(best.responseTimeMs).toBeCloseTo(expected.responseTimeMs, 9)
      expect(best.responseTimeMs).toBe(evaluate(best.decision))
      expect(best.accuracyPercent).toBeGreaterThanOrEqual(goalPercent - 1e-9)
      expect(best.decision.every((index, device) => available[device]?.[index])).toBe(true)
    }
    expect(() => bestDecision(problem, profile, highest + 0.1, available)).toThrow('best reachable')
  })
})

/** Few distinct times, so that many decisions tie; loads that need not slow down; one to three edges; some choices closed to some. */
function randomFleet(random: Random): {
  problem: Problem
  profile: Profile
  available: Availability
} {
  const devices = 1 + random.integer(4)
  const choices = Array.from({ length: 2 + random.integer(5) }, (_, index) =>
    choice(TIERS[random.integer(3)] ?? 'end', `d${index}`, (700 + random.integer(200)) / 10),
  )
  const distinctTimes = random.uniform() < 0.5 ? 5 : 1000
  const rows = (loads: number) =>
    Array.from({ length: devices }, () =>
      Array.from({ length: loads }, () => 1 + random.integer(distinctTimes)),
    )
  const edges = 1 + random.integer(3)
  return {
    problem: { devices, stateSize: 1, choices },
    profile: {
      responseTimesMs: Object.fromEntries(
        choices.map(({ placement: { tier, variant } }) => [
          `${tier}/${variant}`,
          rows(tier === 'end' ? 1 : devices),
        ]),
      ),
      edgeOf: Array.from({ length: devices }, () => random.integer(edges)),
    },
    available: Array.from({ length: devices }, () => {
      const surely = random.integer(choices.length)
      return choices.map((_, index) => index === surely || random.uniform() < 0.8)
    }),
  }
}
