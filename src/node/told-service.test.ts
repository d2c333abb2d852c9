import { expect, it } from 'vitest'
import { ToldService } from './told-service.ts'

function toldBy(isReady: boolean, variants = ['d0', 'd1']) {
  return new ToldService({
    handler: { ready: () => isReady, counts: () => ({ requests: 7, failedRequests: 1 }) },
    service: {
      variants,
      serviceTimesMs: { d0: 50, d1: 20 },
      usage: { queueDepth: 3, busyWorkers: 1, workers: 2, workedMs: 0 },
      schedulingReport: () => undefined,
    },
    local: { admitted: { served: 0, late: 0, refused: 0 } },
  })
}

it('tells what a node can take, by its slowest variant before the first request', async () => {
  const told = toldBy(true)
  await new Promise((resolve) => setTimeout(resolve, 1))
  expect(told.summary()).toEqual({
    ...{ requests: 7, failedRequests: 1, queueDepth: 3 },
    admission: expect.objectContaining({ requests: 0, sheds: false, spareRequestsPerS: 40 }),
  })
})

it('says nothing of it while the models are not warm, or where a node holds none', () => {
  for (const told of [toldBy(false), toldBy(true, [])]) {
    expect(told.admission()).toBeUndefined()
    expect(told.summary()).toEqual({ requests: 7, failedRequests: 1, queueDepth: 3 })
  }
})
