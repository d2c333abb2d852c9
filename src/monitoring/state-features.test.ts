import { expect, it } from 'vitest'
import { stateFeatures } from './state-features.ts'

it('is devices, edges, cloud; processor, memory, bandwidth; in [0, 1]; unknown is 0', () => {
  const features = stateFeatures(
    [{ processor: 1, memory: 0, bandwidth: 1 }, undefined],
    [{ processor: 4, memory: 1, bandwidth: 0 }, undefined],
    { processor: 8, memory: 0, bandwidth: 1 },
  )
  expect([...features]).toEqual([1, 0, 1, 0, 0, 0, 0.5, 1, 0, 0, 0, 0, 1, 0, 1])
})

it('has 3 n + 6 components for n devices and one edge, as in the paper', () => {
  expect(stateFeatures(Array(5).fill(undefined), [undefined], undefined)).toHaveLength(21)
})

it('keeps a device that reports more than its two levels within [0, 1]', () => {
  const device = { processor: 8, memory: 0, bandwidth: 0 }
  expect([...stateFeatures([device], [], undefined)]).toEqual([1, 0, 0, 0, 0, 0])
})
