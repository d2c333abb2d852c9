import { expect, it } from 'vitest'
import type { QLearningKnowledge } from '../agents/baselines/q-learning.ts'
import type { QTableState } from '../agents/baselines/q-table.ts'
import { checkpoint, knowledgeOf } from '../agents/checkpoint.ts'
import { indexOf } from '../environment/feasible.ts'
import { transferQLearning } from './q-learning.ts'
import type { Task } from './task.ts'

/** Two choices, one feature per device and one that all share. */
function taskOf(devices: number, goalPercent = 80): Task {
  const choices = [90, 70].map((accuracyPercent, index) => ({
    placement: { tier: 'end', variant: `d${index}` } as const,
    accuracyPercent,
  }))
  return { problem: { devices, stateSize: devices + 1, choices }, goalPercent }
}

function tableOf(values: Readonly<Record<string, number>>, { problem }: Task): QTableState {
  const decisions = Object.keys(values).map((digits) => [...digits].map(Number))
  return {
    actions: Uint32Array.from(decisions, (decision) => indexOf(decision, problem)),
    values: Float64Array.from(Object.values(values)),
    visits: new Uint32Array(decisions.length).fill(3),
  }
}

/** Saved with tables by key, and what it is transferred to, each table as decisions and values. */
function transferred(tables: Readonly<Record<string, QTableState>>, from: Task, to: Task) {
  const saved = checkpoint('q-learning', from.problem, {
    realSteps: 9,
    random: 1,
    orderSeed: 2,
    explore: false,
    draw: 0.5,
    tables: new Map(Object.entries(tables)),
  } satisfies QLearningKnowledge)
  const moved = knowledgeOf<QLearningKnowledge>(
    transferQLearning(saved, from, to),
    'q-learning',
    to.problem,
  )
  expect(moved.realSteps).toBe(0)
  return Object.fromEntries(
    [...moved.tables].map(([key, { actions, values, visits }]) => {
      expect(visits.every((count) => count === 0)).toBe(true)
      const digits = (action: number) => action.toString(2).padStart(to.problem.devices, '0')
      const known = [...actions].map((action, i) => [digits(action), values[i]] as const)
      return [key, Object.fromEntries(known)]
    }),
  )
}

it('averages over runs of neighbours where there are more devices', () => {
  const [from, to] = [taskOf(2), taskOf(3)]
  const table = tableOf({ '00': 300, '01': 180, '10': 210, '11': 90 }, from)
  // 001 is 00, 01 and 10: (300 + 180 + 210) / 3; the shared feature stays last.
  expect(transferred({ '0,0,0.5': table }, from, to)).toEqual({
    '0,0,0,0.5': {
      '000': 300,
      '001': 230,
      '010': 230,
      '100': 230,
      '011': 160,
      '101': 160,
      '110': 160,
      '111': 90,
    },
  })
})

it('repeats a decision where there are fewer devices', () => {
  const [from, to] = [taskOf(3), taskOf(2)]
  const table = tableOf({ '000': 1, '010': 2, '101': 3, '111': 4, '110': 5 }, from)
  expect(transferred({ '0,0,0,1': table }, from, to)).toEqual({
    '0,0,1': { '00': 1, '01': 2, '10': 3, '11': 4 },
  })
})

it('leaves unknown what misses a value', () => {
  const [from, to] = [taskOf(2), taskOf(3)]
  const table = tableOf({ '00': 300, '01': 180 }, from)
  expect(transferred({ '0,0,0': table }, from, to)).toEqual({ '0,0,0,0': { '000': 300 } })
})

it('forgets what broke a higher goal, and remembers what broke a lower one', () => {
  const table = tableOf({ '00': 300, '01': 180, '11': 598, '10': 600 }, taskOf(2))
  const ofGoal = (goal: number) => ({ [`0,0,0 goal ${goal}`]: table })
  expect(transferred(ofGoal(85), taskOf(2, 85), taskOf(2, 80))).toEqual({
    '0,0,0 goal 80': { '00': 300, '01': 180 },
  })
  expect(transferred(ofGoal(75), taskOf(2, 75), taskOf(2, 80))).toEqual({
    '0,0,0 goal 80': { '00': 300, '01': 180, '10': 600, '11': 598 },
  })
})

it('carries over the tables of the goal it was learned for alone', () => {
  const table = tableOf({ '00': 300 }, taskOf(2))
  const tables = { '0,0,0 goal 85': table, '1,0,0 goal 85': table, '0,0,0 goal 70': table }
  expect(Object.keys(transferred(tables, taskOf(2, 85), taskOf(2, 80)))).toEqual([
    '0,0,0 goal 80',
    '1,0,0 goal 80',
  ])
})
