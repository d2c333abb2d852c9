import { expect, it } from 'vitest'
import { Random } from '../../random.ts'
import { CONSTRAINT } from '../agents/hyperparameters.ts'
import { PENALTY_MS } from '../agents/regime.ts'
import { LearnedConstraint } from '../constraint/learned.ts'
import { allAvailable } from '../environment/availability.ts'
import { PrioritizedBuffer } from '../replay/prioritized-buffer.ts'
import { transferConstraint } from './constraint.ts'
import { withoutExperience, withoutPenalties } from './replay.ts'
import type { Task } from './task.ts'

const CAPACITY = 4
const EMPTY = new Float32Array(0)

function bufferOf(costs: readonly number[]): PrioritizedBuffer {
  const buffer = new PrioritizedBuffer(CAPACITY, { exponent: 1, importanceExponent: 0 })
  for (const cost of costs) {
    buffer.push({ features: EMPTY, decision: [0], cost, nextFeatures: EMPTY })
  }
  return buffer
}

/** Costs in the buffer after the change and `more` experiences. */
function costsAfter(buffer: PrioritizedBuffer, more: readonly number[]): number[] {
  const changed = bufferOf([])
  changed.restore(withoutPenalties(buffer.save()))
  for (const cost of more) {
    changed.push({ features: EMPTY, decision: [0], cost, nextFeatures: EMPTY })
  }
  return changed.save().experiences.map(({ cost }) => cost)
}

it('drops penalties and keeps all else, oldest first', () => {
  expect(costsAfter(bufferOf([1, PENALTY_MS, 2]), [])).toEqual([1, 2])
  // 1 has gone to make room for 3.
  expect(costsAfter(bufferOf([1, PENALTY_MS, 2, PENALTY_MS, 3]), [])).toEqual([2, 3])
  expect(costsAfter(bufferOf([1, 2]), [])).toEqual([1, 2])
  expect(costsAfter(bufferOf([PENALTY_MS]), [])).toEqual([])
})

it('goes on filling the buffer where it ends', () => {
  // 2, 3 and 4 are left; 5 takes the free slot and 6 that of the oldest.
  expect(costsAfter(bufferOf([1, PENALTY_MS, 2, 3, 4]), [5, 6])).toEqual([6, 3, 4, 5])
})

it('keeps each priority with its experience', () => {
  const buffer = bufferOf([PENALTY_MS, 1, 2])
  buffer.reprioritize([0, 1, 2], [1, 10, 100])
  const { masses } = withoutPenalties(buffer.save())
  expect(masses[1] / masses[0]).toBeCloseTo(10, 1)
})

it('empties a buffer but for its scale of priorities', () => {
  const saved = bufferOf([1, 2]).save()
  expect(withoutExperience(saved)).toEqual({ ...saved, experiences: [], masses: [], next: 0 })
})

it('keeps labels of what all devices do alike', () => {
  const taskOf = (devices: number): Task => ({
    goalPercent: 85,
    problem: {
      devices,
      stateSize: 0,
      choices: [90, 70].map((accuracyPercent, index) => ({
        placement: { tier: 'end', variant: `d${index}` },
        accuracyPercent,
      })),
    },
  })
  const constraintOf = ({ problem }: Task) =>
    new LearnedConstraint(problem, CONSTRAINT, new Random(1))
  const [from, to] = [taskOf(2), taskOf(3)]
  const stateOf = ({ problem, goalPercent }: Task) => {
    return { features: EMPTY, goalPercent, available: allAvailable(problem) }
  }
  const state = stateOf(from)
  const learned = constraintOf(from)
  for (const [first, second, cost] of [
    [0, 0, 300],
    [0, 1, PENALTY_MS],
    [1, 1, PENALTY_MS],
  ] as const) {
    const outcome = { state, responseTimesMs: [], accuracyPercent: [], cost }
    learned.observe({ state, decision: [first, second], outcome })
  }
  const moved = constraintOf(to)
  moved.restore(transferConstraint(learned.save(), from, to))
  expect(moved.isCold(stateOf(to))).toBe(false)
  expect(moved.allowed(stateOf(to))).toContain(0)
  // 111 is known to break the goal; of 011 = 3 nothing is known.
  expect([...moved.explorable(stateOf(to))]).toEqual([0, 1, 2, 3, 4, 5, 6])
  expect(transferConstraint(undefined, from, to)).toBeUndefined()
})
