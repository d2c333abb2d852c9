import { expect, it } from 'vitest'
import { Random } from '../../random.ts'
import type { Experience } from './experience.ts'
import { KeyedBuffer } from './keyed-buffer.ts'
import { PrioritizedBuffer } from './prioritized-buffer.ts'
import { UniformBuffer } from './uniform-buffer.ts'

const NONE = new Float32Array(0)
const UNIFORM = { exponent: 0, importanceExponent: 0 }

/** An experience told apart by its cost. */
function experience(cost: number): Experience {
  return { features: NONE, decision: [0], cost, nextFeatures: NONE }
}

function costs(experiences: readonly Experience[]): number[] {
  return experiences.map(({ cost }) => cost)
}

it('D_world keeps the most recent, and samples each alike', () => {
  const buffer = new UniformBuffer(4)
  for (let cost = 0; cost < 10; cost++) buffer.push(experience(cost))
  expect(buffer.size).toBe(4)
  const sampled = costs(buffer.sample(8000, new Random(1)))
  for (const cost of [6, 7, 8, 9]) {
    expect(sampled.filter((value) => value === cost).length / 8000).toBeCloseTo(0.25, 1)
  }
  expect(new Set(sampled)).toEqual(new Set([6, 7, 8, 9]))
})

it('D_direct samples in proportion to priority^exponent, with weights that undo the bias', () => {
  const buffer = new PrioritizedBuffer(2, { exponent: 1, importanceExponent: 1 })
  const slots = [1, 2].map((cost) => buffer.push(experience(cost)))
  // |error| + 0.001 = 1 and 3: a quarter and three quarters of the draws
  buffer.reprioritize(slots, [0.999, -2.999])
  const { experiences, weights } = buffer.sample(4000, new Random(2))
  const share = costs(experiences).filter((cost) => cost === 2).length / 4000
  expect(share).toBeCloseTo(0.75, 2)
  // (2 · 1/4)^−1 = 2 and (2 · 3/4)^−1 = 2/3, divided by the larger: 1 and 1/3
  const weightOf = (cost: number) => weights[costs(experiences).indexOf(cost)]
  expect(weightOf(1)).toBeCloseTo(1, 6)
  expect(weightOf(2)).toBeCloseTo(1 / 3, 6)
})

it('D_direct is uniform with exponent 0, whatever the errors', () => {
  const buffer = new PrioritizedBuffer(2, UNIFORM)
  const slots = [1, 2].map((cost) => buffer.push(experience(cost)))
  buffer.reprioritize(slots, [0, 100])
  const { experiences, weights } = buffer.sample(1000, new Random(3))
  expect(costs(experiences).filter((cost) => cost === 2).length).toBe(500)
  expect(weights.every((weight) => weight === 1)).toBe(true)
})

it('a new experience gets the highest priority seen', () => {
  const buffer = new PrioritizedBuffer(3, { exponent: 1, importanceExponent: 0 })
  const first = buffer.push(experience(1))
  buffer.reprioritize([first], [8.999])
  buffer.reprioritize([first], [0.999])
  buffer.push(experience(2))
  // priorities 1 and 9
  const { experiences } = buffer.sample(1000, new Random(4))
  expect(costs(experiences).filter((cost) => cost === 2).length).toBe(900)
})

it('D_direct agrees with a naive list under random use (fuzz)', () => {
  const random = new Random(5)
  const buffer = new PrioritizedBuffer(7, { exponent: 0.5, importanceExponent: 0.4 })
  const naive: { cost: number; mass: number }[] = []
  let highest = 1
  for (let step = 0; step < 500; step++) {
    const slot = buffer.push(experience(step))
    naive[slot] = { cost: step, mass: highest }
    if (random.integer(2) === 0) {
      const chosen = random.integer(naive.length)
      const error = 5 * random.normal()
      buffer.reprioritize([chosen], [error])
      const mass = Math.sqrt(Math.abs(error) + 1e-3)
      naive[chosen] = { cost: naive[chosen]?.cost ?? NaN, mass }
      highest = Math.max(highest, mass)
    }
    const { slots, experiences, weights } = buffer.sample(5, random)
    const total = naive.reduce((sum, { mass }) => sum + mass, 0)
    const raw = slots.map((s) => (naive.length * ((naive[s]?.mass ?? NaN) / total)) ** -0.4)
    expect(costs(experiences)).toEqual(slots.map((s) => naive[s]?.cost))
    for (const [i, weight] of weights.entries()) {
      expect(weight).toBeCloseTo((raw[i] ?? NaN) / Math.max(...raw), 5)
    }
  }
})

it('D_plan holds one experience per key and forgets the oldest key when full', () => {
  const buffer = new KeyedBuffer(2, UNIFORM)
  buffer.set('10', experience(1))
  buffer.set('20', experience(2))
  buffer.set('10', experience(3))
  expect(buffer.size).toBe(2)
  expect(buffer.get('10')?.cost).toBe(3)
  buffer.set('30', experience(4))
  expect(['10', '20', '30'].map((key) => buffer.get(key) !== undefined)).toEqual([
    false,
    true,
    true,
  ])
  expect(new Set(costs(buffer.sample(20, new Random(6)).experiences))).toEqual(new Set([2, 4]))
})

it('D_plan revises every experience, and leaves keys and priorities', () => {
  const buffer = new KeyedBuffer(5, { exponent: 1, importanceExponent: 0 })
  for (const key of ['1', '2', '3']) buffer.set(key, experience(Number(key)))
  buffer.reprioritize([0, 1, 2], [1, 8, 1])
  const slots = buffer.sample(50, new Random(7)).slots
  buffer.revise((old) => ({ ...old, cost: old.cost * 10 }))
  expect(['1', '2', '3'].map((key) => buffer.get(key)?.cost)).toEqual([10, 20, 30])
  expect(buffer.sample(50, new Random(7)).slots).toEqual(slots)
})

it('every buffer continues after restore as if never interrupted', () => {
  const make = () => ({
    world: new UniformBuffer(5),
    direct: new PrioritizedBuffer(5, { exponent: 0.6, importanceExponent: 0.4 }),
    plan: new KeyedBuffer(5, { exponent: 0.6, importanceExponent: 0.4 }),
  })
  const use = ({ world, direct, plan }: ReturnType<typeof make>, random: Random) =>
    Array.from({ length: 30 }, (_, i) => {
      world.push(experience(i))
      direct.reprioritize([direct.push(experience(i))], [random.normal()])
      plan.set(`${random.integer(9)}`, experience(i))
      plan.reprioritize(plan.sample(2, random).slots, [1, 2])
      return [world.sample(3, random), direct.sample(3, random), plan.sample(3, random)]
    })
  const original = make()
  use(original, new Random(7))
  const restored = make()
  restored.world.restore(structuredClone(original.world.save()))
  restored.direct.restore(structuredClone(original.direct.save()))
  restored.plan.restore(structuredClone(original.plan.save()))
  expect(use(restored, new Random(8))).toEqual(use(original, new Random(8)))
})
