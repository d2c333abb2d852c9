import { describe, expect, it } from 'vitest'
import { createLearnedNetwork, networkShape, parseLearnedNetwork } from './learned-network.ts'
import { parameterCount } from './shape.ts'

const design = {
  node: { variants: 3, batches: 2, workers: 2, windows: 4 },
  deadlineMs: 20,
  frames: 1,
  recurrent: 0,
  hidden: 4,
}
const count = parameterCount(networkShape(design))
const network = createLearnedNetwork({
  ...design,
  trainedBy: 'hand',
  priorLogit: 3,
  parameters: Array.from({ length: count }, (_, index) => index / 7),
})
const written = (changes: object) => JSON.parse(JSON.stringify({ ...network, ...changes }))

describe('a learned network', () => {
  it('has the outputs of the action space and the inputs of the encoder', () => {
    // 3 · 2 serves, drop, wait; 1 + 5 + 4 · 3, 3 + 1 of batches, 1 other worker, 4 rates, last arrival
    expect(networkShape(design)).toMatchObject({ actions: 8, features: 28 })
  })

  it('comes back from its file as it was', () => {
    expect(parseLearnedNetwork(written({}))).toEqual(network)
  })

  it.each([
    [{ format: 'onnx' }, 'format "onnx"'],
    [{ format: undefined }, 'tierwise-scheduling-network-4'],
    [{ node: undefined }, 'node undefined'],
    [{ node: { ...design.node, workers: 0 } }, 'node.workers 0'],
    [{ node: { ...design.node, batches: 1.5 } }, 'node.batches 1.5'],
    [{ frames: 0 }, 'frames 0'],
    [{ hidden: 1e9 }, 'hidden 1000000000'],
    [{ recurrent: -1 }, 'recurrent -1'],
    [{ deadlineMs: 0 }, 'deadlineMs 0'],
    [{ priorLogit: '3' }, 'priorLogit "3"'],
    [{ parameters: 'none' }, 'parameters "none"'],
    [{ parameters: [1, 2] }, `2 parameters, its shape takes ${count}`],
    [{ parameters: [null, ...network.parameters.slice(1)] }, 'parameters.0 null'],
    [{ hidden: 5 }, `${count} parameters`],
  ])('is refused with %j', (changes, message) => {
    expect(() => parseLearnedNetwork(written(changes))).toThrow(message)
  })

  it.each([undefined, null, 7, 'text', []])('is refused for %j', (value) => {
    expect(() => parseLearnedNetwork(value)).toThrow('not a scheduling network')
  })
})
