import { expect, it } from 'vitest'
import type { Problem } from './environment.ts'
import { StateLayout } from './state-layout.ts'

function problemOf(devices: number, stateSize: number, edgeOf?: readonly number[]): Problem {
  return { devices, stateSize, choices: [], ...(edgeOf && { edgeOf }) }
}

it('finds the edges from the size of the state, and deals devices out to them', () => {
  const layout = new StateLayout(problemOf(3, 3 * (3 + 2 + 1)))
  expect(layout.edges).toBe(2)
  expect([...layout.edgeOf]).toEqual([0, 1, 0])
  expect([layout.edge(0), layout.edge(1), layout.cloud]).toEqual([3, 4, 5])
})

it('takes the edges it is told', () => {
  expect([...new StateLayout(problemOf(3, 18, [1, 1, 0])).edgeOf]).toEqual([1, 1, 0])
})

it('reads processor, memory and bandwidth of every node (Table II)', () => {
  const layout = new StateLayout(problemOf(1, 9))
  // Device busy; edge at level 3 with memory Busy and a weak link; cloud at level 8.
  const features = Float32Array.of(1, 0, 0, 3 / 8, 1, 1, 1, 0, 0)
  expect([0, 1, 2].map((node) => layout.processorState(features, node))).toEqual([16, 7, 16])
  expect([0, 1, 2].map((node) => layout.linkState(features, node))).toEqual([0, 1, 0])
})

it('tells states apart that are not of Table II, without knowing what they mean', () => {
  for (const stateSize of [0, 1, 4]) {
    const layout = new StateLayout(problemOf(2, stateSize))
    expect(layout.edges).toBe(1)
    const zeros = new Float32Array(stateSize)
    const state = layout.processorState(zeros, 0)
    expect(layout.processorState(zeros, layout.cloud)).toBe(state)
    expect(layout.linkState(zeros.fill(1), 0)).toBe(0)
    if (stateSize > 0) expect(layout.processorState(zeros.fill(1), 0)).not.toBe(state)
  }
})
