import { describe, expect, it } from 'vitest'
import { Random } from '../../random.ts'
import { type AdvantageFeeds, advantageLoss } from './advantage-loss.ts'
import {
  differences,
  fillNormal,
  logProbabilities,
  onnxGradient,
} from './finite-differences.fixture.ts'
import { Forward } from './network/forward.ts'
import { initialParameters, inputSize, type NetworkShape } from './network/shape.ts'

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
  feeds: AdvantageFeeds,
  parameters: ArrayLike<number>,
): number {
  const forward = new Forward(shape, parameters)
  const rowOf = ({ data }: { data: Float32Array }, row: number, columns: number) =>
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
  for (const feed of Object.values(loss.feeds)) fillNormal(feed, random)
  // One action is forbidden at some decisions.
  for (let row = 0; row < SEQUENCES * steps; row += 2) loss.feeds.offsets.data[row * 4 + 1] = -1e9
  const parameters = initialParameters(shape, random, 1)
  const { gradient, report } = onnxGradient(loss, parameters)

  it('has the gradient that finite differences give', () => {
    const chosen = Array.from(parameters, (_, index) => index)
    const expected = differences(
      (moved) => -10 * objective(shape, steps, loss.feeds, moved),
      parameters,
      chosen,
    )
    for (const index of chosen) expect(gradient[index]).toBeCloseTo(expected[index], 4)
    expect(Math.max(...gradient.map(Math.abs))).toBeGreaterThan(0.1)
  })

  it('reports its objective', () => {
    expect(report).toBeCloseTo(objective(shape, steps, loss.feeds, parameters), 5)
  })
})
