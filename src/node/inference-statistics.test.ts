import { expect, it } from 'vitest'
import { InferenceStatistics } from './inference-statistics.ts'

it('adds up what each variant did, and several of them', () => {
  let nowMs = 1000
  const statistics = new InferenceStatistics(() => nowMs)
  statistics.served('small', 2, 3)
  nowMs = 2000
  statistics.served('small', 0, 1.5)
  statistics.served('large', 1, 10)
  statistics.failed('large', 7)
  expect(statistics.of('small', ['small'])).toMatchObject({
    ...{ name: 'small', version: '1', last_inference: 2000 },
    ...{ inference_count: 2, execution_count: 2 },
    inference_stats: {
      success: { count: 2, ns: 6_500_000 },
      fail: { count: 0, ns: 0 },
      queue: { count: 2, ns: 2_000_000 },
      compute_infer: { count: 2, ns: 4_500_000 },
    },
  })
  expect(statistics.of('both', ['small', 'large'])).toMatchObject({
    inference_count: 3,
    inference_stats: { success: { count: 3, ns: 17_500_000 }, fail: { count: 1, ns: 7_000_000 } },
  })
  expect(statistics.of('both', ['small', 'large']).batch_stats).toEqual([])
  expect(statistics.of('idle', ['idle'])).toMatchObject({ last_inference: 0, inference_count: 0 })
})

it('counts an inference of several requests once', () => {
  const statistics = new InferenceStatistics(() => 1000)
  for (let request = 0; request < 8; request++) statistics.served('small', 1, 6, 4)
  statistics.served('small', 0, 5, 2)
  statistics.served('large', 0, 7, 2)
  statistics.served('large', 0, 7)
  const nothing = { count: 0, ns: 0 }
  const batch = (size: number, count: number, ns: number) => ({
    batch_size: size,
    ...{ compute_input: nothing, compute_infer: { count, ns }, compute_output: nothing },
  })
  expect(statistics.of('both', ['small', 'large'])).toMatchObject({
    ...{ inference_count: 11, execution_count: 4 },
    batch_stats: [batch(2, 1, 6_000_000), batch(4, 2, 12_000_000)],
  })
})
