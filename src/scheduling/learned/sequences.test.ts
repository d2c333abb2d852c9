import { expect, test } from 'vitest'
import { indicesUpTo, Sequences } from './sequences.ts'

const STEPS = 3

/** Decision r has features [10r, 10r + 1] and the action r; sequence s begins in the state [s, -s]. */
function filled(count: number) {
  const sequences = new Sequences({ features: 2, action: 1 }, count, STEPS, 2)
  for (let row = 0; row < count * STEPS; row++) {
    const state = row % STEPS === 0 ? [row / STEPS, -row / STEPS] : [77, 77]
    const values = { features: [10 * row, 10 * row + 1], action: [row] }
    sequences.set(row, values, Float64Array.from(state))
  }
  return sequences
}

function read(count: number, chosen: readonly number[]) {
  const feeds = {
    features: new Float32Array(STEPS * chosen.length * 2).fill(-1),
    action: new Float32Array(STEPS * chosen.length).fill(-1),
    states: new Float32Array(chosen.length * 2).fill(-1),
  }
  filled(count).read(Uint32Array.from(chosen), feeds)
  return { features: [...feeds.features], action: [...feeds.action], states: [...feeds.states] }
}

test('the same step of all chosen sequences stands together, in the order chosen', () => {
  expect(read(3, [2, 0])).toEqual({
    // Sequence 2 has the decisions 6 to 8, sequence 0 those from 0 to 2.
    action: [6, 0, 7, 1, 8, 2],
    features: [60, 61, 0, 1, 70, 71, 10, 11, 80, 81, 20, 21],
    states: [2, -2, 0, -0],
  })
})

test('one may be chosen twice, and one alone is as it was written', () => {
  expect(read(2, [1, 1]).action).toEqual([3, 3, 4, 4, 5, 5])
  expect(read(2, [1])).toMatchObject({ action: [3, 4, 5], states: [1, -1] })
})

test('the state before a sequence is that of its first decision alone', () => {
  expect(read(4, [3]).states).toEqual([3, -3])
})

test('a decision is rewritten in part, and the rest of it stays', () => {
  const sequences = filled(2)
  sequences.set(4, { action: [99] }, new Float64Array(2))
  expect([...sequences.rows.action]).toEqual([0, 1, 2, 3, 99, 5])
  expect([...sequences.rows.features.slice(8, 10)]).toEqual([40, 41])
})

test('indices', () => {
  expect([...indicesUpTo(4)]).toEqual([0, 1, 2, 3])
  expect(indicesUpTo(0)).toHaveLength(0)
})
