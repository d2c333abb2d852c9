import { expect, it } from 'vitest'
import { adamRates } from './adam.ts'

it('gives the rates of the first update by hand', () => {
  // 0.01 · √(1 − 0.999) / (1 − 0.9) = 0.00316228; 1e-8 · √0.001 = 3.16228e-10; 0.01 · 0.15
  const [stepSize, epsilon, decay] = adamRates(1, 0.01, 0.15)
  expect(stepSize).toBeCloseTo(0.0031622777, 9)
  expect(epsilon).toBeCloseTo(3.16228e-10, 14)
  expect(decay).toBeCloseTo(0.0015, 12)
})

it('equals Adam with bias-corrected moments', () => {
  const gradients = [0.5, -2, 3]
  let m = 0
  let v = 0
  for (const [index, gradient] of gradients.entries()) {
    const t = index + 1
    m = 0.9 * m + 0.1 * gradient
    v = 0.999 * v + 0.001 * gradient * gradient
    const textbook = (0.01 * (m / (1 - 0.9 ** t))) / (Math.sqrt(v / (1 - 0.999 ** t)) + 1e-8)
    const [stepSize, epsilon] = adamRates(t, 0.01, 0)
    expect((stepSize * m) / (Math.sqrt(v) + epsilon)).toBeCloseTo(textbook, 10)
  }
})
