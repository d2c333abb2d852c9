import { describe, expect, it } from 'vitest'
import { adamRates } from './adam.ts'
import { createOnnxEngine } from './onnx-engine.ts'
import { referenceEngine } from './reference-engine.ts'
import type { Loss, Optimiser } from './training.ts'

const ENGINES = [createOnnxEngine() ?? { ...referenceEngine, name: 'none' }, referenceEngine]

/** ½ ‖θ − target‖², whose gradient is θ − target; it reports its gradient. */
const loss: Loss<'target'> = {
  inputs: { target: [2] },
  report: [2],
  build: (graph, parameters) => {
    const gradient = graph.node('Sub', [parameters, 'target'])
    return { gradient, report: gradient }
  },
}

describe.each(ENGINES)('training by the engine $name', (engine) => {
  const start = Float32Array.of(1, -3)
  const target = Float32Array.of(4, 5)

  /** One update each. @returns the parameters after each */
  function trained(optimiser: Partial<Optimiser>, updates: number, weightDecay = 0) {
    const training = engine.training(loss, { averageDecay: 0, ...optimiser }, start)
    return Array.from({ length: updates }, (_, before) => {
      const rates = Float32Array.from(adamRates(before + 1, 0.1, weightDecay))
      const [slope] = training.run(rates, { target })
      return { slope, ...training.vectors, parameters: training.vectors.parameters.slice() }
    })
  }

  it('takes the steps of Adam as printed (Kingma and Ba 2015, Algorithm 1)', () => {
    const theta = [...start]
    const m = [0, 0]
    const v = [0, 0]
    for (const [index, { slope, parameters }] of trained({}, 5).entries()) {
      const t = index + 1
      for (const [i, goal] of target.entries()) {
        const gradient = theta[i] - goal
        if (i === 0) expect(slope).toBeCloseTo(gradient, 5)
        m[i] = 0.9 * m[i] + 0.1 * gradient
        v[i] = 0.999 * v[i] + 0.001 * gradient ** 2
        const deviation = Math.sqrt(v[i] / (1 - 0.999 ** t))
        theta[i] = theta[i] - (0.1 * (m[i] / (1 - 0.9 ** t))) / (deviation + 1e-8)
        expect(parameters[i]).toBeCloseTo(theta[i], 5)
      }
    }
  })

  it('takes several updates in one call as in one each', () => {
    const training = engine.training(loss, { averageDecay: 0.5 }, start)
    const rates = [1, 2, 3].flatMap((t) => adamRates(t, 0.1, 0))
    const targets = { target: Float32Array.of(...target, ...target, ...target) }
    const slopes = training.run(Float32Array.from(rates), targets)
    const single = trained({ averageDecay: 0.5 }, 3)
    expect([0, 2, 4].map((i) => slopes[i])).toEqual(single.map(({ slope }) => slope))
    expect(training.vectors.parameters).toEqual(single[2].parameters)
  })

  it('shortens gradients that are too long', () => {
    // ‖(−3, −8)‖ = √73
    const [{ firstMoment }] = trained({ gradientNorm: 2 }, 1)
    expect(firstMoment[0]).toBeCloseTo((0.1 * -3 * 2) / Math.sqrt(73), 5)
    expect(firstMoment[1]).toBeCloseTo((0.1 * -8 * 2) / Math.sqrt(73), 5)
    const [{ firstMoment: whole }] = trained({ gradientNorm: 9 }, 1)
    expect(whole[0]).toBeCloseTo(-0.3, 5)
  })

  it('decays what the mask says', () => {
    const [plain] = trained({}, 1, 0.5)
    const [decayed] = trained({ decayMask: Float32Array.of(0, 1) }, 1, 0.5)
    expect(decayed.parameters[0]).toBe(plain.parameters[0])
    // The learning rate times the weight decay of the parameter before the update.
    expect(decayed.parameters[1]).toBeCloseTo(plain.parameters[1] + 0.1 * 0.5 * 3, 5)
  })

  it('averages the parameters', () => {
    const steps = trained({ averageDecay: 0.75 }, 3)
    const expected = steps.reduce((old, { parameters }) => 0.75 * old + 0.25 * parameters[1], -3)
    expect(steps[2].average[1]).toBeCloseTo(expected, 5)
    expect(start).toEqual(Float32Array.of(1, -3))
  })
})
