import { describe, expect, it } from 'vitest'
import { Random } from '../../../random.ts'
import {
  initialParameters,
  inputSize,
  type NetworkShape,
  parameterCount,
  parameterLayout,
  parameterViews,
} from './shape.ts'

const plain: NetworkShape = { features: 3, frames: 2, recurrent: 0, hidden: 4, actions: 5 }
const recurrent: NetworkShape = { ...plain, frames: 1, recurrent: 2 }

describe('the parameters of a network', () => {
  it('are counted by layer', () => {
    // 6 · 4 + 4, 4 · 4 + 4, 4 · 5 + 5
    expect(parameterCount(plain)).toBe(28 + 20 + 25)
    // Gate and candidate of 3 · 2 + 2 · 2 + 2 each; 3 · 4 + 2 · 4 + 4.
    expect(parameterCount(recurrent)).toBe(2 * 12 + 24 + 20 + 25)
  })

  it('are one flat array without gaps', () => {
    const flat = Float32Array.from({ length: parameterCount(recurrent) }, (_, index) => index)
    const views = parameterViews(recurrent, flat)
    expect(Object.values(views).flatMap((view) => [...view])).toEqual([...flat])
    views.logitBias[4] = -1
    expect(flat.at(-1)).toBe(-1)
  })

  it('see all frames at once', () => {
    expect(inputSize(plain)).toBe(6)
    expect(parameterLayout(plain).firstWeights).toEqual([6, 4])
  })

  it('start by the seed, with outputs near 0 and gates mostly shut', () => {
    const first = initialParameters(recurrent, new Random(1))
    expect(initialParameters(recurrent, new Random(1))).toEqual(first)
    expect(initialParameters(recurrent, new Random(2))).not.toEqual(first)
    const views = parameterViews(recurrent, first)
    expect(Math.max(...views.logitWeights.map(Math.abs))).toBeLessThan(0.03)
    expect([...views.gateBias]).toEqual([-1, -1])
    expect([...views.secondBias]).toEqual([0, 0, 0, 0])
  })

  it('start at the size that keeps the size of what passes through', () => {
    const wide = { ...plain, hidden: 100 }
    const { secondWeights } = parameterViews(wide, initialParameters(wide, new Random(3)))
    const square = secondWeights.reduce((sum, weight) => sum + weight * weight, 0)
    expect((square / secondWeights.length) * (100 / 2)).toBeCloseTo(1, 1)
  })
})
