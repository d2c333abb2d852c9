import { describe, expect, it } from 'vitest'
import {
  differences,
  fillNormal,
  onnxGradient,
} from '../../learning/nn/finite-differences.fixture.ts'
import type { Feeds } from '../../learning/nn/training.ts'
import { Random } from '../../random.ts'
import { type AdvantageInput, advantageLoss } from './advantage-loss.ts'
import { logProbabilities } from './log-probabilities.fixture.ts'
import { Forward } from './network/forward.ts'
import { initialParameters, inputSize, type NetworkShape } from './network/shape.ts'
import { feedsOf } from './trained-network.ts'

const SEQUENCES = 3
const ENTROPY = 0.2
const plain: NetworkShape = { features: 4, frames: 2, recurrent: 0, hidden: 5, actions: 4 }
const shapes: [string, NetworkShape, number][] = [
  ['feed-forward', plain, 1],
  ['recurrent', { ...plain, frames: 1, recurrent: 3 }, 4],
]

/** Mean over decisions of Σ π A + β H, in plain TypeScript. */
function objective(
  shape: NetworkShape,
  steps: number,
  feeds: Feeds<AdvantageInput>,
  parameters: ArrayLike<number>,
): number {
  const forward = new Forward(shape, parameters)
  const rowOf = (data: Float32Array, row: number, columns: number) =>
    Float64Array.from(data.subarray(row * columns, (row + 1) * columns))
  let sum = 0
  for (let sequence = 0; sequence < SEQUENCES; sequence++) {
    const state = rowOf(feeds.states, sequence, shape.recurrent)
    for (let step = 0; step < steps; step++) {
      const row = step * SEQUENCES + sequence
      forward.run(rowOf(feeds.inputs, row, inputSize(shape)), state)
      const logs = logProbabilities(forward.logits, rowOf(feeds.offsets, row, shape.actions))
      const advantages = rowOf(feeds.advantages, row, shape.actions)
      for (const [action, log] of logs.entries()) {
        if (Math.exp(log) === 0) continue
        sum += Math.exp(log) * (advantages[action] - ENTROPY * log)
      }
    }
  }
  return sum / (SEQUENCES * steps)
}

describe.each(shapes)('the advantage loss of a %s network', (_, shape, steps) => {
  const random = new Random(5)
  const loss = advantageLoss({ shape, sequences: SEQUENCES, steps, entropy: ENTROPY })
  const feeds = feedsOf(loss)
  for (const feed of Object.values(feeds)) fillNormal(feed, random)
  // One action is forbidden at some decisions.
  for (let row = 0; row < SEQUENCES * steps; row += 2) feeds.offsets[row * 4 + 1] = -1e9
  const parameters = initialParameters(shape, random, 1)
  const { gradient, report } = onnxGradient(loss, parameters, feeds)

  it('has the gradient that finite differences give', () => {
    const expected = differences((moved) => -10 * objective(shape, steps, feeds, moved), parameters)
    for (const [index, slope] of expected.entries()) expect(gradient[index]).toBeCloseTo(slope, 4)
    expect(Math.max(...gradient.map(Math.abs))).toBeGreaterThan(0.1)
  })

  it('reports its objective', () => {
    expect(report[0]).toBeCloseTo(objective(shape, steps, feeds, parameters), 5)
  })
})
