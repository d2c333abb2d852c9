import { describe, expect, it } from 'vitest'
import { Random } from '../../random.ts'
import { observationOf } from '../example-node.fixture.ts'
import { NetworkPolicy } from '../policies/network.ts'
import { advantageLoss } from './advantage-loss.ts'
import { createLearnedNetwork, networkShape } from './network/learned-network.ts'
import { initialParameters } from './network/shape.ts'
import { SequenceBuffer } from './sequence-buffer.ts'
import { feedsOf } from './trained-network.ts'

const design = {
  node: { variants: 3, batches: 1, workers: 1, windows: 4 },
  deadlineMs: 20,
  frames: 1,
  recurrent: 2,
  hidden: 4,
}
const shape = networkShape(design)
const parameters = [...initialParameters(shape, new Random(1))]
const network = createLearnedNetwork({ ...design, trainedBy: 'x', priorLogit: 3, parameters })

/** A buffer to which decisions with queues and labels of these numbers are added; −1 cuts. */
function bufferOf(capacity: number, steps: number, decisions: readonly number[]): SequenceBuffer {
  const policy = new NetworkPolicy(network)
  const buffer = new SequenceBuffer(policy, capacity, steps)
  for (const number of decisions) {
    if (number < 0) {
      buffer.cut()
      continue
    }
    policy.see(observationOf({ slacksMs: new Array(number).fill(9) }))
    const advantages = new Float64Array(5).fill(-number)
    buffer.add(policy, Float64Array.of(number, number), advantages)
  }
  return buffer
}

function read(buffer: SequenceBuffer, steps: number, chosen: readonly number[]) {
  const feeds = feedsOf(advantageLoss({ shape, sequences: chosen.length, steps, entropy: 0 }))
  buffer.read(Uint32Array.from(chosen), feeds)
  const rows = Array.from({ length: chosen.length * steps }, (_, row) => row)
  const firstOf = (data: Float32Array, columns: number) => rows.map((row) => data[row * columns])
  return {
    advantages: firstOf(feeds.advantages, 5),
    queued: firstOf(feeds.inputs, shape.features).map((x) => Math.round(Math.expm1(4 * x))),
    states: [...feeds.states],
    offsets: [...feeds.offsets.subarray(0, 5)],
  }
}

describe('SequenceBuffer', () => {
  it('gives out what was added, step by step under each other', () => {
    const buffer = bufferOf(100, 2, [1, 2, 3, 4, 5, 6])
    expect(buffer.sequences).toBe(3)
    const { advantages, queued, states, offsets } = read(buffer, 2, [2, 0])
    expect(advantages).toEqual([-5, -1, -6, -2])
    expect(queued).toEqual([5, 1, 6, 2])
    // Of the first decision of each sequence.
    expect(states).toEqual([5, 5, 1, 1])
    // Five with 9 ms: the smallest keeps all, the larger ones are too slow.
    expect(offsets).toEqual([3, 0, 0, -1e9, -1e9])
  })

  it('leaves out what does not make a sequence', () => {
    const buffer = bufferOf(100, 2, [1, 2, 3, -1, 4, 5, 6])
    expect(buffer.sequences).toBe(2)
    expect(read(buffer, 2, [0, 1]).advantages).toEqual([-1, -4, -2, -5])
  })

  it('makes room by what is oldest', () => {
    const buffer = bufferOf(3, 1, [1, 2, 3, 4, 5])
    expect(buffer.sequences).toBe(3)
    expect(read(buffer, 1, [0, 1, 2]).advantages.toSorted()).toEqual([-3, -4, -5])
  })
})
