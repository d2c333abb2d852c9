import { expect, test } from 'vitest'
import { experiment } from './run.ts'
import type { SchedulingSettings } from './settings.ts'
import { WORKLOADS } from './sweep.ts'

const RUN: SchedulingSettings = {
  node: { ladder: 'mobilenet', profile: 'cpu', workers: 1, deadlineServices: 4 },
  policy: 'uniform-fit-drop',
  mostRequests: 300,
  leastMs: 0,
  overloadMs: 0,
  everyScenario: 5,
  slowdown: 1,
  recalibrate: true,
  seed: 101,
  seeds: 1,
}
const context = { signal: new AbortController().signal, onProgress: async () => undefined }

async function outcomesOf(change: Partial<SchedulingSettings>) {
  const { outcomes } = await experiment.run({ ...RUN, ...change }, context)
  return outcomes
}

test('serves every fifth workload, as far as asked, the same again', async () => {
  const outcomes = await outcomesOf({})
  const every5th = WORKLOADS.filter((_, index) => index % 5 === 0)
  expect(outcomes.map(({ scenario }) => scenario)).toEqual(every5th.map(({ name }) => name))
  expect(every5th.map(({ name }) => name)).toContain('azure-code-1')
  for (const { requests } of outcomes) {
    expect(requests).toBeGreaterThan(150)
    expect(requests).toBeLessThan(600)
  }
  expect(await outcomesOf({})).toEqual(outcomes)
})

test('is below the clairvoyant bound and above slack-fit, on the same arrivals', async () => {
  const mean = async (policy: string) => {
    const outcomes = await outcomesOf({ policy })
    return outcomes.reduce((sum, each) => sum + each.effectiveAccuracyPercent, 0) / outcomes.length
  }
  const ours = await mean('uniform-fit-drop')
  expect(await mean('clairvoyant')).toBeGreaterThan(ours)
  expect(await mean('slack-fit')).toBeLessThan(ours)
})

test('runs the first requests, of a drifting shape all, and no less time than asked', async () => {
  const requestsOf = async (change: Partial<SchedulingSettings>) =>
    (await outcomesOf({ everyScenario: 14, ...change })).map(({ requests }) => requests)
  // The first is poisson-0.5: 100 a second, 60 s long.
  const [poisson = 0] = await requestsOf({ mostRequests: 2000 })
  expect(poisson / 2000).toBeCloseTo(1, 1)
  const [longer = 0] = await requestsOf({ mostRequests: 2000, leastMs: 30_000 })
  expect(longer / 3000).toBeCloseTo(1, 1)
  const [all = 0] = await requestsOf({ mostRequests: 1e6 })
  expect(all / 6000).toBeCloseTo(1, 1)
  // Three times as many come where batches are cheap, so they last a third as long.
  const batching = { ...RUN.node, profile: 'batching' } as const
  const [more = 0] = await requestsOf({ mostRequests: 2000, leastMs: 30_000, node: batching })
  expect(more / 9000).toBeCloseTo(1, 1)
  const shapes = async (mostRequests: number) =>
    (await outcomesOf({ mostRequests })).filter(({ family }) => family === 'shapes')
  for (const { requests } of await shapes(2000)) expect(requests / 2000).toBeCloseTo(1, 0)
})

test('a wrong profile without recalibration violates more', async () => {
  const slower = { slowdown: 1.5, policy: 'edf-quickest-first' }
  const violations = async (recalibrate: boolean) => {
    const outcomes = await outcomesOf({ ...slower, recalibrate })
    return outcomes.reduce((sum, { violationPercent }) => sum + (violationPercent ?? 0), 0)
  }
  expect(await violations(false)).toBeGreaterThan(2 * (await violations(true)))
})

test('a learned policy is learned first', async () => {
  const parts: string[] = []
  const onProgress = async (part: string) => void parts.push(part)
  const run = {
    ...RUN,
    policy: 'learned',
    training: { trainer: 'hindsight', rounds: 1, seed: 201 },
  } as const
  const { trainingSeconds, outcomes } = await experiment.run(run, { ...context, onProgress })
  expect(parts.slice(0, 2)).toEqual(['round 1 of 1', 'workload 1 of 10'])
  expect(trainingSeconds).toBeGreaterThan(0)
  expect(outcomes).toHaveLength(10)
}, 60_000)

test('a run ends when telling of its progress fails', async () => {
  const onProgress = () => Promise.reject(new Error('enough'))
  const running = async () => experiment.run(RUN, { ...context, onProgress })
  await expect(running).rejects.toThrow('enough')
})
