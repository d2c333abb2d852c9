import { describe, expect, it } from 'vitest'
import { dealtEdges, encodeState, isOfTableII, StateLayout, stateSize } from './state.ts'

const layoutOf = (devices: number, size: number, edgeOf?: readonly number[]) =>
  new StateLayout({ devices, stateSize: size, ...(edgeOf && { edgeOf }) })

describe('The state of Table II', () => {
  it('is processor, memory and bandwidth of devices, edges and cloud, in [0, 1]; unknown is 0', () => {
    const features = encodeState({
      devices: [{ processor: 1, memory: 0, bandwidth: 1 }, undefined],
      edges: [{ processor: 4, memory: 1, bandwidth: 0 }, undefined],
      cloud: { processor: 8, memory: 0, bandwidth: 1 },
    })
    expect([...features]).toEqual([1, 0, 1, 0, 0, 0, 0.5, 1, 0, 0, 0, 0, 1, 0, 1])
  })

  it('has 3 n + 6 components for n devices and one edge, as in the paper', () => {
    expect(stateSize(5, 1)).toBe(21)
  })

  it('keeps a device that reports more than its two levels within [0, 1]', () => {
    const device = { processor: 8, memory: 0, bandwidth: 0 }
    const features = encodeState({ devices: [device], edges: [], cloud: undefined })
    expect([...features]).toEqual([1, 0, 0, 0, 0, 0])
    expect(isOfTableII({ devices: [device], edges: [], cloud: device })).toBe(false)
    expect(isOfTableII({ devices: [], edges: [device], cloud: device })).toBe(true)
    expect(isOfTableII({ devices: [], edges: [], cloud: { ...device, memory: -1 } })).toBe(false)
  })

  it('deals devices out to edges in turn', () => {
    expect(dealtEdges(5, 2)).toEqual([0, 1, 0, 1, 0])
  })
})

describe('The layout of a state', () => {
  it('finds the edges from the size of the state, and deals devices out to them', () => {
    const layout = layoutOf(3, stateSize(3, 2))
    expect(layout.edges).toBe(2)
    expect([...layout.edgeOf]).toEqual([0, 1, 0])
    expect([layout.edge(0), layout.edge(1), layout.cloud]).toEqual([3, 4, 5])
  })

  it('takes the edges it is told', () => {
    expect([...layoutOf(3, 18, [1, 1, 0]).edgeOf]).toEqual([1, 1, 0])
  })

  it('reads processor, memory and bandwidth of every node', () => {
    const layout = layoutOf(1, 9)
    // Device busy; edge at level 3 with memory Busy and a weak link; cloud at level 8.
    const features = encodeState({
      devices: [{ processor: 1, memory: 0, bandwidth: 0 }],
      edges: [{ processor: 3, memory: 1, bandwidth: 1 }],
      cloud: { processor: 8, memory: 0, bandwidth: 0 },
    })
    expect([0, 1, 2].map((node) => layout.processorState(features, node))).toEqual([16, 7, 16])
    expect([0, 1, 2].map((node) => layout.linkState(features, node))).toEqual([0, 1, 0])
  })

  it('knows where each node stands', () => {
    const layout = layoutOf(2, 15)
    expect([0, 1, 2, 3, 4].map((node) => layout.nodeAt(node))).toEqual([
      { tier: 'end', index: 0 },
      { tier: 'end', index: 1 },
      { tier: 'edge', index: 0 },
      { tier: 'edge', index: 1 },
      { tier: 'cloud', index: 0 },
    ])
  })

  it('tells states apart that are not of Table II, without knowing what they mean', () => {
    for (const size of [0, 1, 4]) {
      const layout = layoutOf(2, size)
      expect(layout.edges).toBe(1)
      const zeros = new Float32Array(size)
      const state = layout.processorState(zeros, 0)
      expect(layout.processorState(zeros, layout.cloud)).toBe(state)
      expect(layout.linkState(zeros.fill(1), 0)).toBe(0)
      if (size > 0) expect(layout.processorState(zeros.fill(1), 0)).not.toBe(state)
    }
  })
})
