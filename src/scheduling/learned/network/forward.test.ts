import { describe, expect, it } from 'vitest'
import { Random } from '../../../random.ts'
import { Forward } from './forward.ts'
import {
  initialParameters,
  inputSize,
  type NetworkShape,
  parameterCount,
  parameterViews,
} from './shape.ts'

/** Parameters of 0 but for those given. */
function parametersOf(
  shape: NetworkShape,
  given: Partial<Record<keyof ReturnType<typeof parameterViews>, readonly number[]>>,
): Float32Array {
  const flat = new Float32Array(parameterCount(shape))
  const views = parameterViews(shape, flat)
  for (const [name, values] of Object.entries(given)) {
    views[name as keyof typeof views].set(values)
  }
  return flat
}

describe('the forward pass', () => {
  it('gives hand-computed logits', () => {
    const shape = { features: 2, frames: 1, recurrent: 0, hidden: 2, actions: 2 }
    const forward = new Forward(
      shape,
      parametersOf(shape, {
        firstWeights: [1, -1, 2, 1], // 3 · 1 + (−1) · 2 = 1; 3 · (−1) + (−1) · 1 = −4 → 0
        firstBias: [0.5, 0], // 1.5, 0
        secondWeights: [2, 1, 9, 9], // 3, 1.5
        secondBias: [0, -1], // 3, 0.5
        logitWeights: [1, 0, 0, 4],
        logitBias: [0.25, -2],
      }),
    )
    forward.run(Float64Array.of(3, -1), new Float64Array(0))
    expect([...forward.logits]).toEqual([3.25, 0])
  })

  it('remembers by its recurrent units', () => {
    const shape = { features: 1, frames: 1, recurrent: 1, hidden: 1, actions: 1 }
    const forward = new Forward(
      shape,
      parametersOf(shape, {
        gateWeights: [1],
        gateRecurrence: [0.5],
        gateBias: [-1],
        candidateWeights: [2],
        candidateRecurrence: [-1],
        candidateBias: [0.3],
        firstRecurrence: [1],
        firstBias: [1],
        secondWeights: [1],
        logitWeights: [1],
      }),
    )
    const state = Float64Array.of(0.4)
    forward.run(Float64Array.of(0.7), state)
    const gate = 1 / (1 + Math.exp(-(0.7 + 0.2 - 1)))
    const expected = 0.4 + gate * (Math.tanh(1.4 - 0.4 + 0.3) - 0.4)
    expect(state[0]).toBeCloseTo(expected, 7)
    expect(forward.logits[0]).toBeCloseTo(1 + expected, 7)
  })

  it('keeps nothing from one input to the next but its state', () => {
    const shape = { features: 3, frames: 2, recurrent: 4, hidden: 8, actions: 3 }
    const parameters = initialParameters(shape, new Random(1), 1)
    const input = () => Float64Array.from({ length: inputSize(shape) }, (_, i) => Math.sin(i))
    const fresh = new Forward(shape, parameters)
    fresh.run(input(), new Float64Array(4))
    const used = new Forward(shape, parameters)
    used.run(input().fill(5), new Float64Array(4).fill(1))
    used.run(input(), new Float64Array(4))
    expect(used.logits).toEqual(fresh.logits)
  })
})
