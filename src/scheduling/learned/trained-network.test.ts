import { describe, expect, it } from 'vitest'
import type { Loss } from '../../learning/nn/training.ts'
import { TrainedNetwork } from './trained-network.ts'

/** Learns ½ ‖θ − target‖², whose gradient is θ − target; its report is the first part of the target. */
function towards(target: readonly number[], gradientNorm: number, parameters: Float32Array) {
  const loss: Loss<'target'> = {
    inputs: { target: [target.length] },
    report: [1],
    build: (graph, theta) => {
      const gradient = graph.node('Sub', [theta, 'target'])
      const report = graph.node('Gather', ['target', graph.integers([0])], { axis: 0 })
      return { gradient, report }
    },
  }
  const network = new TrainedNetwork(loss, gradientNorm, parameters)
  network.feeds.target.set(target)
  return network
}

describe('TrainedNetwork', () => {
  it('takes the steps of Adam', () => {
    const network = towards([1, -2], 100, Float32Array.of(0, 0))
    const theta = [0, 0]
    const m = [0, 0]
    const v = [0, 0]
    for (let t = 1; t <= 5; t++) {
      expect(network.step(0.1)).toBe(1)
      for (const [i, target] of [1, -2].entries()) {
        const gradient = theta[i] - target
        m[i] = 0.9 * m[i] + 0.1 * gradient
        v[i] = 0.999 * v[i] + 0.001 * gradient ** 2
        const mean = m[i] / (1 - 0.9 ** t)
        const deviation = Math.sqrt(v[i] / (1 - 0.999 ** t))
        theta[i] = theta[i] - (0.1 * mean) / (deviation + 1e-8)
        expect(network.parameters[i]).toBeCloseTo(theta[i], 5)
      }
    }
  })

  it('shortens gradients that are too long', () => {
    // First a long gradient, then a short one: the first shall not outweigh it.
    const run = (gradientNorm: number) => {
      const network = towards([1000], gradientNorm, Float32Array.of(0))
      network.step(0.1)
      network.feeds.target.set([-0.5])
      network.step(0.1)
      return network.parameters[0]
    }
    expect(run(1e6)).toBeGreaterThan(0.15)
    expect(run(1)).toBeLessThan(0.15)
  })

  it('leaves the parameters it was given as they were', () => {
    const given = Float32Array.of(3, 4)
    towards([0, 0], 1, given).step(1)
    expect([...given]).toEqual([3, 4])
  })

  it('gets where the loss is least', () => {
    const network = towards([1, -2, 3], 10, new Float32Array(3))
    for (let step = 0; step < 400; step++) network.step(0.05 * (1 - step / 400))
    const [a, b, c] = network.parameters
    expect([a, b, c].map((x) => Math.round(100 * x))).toEqual([100, -200, 300])
  })
})
