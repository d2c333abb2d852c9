/**
 * A table for another goal or another number of devices. What is carried over counts as never visited: the first real cost of
 * a decision replaces its value.
 *
 * Another number of devices: a decision of more devices starts at the mean of the values of every run of consecutive devices
 * (the last followed by the first) as long as the old fleet; one of fewer devices starts at the value of itself repeated. What
 * misses a value stays unknown.
 *
 * Another goal, in the `penalty` regime, where tables are of one goal: for a lower goal, values near the penalty are
 * forgotten, since what broke the higher one may meet it.
 */

import type { QLearningKnowledge } from '../agents/baselines/q-learning.ts'
import type { QTableState } from '../agents/baselines/q-table.ts'
import { checkpoint, knowledgeOf } from '../agents/checkpoint.ts'
import { PENALTY_MS } from '../agents/regime.ts'
import { decisionOf, indexOf, jointDecisionCount } from '../environment/feasible.ts'
import { transferFeatures } from './blocks.ts'
import type { Task } from './task.ts'

/** Share of the penalty from which a value is one: the average of several visits may not have reached it. */
const NEAR_PENALTY = 0.9

/** @throws InvalidInputError if it was not saved by `q-learning` for this problem, or the tasks do not compare */
export function transferQLearning(saved: unknown, from: Task, to: Task): unknown {
  const knowledge = knowledgeOf<QLearningKnowledge>(saved, 'q-learning', from.problem)
  const tables = new Map<string, QTableState>()
  for (const [key, table] of knowledge.tables) {
    const [features = '', goal] = key.split(' goal ')
    if (goal !== undefined && Number(goal) !== from.goalPercent) continue
    const moved = transferFeatures(featuresOf(features), from, to)
    const kept = goal !== undefined && to.goalPercent < from.goalPercent ? forget(table) : table
    tables.set(
      goal === undefined ? `${moved}` : `${moved} goal ${to.goalPercent}`,
      transferTable(kept, from, to),
    )
  }
  return checkpoint('q-learning', to.problem, { ...knowledge, realSteps: 0, tables })
}

function featuresOf(key: string): Float32Array {
  return Float32Array.from(key === '' ? [] : key.split(',').map(Number))
}

/** Without what broke the goal. */
function forget(table: QTableState): QTableState {
  const kept = [...table.values.keys()].filter(
    (slot) => table.values[slot] < NEAR_PENALTY * PENALTY_MS,
  )
  const of = (values: ArrayLike<number>) => kept.map((slot) => values[slot])
  return {
    actions: Uint32Array.from(of(table.actions)),
    values: Float64Array.from(of(table.values)),
    visits: Uint32Array.from(of(table.visits)),
  }
}

function transferTable(table: QTableState, from: Task, to: Task): QTableState {
  const known = new Map(Array.from(table.actions, (action, slot) => [action, table.values[slot]]))
  const actions: number[] = []
  const values: number[] = []
  for (let action = 0; action < jointDecisionCount(to.problem); action++) {
    const value = meanOfWindows(known, decisionOf(action, to.problem), from)
    if (Number.isNaN(value)) continue
    actions.push(action)
    values.push(value)
  }
  return {
    actions: Uint32Array.from(actions),
    values: Float64Array.from(values),
    visits: new Uint32Array(actions.length),
  }
}

/** NaN where a window is not known. */
function meanOfWindows(
  known: ReadonlyMap<number, number | undefined>,
  decision: readonly number[],
  { problem }: Task,
): number {
  const starts = decision.length > problem.devices ? decision.length : 1
  let sum = 0
  for (let start = 0; start < starts; start++) {
    const window = Array.from(
      { length: problem.devices },
      (_, i) => decision[(start + i) % decision.length],
    )
    sum += known.get(indexOf(window, problem)) ?? NaN
  }
  return sum / starts
}
