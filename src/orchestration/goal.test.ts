import { describe, expect, it } from 'vitest'
import { ConfigError } from '../errors.ts'
import type { Choice } from '../learning/environment/environment.ts'
import { parsePlacement } from '../placement.ts'
import { Random } from '../random.ts'
import {
  averageAccuracyPercent,
  decidedChoices,
  fallbackAccuraciesPercent,
  meetsGoal,
  safeChoice,
} from './goal.ts'

const choice = (placement: string, accuracyPercent: number): Choice => ({
  placement: parsePlacement(placement),
  accuracyPercent,
})
const end = (accuracyPercent: number) => choice('end/x', accuracyPercent)
const edge = choice('edge/d0', 89.9)

describe('average accuracy', () => {
  it('is exact in tenths, as in Table V', () => {
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
})

describe('fallback accuracy', () => {
  it('shares the slack among the offloaded', () => {
    // Sum 88.9 + 3 · 89.9 = 358.6, goal 4 · 85 = 340: 18.6 points for three, 6.2 each.
    expect(fallbackAccuraciesPercent([end(88.9), edge, edge, edge], 85)).toEqual([
      88.9, 83.7, 83.7, 83.7,
    ])
    // 358.6 - 356 = 2.6 points for three: 0.8 each, in whole tenths.
    expect(fallbackAccuraciesPercent([end(88.9), edge, edge, edge], 89)).toEqual([
      88.9, 89.1, 89.1, 89.1,
    ])
  })

  it('leaves devices that serve themselves as they are, and is never negative', () => {
    expect(fallbackAccuraciesPercent([end(72.8), end(89.9)], 70)).toEqual([72.8, 89.9])
    expect(fallbackAccuraciesPercent([edge, end(89.9)], 0)).toEqual([0, 89.9])
  })

  it('keeps the goal even if every offloaded device falls back that far, and uses the slack up', () => {
    const random = new Random(1)
    for (let trial = 0; trial < 2000; trial++) {
      const decided = Array.from({ length: 1 + random.integer(8) }, () =>
        random.uniform() < 0.5 ? edge : end((700 + random.integer(200)) / 10),
      )
      const accuracies = decided.map(({ accuracyPercent }) => accuracyPercent)
      const goalPercent = random.integer(900) / 10
      if (!meetsGoal(accuracies, goalPercent)) continue
      const fallback = fallbackAccuraciesPercent(decided, goalPercent)
      expect(meetsGoal(fallback, goalPercent)).toBe(true)
      const lower = fallback.map((accuracy, index) =>
        decided[index]?.placement.tier === 'end' ? accuracy : accuracy - 0.1,
      )
      const isFloor = fallback.some((accuracy) => accuracy === 0)
      if (decided.includes(edge) && !isFloor) expect(meetsGoal(lower, goalPercent)).toBe(false)
    }
  })
})

describe('safe choice', () => {
  it('is the most accurate one on the device', () => {
    expect(safeChoice([end(72.8), choice('edge/d0', 99), end(89.9), end(88)])).toBe(2)
  })

  it('must exist', () => {
    expect(() => safeChoice([edge])).toThrow(ConfigError)
    expect(() => safeChoice([edge])).toThrow(/edge\/d0 serves on the device/)
    expect(() => safeChoice([])).toThrow(/\(none\)/)
  })

  it('is found for a decision, index by index', () => {
    expect(decidedChoices([1, 0, 1], [end(1), edge])).toEqual([edge, end(1), edge])
    expect(decidedChoices([2, -1, 0.5, Number.NaN], [end(1), edge])).toEqual([])
  })
})
