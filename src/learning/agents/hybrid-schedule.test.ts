import { expect, it } from 'vitest'
import { Random } from '../../random.ts'
import type { State } from '../environment/environment.ts'
import { Schedule } from './hybrid-schedule.ts'
import { HYBRID } from './hyperparameters.ts'

const SETTINGS = {
  ...HYBRID,
  alpha: { first: 0.2, last: 1 },
  epochs: 4,
  epsilon: { first: 0.8, last: 0.1, steps: 30 },
}

function stateOf(goalPercent: number, ...available: readonly boolean[][]): State {
  return { features: new Float32Array(0), goalPercent, available }
}

it('raises α in a straight line to its last value, and keeps it there', () => {
  const schedule = new Schedule(SETTINGS)
  const alphas = [0, 1, 2, 4, 5, 100].map((epoch) => {
    schedule.epoch = epoch
    return schedule.alpha
  })
  for (const [index, alpha] of [0.2, 0.4, 0.6, 1, 1, 1].entries()) {
    expect(alphas[index]).toBeCloseTo(alpha, 12)
  }
})

it('lets ε fall geometrically to its last value, and no further', () => {
  const schedule = new Schedule(SETTINGS)
  // 0.8 to 0.1 is three halvings, one in ten steps.
  for (const [step, epsilon] of [
    [0, 0.8],
    [10, 0.4],
    [20, 0.2],
    [30, 0.1],
    [31, 0.1],
    [1e6, 0.1],
  ] as const) {
    expect(schedule.epsilon(step)).toBeCloseTo(epsilon, 12)
  }
})

it('runs a third of a session three times as one, and keeps names apart', () => {
  const schedule = new Schedule(SETTINGS)
  const due = Array.from({ length: 6 }, () => schedule.due('plan', 1 / 3))
  expect(due).toEqual([0, 0, 1, 0, 0, 1])
  expect(schedule.due('world', 0.9)).toBe(0)
  expect(schedule.due('world', 2.2)).toBe(3)
  expect(schedule.due('plan', 0)).toBe(0)
})

it('never runs a session more or less than was due by then (fuzz)', () => {
  const random = new Random(1)
  const schedule = new Schedule(SETTINGS)
  let [owed, run] = [0, 0]
  for (let epoch = 0; epoch < 2000; epoch++) {
    const sessions = random.integer(40) / 10
    owed += sessions
    run += schedule.due('direct', sessions)
    expect(run).toBe(Math.floor(owed + 1e-6))
  }
})

it('begins ε anew for a goal below all before, and for no other', () => {
  const schedule = new Schedule(SETTINGS)
  const open = [true, true]
  schedule.notice(stateOf(85, open), 10)
  expect(schedule.epsilon(10)).toBeCloseTo(0.8, 12)
  for (const goal of [85, 89, 85.5]) schedule.notice(stateOf(goal, open), 15)
  expect(schedule.epsilon(20)).toBeCloseTo(0.4, 12)
  schedule.notice(stateOf(84.9, open), 20)
  expect(schedule.epsilon(20)).toBeCloseTo(0.8, 12)
})

it('begins ε anew for a choice that was never available, not for one that was lost and is back', () => {
  const schedule = new Schedule(SETTINGS)
  schedule.notice(stateOf(85, [true, false], [true, true]), 0)
  schedule.notice(stateOf(85, [true, false], [true, false]), 10)
  schedule.notice(stateOf(85, [true, false], [true, true]), 10)
  expect(schedule.epsilon(10)).toBeCloseTo(0.4, 12)
  schedule.notice(stateOf(85, [true, true], [false, true]), 10)
  expect(schedule.epsilon(10)).toBeCloseTo(0.8, 12)
  // What was open before that is remembered beside it.
  schedule.notice(stateOf(85, [true, true], [true, true]), 20)
  expect(schedule.epsilon(20)).toBeCloseTo(0.4, 12)
})

it('forgets no lowest goal when only a choice opens', () => {
  const schedule = new Schedule(SETTINGS)
  schedule.notice(stateOf(80, [true, false]), 0)
  schedule.notice(stateOf(89, [true, true]), 10)
  schedule.notice(stateOf(85, [true, true]), 20)
  expect(schedule.epsilon(20)).toBeCloseTo(0.4, 12)
})

it('continues after restore as if never interrupted, and what is saved does not move', () => {
  const schedule = new Schedule(SETTINGS)
  schedule.epoch = 3
  schedule.notice(stateOf(85, [true, false]), 7)
  schedule.due('plan', 0.75)
  const saved = structuredClone(schedule.save())
  const live = schedule.save()
  const other = new Schedule(SETTINGS)
  other.restore(live)
  expect(other.due('plan', 0.25)).toBe(1)
  expect(schedule.due('plan', 0.25)).toBe(1)
  expect(live).toEqual(saved)
  expect([other.epoch, other.alpha, other.epsilon(17)]).toEqual([
    3,
    schedule.alpha,
    schedule.epsilon(17),
  ])
  other.notice(stateOf(85, [true, false]), 17)
  expect(other.epsilon(17)).toBeCloseTo(0.4, 12)
})
