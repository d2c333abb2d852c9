/**
 * Table V of the HL paper, row by row: the response time within 5 % (12 ms for B-Max), the accuracy to the last printed
 * digit, and the optimum by value.
 *
 * Two rows contradict themselves; they stand here as corrected:
 * - B-80 prints d6 d3 d6 d6 d6 and 83.23 %, but these variants average 81.40, and no five variants give 83.23. The optimum
 *   of the row is d7 in place of d3: the printed time holds for it, and every other scenario's 80 % row is d7 and four d6.
 * - D-Min prints d6 for S2 and 72.80 %, but d6 there gives 74.88. With d7 accuracy and time agree.
 */
import { describe, expect, it } from 'vitest'
import { formatPlacement } from '../fleet/placement.ts'
import type { Scenario } from '../fleet/scenarios.ts'
import { bestDecision, bruteForce } from '../learning/agents/baselines/oracle.ts'
import type { Decision } from '../learning/environment/environment.ts'
import { SimulatedEnvironment } from './simulated-environment.ts'
import { DEFAULT_CHOICES } from './worlds/paper-world.ts'

interface Row {
  readonly scenario: Scenario
  readonly goalPercent: number
  readonly decision: Decision
  readonly responseTimeMs: number
  readonly accuracyPercent: number
}

// Scenario, goal (Min is no constraint, Max is all d0), S1–S5 (L where no tier is given), average response time (ms) and accuracy (%).
const rows: readonly Row[] = `
  A  0    d7   d7   d7   d7   d7    72.08 72.80
  A 80    d7   d6   d6   d6   d6   103.88 81.11
  A 85    d2   d6   d5   d6   d5   143.81 85.06
  A 89    d4   d4   d4   d0,E d4   269.80 89.10
  A 89.9  d0,E d0   d0   d0,C d0   418.91 89.90
  B  0    d7   d7   d7   d7   d7   106.76 72.80
  B 80    d6   d7   d6   d6   d6   139.92 81.11
  B 85    d5   d5   d6   d6   d2   176.21 85.05
  B 89    d4   d4   d0,E d4   d4   303.50 89.10
  B 89.9  d0,C d0,E d0   d0   d0   472.88 89.90
  C  0    d7   d7   d7   d7   d7   119.28 72.80
  C 80    d6   d6   d7   d6   d6   149.52 81.11
  C 85    d5   d6   d5   d6   d5   190.76 85.47
  C 89    d4   d4   d4   d4   d0,C 318.45 89.10
  C 89.9  d0   d0   d0   d0,C d0,E 464.59 89.90
  D  0    d7   d7   d7   d7   d7   158.53 72.80
  D 80    d6   d6   d6   d7   d6   182.53 81.12
  D 85    d2   d6   d6   d5   d5   225.32 85.06
  D 89    d4   d4   d4   d4   d0,C 356.75 89.10
  D 89.9  d0   d0,C d0,E d0   d0   506.62 89.90`
  .trim()
  .split('\n')
  .map((line) => {
    const [scenario = '', goal, ...cells] = line.trim().split(/\s+/)
    return {
      scenario: scenario as Scenario,
      goalPercent: Number(goal),
      decision: cells.slice(0, 5).map(choiceOf),
      responseTimeMs: Number(cells[5]),
      accuracyPercent: Number(cells[6]),
    }
  })

function choiceOf(cell: string): number {
  const [variant, tier = 'L'] = cell.split(',')
  const names: Readonly<Record<string, string>> = { L: 'end', E: 'edge', C: 'cloud' }
  const choice = DEFAULT_CHOICES.findIndex(
    ({ placement }) => formatPlacement(placement) === `${names[tier]}/${variant}`,
  )
  if (choice < 0) throw new Error(`no choice ${cell}`)
  return choice
}

const rowsByName = rows.map((row) => [`${row.scenario}-${row.goalPercent}`, row] as const)

function environmentOf({ scenario, goalPercent }: Row): SimulatedEnvironment {
  return new SimulatedEnvironment({ devices: 5, scenario, goalPercent, seed: 1, noise: 0 })
}

describe('Table V', () => {
  it('is read whole', () => {
    expect(rows).toHaveLength(20)
    expect(rows.flatMap(({ decision }) => decision)).toHaveLength(100)
  })

  it.each(rowsByName)('%s: the average response time', (name, row) => {
    const simulatedMs = environmentOf(row).expectedResponseTimeMs(row.decision)
    const toleranceMs = name === 'B-89.9' ? 12 : 0.05 * row.responseTimeMs
    expect(Math.abs(simulatedMs - row.responseTimeMs)).toBeLessThanOrEqual(toleranceMs)
  })

  // The paper truncates a floating-point mean summed from S1 to S5: 81.11999… and 81.12 (D-80) are the same five variants.
  it.each(rowsByName)('%s: the average accuracy', (_name, row) => {
    const { accuracyPercent } = environmentOf(row).step(row.decision)
    const mean = accuracyPercent.reduce((sum, percent) => sum + percent, 0) / 5
    expect(Math.trunc(mean * 100) / 100).toBe(row.accuracyPercent)
    expect(mean).toBeGreaterThanOrEqual(row.goalPercent - 1e-9)
  })
})

describe('The optimum of Table V', () => {
  // Where the paper chooses the edge or the cloud for one d0, the two differ by less than 5 ms of average: about the error
  // of the fit (3.8 ms), and the paper itself changes sides between scenarios.
  it.each(rowsByName)('%s: brute force chooses the same, by value', (name, row) => {
    const environment = environmentOf(row)
    const { problem } = environment
    const { available } = environment.currentState()
    const evaluate = (decision: Decision) => environment.expectedResponseTimeMs(decision)
    const best = bruteForce(problem, evaluate, row.goalPercent, available)
    const paperMs = evaluate(row.decision)
    expect(paperMs).toBeGreaterThanOrEqual(best.responseTimeMs - 1e-9)
    expect(paperMs - best.responseTimeMs).toBeLessThan(5)
    const toleranceMs = name === 'B-89.9' ? 12 : 0.05 * row.responseTimeMs
    expect(Math.abs(best.responseTimeMs - row.responseTimeMs)).toBeLessThanOrEqual(toleranceMs)
    // 85 %: d2 d5 d5 d6 d6 (A, B, D) and d5 d5 d5 d6 d6 (C) are 0.4 ms apart.
    if (row.goalPercent !== 85) expect(multiset(best.decision)).toEqual(multiset(row.decision))
    const searched = bestDecision(problem, environment.profile(), row.goalPercent, available)
    expect(searched.responseTimeMs).toBeCloseTo(best.responseTimeMs, 9)
  })
})

describe('The rows of Table V that contradict themselves', () => {
  it.each([
    ['B-80', 'B', 'd6 d3 d6 d6 d6', 83.23, 81.4, 139.92],
    ['D-Min', 'D', 'd7 d6 d7 d7 d7', 72.8, 74.88, 158.53],
  ] as const)(
    '%s as printed contradicts itself, but not its time',
    (_, scenario, cells, printedPercent, actualPercent, printedMs) => {
      const environment = new SimulatedEnvironment({
        devices: 5,
        scenario,
        goalPercent: 0,
        seed: 1,
        noise: 0,
      })
      const { accuracyPercent, cost } = environment.step(cells.split(' ').map(choiceOf))
      const mean = accuracyPercent.reduce((sum, percent) => sum + percent, 0) / 5
      expect(mean).toBeCloseTo(actualPercent, 6)
      expect(Math.abs(mean - printedPercent)).toBeGreaterThan(1)
      expect(Math.abs(cost - printedMs)).toBeLessThanOrEqual(0.05 * printedMs)
    },
  )

  it('has no five variants that average the 83.23 % printed for B-80', () => {
    const tenths = DEFAULT_CHOICES.slice(0, 8).map(({ accuracyPercent }) =>
      Math.round(accuracyPercent * 10),
    )
    let sums = new Set([0])
    for (let device = 0; device < 5; device++) {
      sums = new Set([...sums].flatMap((sum) => tenths.map((accuracy) => sum + accuracy)))
    }
    // Such a mean is a multiple of 0.02; only 83.24 (a sum of 4162 tenths) could be printed as 83.23, truncated.
    expect(sums).toContain(4160)
    expect(sums).not.toContain(4162)
  })
})

/** Choices in order, edge and cloud taken as one: only their number is told apart by the fit. */
function multiset(decision: Decision): number[] {
  return decision.map((choice) => Math.min(choice, 8)).toSorted((one, other) => one - other)
}
