import { expect, it } from 'vitest'
import { exampleLadder } from './example-node.fixture.ts'
import { regretRewards } from './reward.ts'

it('is what is lost against the most accurate variant in time', () => {
  const { onTime, violation } = regretRewards(exampleLadder())
  // Accuracies 50, 80 and 100 %.
  expect([...onTime].map((reward) => Number(reward.toFixed(9)))).toEqual([-0.5, -0.2, 0])
  expect(violation).toBe(-1)
})

it('adds the price to violations alone', () => {
  const { onTime, violation } = regretRewards(exampleLadder(), 2)
  expect(onTime[2]).toBe(0)
  expect(violation).toBe(-3)
})

it('orders policies as effective accuracy does', () => {
  const { onTime, violation } = regretRewards(exampleLadder())
  const [small, , large] = onTime as unknown as [number, number, number]
  // Two of three answered by the largest: 66.7 % effective. Three by the smallest: 50 %.
  expect(2 * large + violation).toBeGreaterThan(3 * small)
  // One of three: 33.3 %.
  expect(large + 2 * violation).toBeLessThan(3 * small)
})
