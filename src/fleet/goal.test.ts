import { describe, expect, it } from 'vitest'
import { Random } from '../random.ts'
import type { Choice } from './choice.ts'
import {
  averageAccuracyPercent,
  fallbackAccuraciesPercent,
  hundredthsOf,
  meetsGoal,
} from './goal.ts'
import { parsePlacement } from './placement.ts'

const choice = (placement: string, accuracyPercent: number): Choice => ({
  placement: parsePlacement(placement),
  accuracyPercent,
})
const end = (accuracyPercent: number) => choice('end/x', accuracyPercent)
const edge = choice('edge/d0', 89.9)

describe('average accuracy', () => {
  it('is exact, as in Table V', () => {
    // d7 d6 d6 d6 d6: (72.8 + 4 · 83.2) / 5
    expect(averageAccuracyPercent([72.8, 83.2, 83.2, 83.2, 83.2])).toBe(81.12)
    // d4 d4 d4 d0 d4: (4 · 88.9 + 89.9) / 5
    expect(averageAccuracyPercent([88.9, 88.9, 88.9, 89.9, 88.9])).toBe(89.1)
    expect(averageAccuracyPercent([])).toBe(0)
  })

  it('meets a goal that it equals, where floating point would not', () => {
    for (let devices = 1; devices <= 50; devices++) {
      const accuracies = Array<number>(devices).fill(89.9)
      expect(meetsGoal(accuracies, 89.9)).toBe(true)
      expect(meetsGoal([...accuracies.slice(1), 89.8], 89.9)).toBe(false)
    }
    expect(meetsGoal([84.9, 85.1], 85)).toBe(true)
    expect(meetsGoal([84.9, 85], 85)).toBe(false)
    expect(meetsGoal([85, 85.1], 85.05)).toBe(true)
  })

  it('counts whole hundredths, rounded down', () => {
    expect([83.45, 83.459, 0.29, 100].map(hundredthsOf)).toEqual([8345, 8345, 29, 10000])
    expect(meetsGoal([85.06], 85.1)).toBe(false)
    expect(meetsGoal([85.096], 85.1)).toBe(false)
    expect(meetsGoal([83.45, 83.47], 83.46)).toBe(true)
    expect(meetsGoal([83.45, 83.46], 83.46)).toBe(false)
  })
})

describe('fallback accuracy', () => {
  /** Every device could answer as accurately as any node. */
  const fallbacks = (decided: readonly Choice[], goalPercent: number) =>
    fallbackAccuraciesPercent(
      decided,
      goalPercent,
      decided.map(() => 100),
    )

  it('leaves to the others what is left by a device whose best fallback is poor', () => {
    const decided = [end(88.9), edge, edge, edge]
    // 18.6 points of slack: 17.1 for the first that offloads, 0.75 each for the others.
    const poor = fallbackAccuraciesPercent(decided, 85, [88.9, 72.8, 89.9, 89.9])
    expect(poor).toEqual([88.9, 72.8, 89.15, 89.15])
    expect(meetsGoal(poor, 85)).toBe(true)
    // 14.6 points are not enough: the others are to be as accurate as decided, and it still breaks the goal.
    const broken = fallbackAccuraciesPercent(decided, 86, [88.9, 72.8, 89.9, 89.9])
    expect(broken).toEqual([88.9, 72.8, 89.9, 89.9])
    expect(meetsGoal(broken, 86)).toBe(false)
    expect(fallbackAccuraciesPercent([edge, edge], 85, [72.8, 72.8])).toEqual([72.8, 72.8])
  })

  it('counts what escalates to another node as offloaded, and as accurate as its first variant', () => {
    const escalating = (to: string): Choice => ({
      ...choice('end/small', 92.3),
      escalation: { to: parsePlacement(to), margin: 0.65, share: 0.2 },
    })
    // Slack 0.3 + 1.3 + 1.3: the cascade takes 2.5 of it, 0.4 are left for the other.
    const decided = [escalating('edge/big'), choice('edge/big', 93.3), end(93.3)]
    expect(fallbackAccuraciesPercent(decided, 92, [89.8, 93.3, 93.3])).toEqual([89.8, 92.9, 93.3])
    // On the device nothing falls back.
    expect(fallbackAccuraciesPercent([escalating('end/big')], 90, [89.8])).toEqual([92.3])
  })

  it('shares the slack among the offloaded', () => {
    // Sum 88.9 + 3 · 89.9 = 358.6, goal 4 · 85 = 340: 18.6 points for three, 6.2 each.
    expect(fallbacks([end(88.9), edge, edge, edge], 85)).toEqual([88.9, 83.7, 83.7, 83.7])
    // 358.6 - 356 = 2.6 points for three: 0.86 each, in whole hundredths.
    expect(fallbacks([end(88.9), edge, edge, edge], 89)).toEqual([88.9, 89.04, 89.04, 89.04])
  })

  it('leaves devices that serve themselves as they are, and is never negative', () => {
    expect(fallbacks([end(72.8), end(89.9)], 70)).toEqual([72.8, 89.9])
    expect(fallbacks([edge, end(89.9)], 0)).toEqual([0, 89.9])
  })

  it('keeps the goal even if every offloaded device falls back that far, and uses the slack up', () => {
    const random = new Random(1)
    for (let trial = 0; trial < 2000; trial++) {
      const decided = Array.from({ length: 1 + random.integer(8) }, () =>
        random.uniform() < 0.5 ? edge : end((7000 + random.integer(2000)) / 100),
      )
      const accuracies = decided.map(({ accuracyPercent }) => accuracyPercent)
      const goalPercent = random.integer(9000) / 100
      if (!meetsGoal(accuracies, goalPercent)) continue
      const fallback = fallbacks(decided, goalPercent)
      expect(meetsGoal(fallback, goalPercent)).toBe(true)
      const lower = fallback.map((accuracy, index) =>
        decided[index]?.placement.tier === 'end' ? accuracy : accuracy - 0.01,
      )
      const isFloor = fallback.some((accuracy) => accuracy === 0)
      if (decided.includes(edge) && !isFloor) expect(meetsGoal(lower, goalPercent)).toBe(false)
    }
  })
})
