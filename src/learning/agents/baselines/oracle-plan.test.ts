import { describe, expect, it } from 'vitest'
import { choicesOf, formatChoice } from '../../../fleet/choice.ts'
import { TABLE_III } from '../../../fleet/variants.ts'
import { SimulatedEnvironment } from '../../../simulation/simulated-environment.ts'
import { paperWorld } from '../../../simulation/worlds/paper-world.ts'
import { bestDecision, bruteForce, parseProfile, predictProfile } from './oracle.ts'

const points = [
  { margin: 0.3, escalatedPercent: 10, accuracyPercent: 82 },
  { margin: 0.6, escalatedPercent: 25, accuracyPercent: 88 },
]
const ladder = TABLE_III.filter(({ name }) => ['d0', 'd4', 'd7'].includes(name))
const choices = choicesOf(ladder, [{ small: 'd7', large: 'd0', points }])
const index = (text: string) => choices.findIndex((choice) => formatChoice(choice) === text)
const mean = (values: readonly number[]) => values.reduce((a, b) => a + b, 0) / values.length

const SMALL = [['d7'], ['d7'], ['d0', 'd4', 'd7']]

/** @param held by default two devices hold the smallest alone: the large ones are elsewhere */
function fleet(goalPercent: number, shares?: readonly number[], held = SMALL) {
  const world = paperWorld({ devices: 3, scenario: 'A', choices, delivery: 'pushed' })
  return new SimulatedEnvironment({
    world: { ...world, ...(shares && { shares: shares.map((share) => choices.map(() => share)) }) },
    goalPercent,
    held,
  })
}

describe('a profile of devices that escalate', () => {
  it('says what a joint decision takes, by hand', () => {
    const environment = fleet(0, [0.1, 0.25, 0.5])
    const profile = environment.profile()
    const decision = [index('end/d7>edge/d0@0.3'), index('edge/d0'), index('end/d7>edge/d0@0.6')]
    const [first, second, third] = predictProfile(profile, environment.problem, decision)
    const smallMs = 58.6 + 41 * 0.332
    expect(first).toBeCloseTo(smallMs + 0.1 * 292.4 * (1 + 0.85 * 1.5), 6)
    expect(second).toBeCloseTo(58.6 + 292.4 * (1 + 0.85 * 0.6), 6)
    expect(third).toBeCloseTo(smallMs + 0.5 * 292.4 * (1 + 0.85 * 1.1), 6)
  })

  it.each([0, 80, 84, 88, 89])('its best decision at %s %% is the best of all', (goalPercent) => {
    for (const shares of [undefined, [0.05, 0.3, 0.6]]) {
      const environment = fleet(goalPercent, shares)
      const { problem } = environment
      const profile = environment.profile()
      const { available } = environment.currentState()
      const found = bestDecision(problem, profile, goalPercent, available)
      const timeMs = (decision: readonly number[]) =>
        mean(predictProfile(profile, problem, decision))
      const best = bruteForce(problem, timeMs, goalPercent, available)
      // Loads are planned in twentieths of a user.
      expect(found.responseTimeMs / best.responseTimeMs).toBeLessThan(1.005)
      expect(found.accuracyPercent).toBeGreaterThanOrEqual(goalPercent)
      const expectedMs = environment.expectedResponseTimeMs(found.decision)
      expect(found.responseTimeMs / expectedMs).toBeCloseTo(1, 2)
    }
  })

  it('is read as it was written', () => {
    const profile = fleet(
      0,
      [0.1, 0.25, 0.5],
      [SMALL[2], SMALL[2], SMALL[2]].map((all) => all ?? []),
    ).profile()
    const written = JSON.parse(JSON.stringify(profile))
    expect(parseProfile(written)).toEqual(profile)
    const shares = { 'end/d7>edge/d0@0.3': [0.1, 2, 0] }
    expect(() => parseProfile({ ...written, shares })).toThrow(
      'shares["end/d7>edge/d0@0.3"] must give 3 shares from 0 to 1',
    )
    const responseTimesMs = { ...written.responseTimesMs, 'end/d7>edge/d0': [[1], [1], [1]] }
    expect(() => parseProfile({ ...written, responseTimesMs })).toThrow('is not keyed by a choice')
  })
})
