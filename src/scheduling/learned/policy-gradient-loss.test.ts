import { describe, expect, it } from 'vitest'
import {
  differences,
  fillNormal,
  onnxGradient,
} from '../../learning/nn/finite-differences.fixture.ts'
import type { Feeds } from '../../learning/nn/training.ts'
import { Random } from '../../random.ts'
import { logProbabilities } from './log-probabilities.fixture.ts'
import { Forward } from './network/forward.ts'
import { initialParameters, inputSize, type NetworkShape, parameterCount } from './network/shape.ts'
import { type PolicyGradientInput, policyGradientLoss } from './policy-gradient-loss.ts'
import { feedsOf } from './trained-network.ts'

const SEQUENCES = 4
const plain: NetworkShape = { features: 3, frames: 2, recurrent: 0, hidden: 5, actions: 4 }
const shapes: [string, NetworkShape, number][] = [
  ['feed-forward', plain, 1],
  ['recurrent', { ...plain, frames: 1, recurrent: 3 }, 3],
]

interface Case {
  readonly actor: NetworkShape
  readonly critic: NetworkShape
  readonly steps: number
  readonly feeds: Feeds<PolicyGradientInput>
}

/** Everything the loss is the mean of, decision by decision, in plain TypeScript. */
function decisions({ actor, critic, steps, feeds }: Case, parameters: Float64Array) {
  const actorForward = new Forward(actor, parameters.subarray(0, parameterCount(actor)))
  const criticForward = new Forward(critic, parameters.subarray(parameterCount(actor)))
  const rowOf = (data: Float32Array, row: number, columns: number) =>
    Float64Array.from(data.subarray(row * columns, (row + 1) * columns))
  return Array.from({ length: SEQUENCES }, (_, sequence) => {
    const state = rowOf(feeds.states, sequence, actor.recurrent)
    return Array.from({ length: steps }, (_, step) => {
      const row = step * SEQUENCES + sequence
      const input = rowOf(feeds.inputs, row, inputSize(actor))
      actorForward.run(input, state)
      criticForward.run(input, new Float64Array(0))
      const offsets = rowOf(feeds.offsets, row, actor.actions)
      const logs = logProbabilities(actorForward.logits, offsets)
      const chosen = rowOf(feeds.chosen, row, actor.actions).indexOf(1)
      const growth = logs[chosen] - feeds.oldLogProbability[row]
      const error = criticForward.logits[0] - feeds.returns[row]
      return { logs, growth, error, advantage: feeds.advantages[row] }
    })
  }).flat()
}

function lossOf(example: Case, parameters: Float64Array): number {
  const beta = example.feeds.entropy[0]
  const parts = decisions(example, parameters).map(({ logs, growth, error, advantage }) => {
    const ratio = Math.exp(growth)
    const limited = Math.min(1.2, Math.max(0.8, ratio))
    const gain = Math.min(ratio * advantage, limited * advantage)
    const entropy = logs.reduce((sum, log) => sum - (log < -1e6 ? 0 : Math.exp(log) * log), 0)
    // Huber: the slope of the squared error is limited to ±2.
    const size = Math.abs(error)
    const valueLoss = size <= 2 ? size ** 2 / 2 : 2 * (size - 1)
    return -gain - beta * entropy + 0.5 * valueLoss
  })
  return parts.reduce((sum, part) => sum + part, 0) / parts.length
}

describe.each(shapes)('the policy-gradient loss of a %s network', (_, actor, steps) => {
  const random = new Random(7)
  const critic = { ...actor, recurrent: 0, actions: 1 }
  const loss = policyGradientLoss({ actor, critic, sequences: SEQUENCES, steps })
  const feeds = feedsOf(loss)
  const example: Case = { actor, critic, steps, feeds }
  for (const feed of Object.values(feeds)) fillNormal(feed, random)
  feeds.entropy[0] = 0.1
  feeds.chosen.fill(0)
  for (let row = 0; row < SEQUENCES * steps; row++) {
    feeds.chosen[row * 4 + (row % 3)] = 1
    feeds.offsets[row * 4 + 3] = -1e9
    feeds.oldLogProbability[row] = -1.4
    // Some are beyond the largest error that counts.
    feeds.returns[row] = row % 2 === 0 ? 9 : 0.2
  }
  const parameters = new Float32Array(parameterCount(actor) + parameterCount(critic))
  parameters.set(initialParameters(actor, random, 1))
  parameters.set(initialParameters(critic, random, 1), parameterCount(actor))
  // Biases of 0 can put a unit on its kink, where there is no gradient.
  for (let i = 0; i < parameters.length; i++) {
    parameters[i] = parameters[i] + 0.1 * random.normal()
  }
  const { gradient, report } = onnxGradient(loss, parameters, feeds)

  it('has the gradient that finite differences give', () => {
    const expected = differences((moved) => lossOf(example, moved), parameters)
    for (const [index, slope] of expected.entries()) expect(gradient[index]).toBeCloseTo(slope, 4)
  })

  it('was checked with decisions inside and outside of the clipping', () => {
    const ratios = decisions(example, Float64Array.from(parameters)).map(
      ({ growth, advantage }) => Math.sign(advantage) * (Math.exp(growth) - 1) > 0.2,
    )
    expect(new Set(ratios)).toEqual(new Set([true, false]))
  })

  it('reports how far the policy has moved', () => {
    const all = decisions(example, Float64Array.from(parameters))
    const mean = all.reduce((sum, { growth }) => sum - growth, 0) / all.length
    expect(report[0]).toBeCloseTo(mean, 5)
  })
})
