import { expect, it } from 'vitest'
import { Random } from '../../random.ts'
import { sumPerDecision } from './decision-sums.ts'
import type { Problem } from './environment.ts'
import { decisionOf } from './feasible.ts'

function problemOf(devices: number, choices: number): Problem {
  const placement = { tier: 'end', variant: 'd0' } as const
  return {
    devices,
    stateSize: 0,
    choices: Array.from({ length: choices }, () => ({ placement, accuracyPercent: 80 })),
  }
}

it('adds by hand', () => {
  // 00 01 10 11 with weights 1 2 | 10 20 and base 100
  expect([...sumPerDecision(problemOf(2, 2), [1, 2, 10, 20], 100)]).toEqual([111, 121, 112, 122])
})

it('adds as a loop over every decision does', () => {
  const random = new Random(1)
  for (const [devices, choices] of [
    [1, 1],
    [1, 5],
    [3, 4],
    [4, 2],
  ] as const) {
    const problem = problemOf(devices, choices)
    const weights = Float64Array.from({ length: devices * choices }, () => random.normal())
    const sums = sumPerDecision(problem, weights)
    expect(sums).toHaveLength(choices ** devices)
    for (const [index, sum] of sums.entries()) {
      const naive = decisionOf(index, problem).reduce(
        (total, choice, device) => total + weights[device * choices + choice],
        0,
      )
      expect(sum).toBeCloseTo(naive, 5)
    }
  }
})
