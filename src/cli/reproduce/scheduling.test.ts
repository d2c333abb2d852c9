import { expect, test } from 'vitest'
import type { SchedulingRun } from '#paper'
import { runScheduling } from './scheduling.ts'

const RUN: SchedulingRun = {
  kind: 'scheduling',
  node: { profile: 'cpu', workers: 1, deadlineMs: 20 },
  policy: 'uniform-fit-drop',
  mostRequests: 300,
  wholeShapes: false,
  everyScenario: 5,
  slowdown: 1,
  recalibrate: true,
  seed: 101,
}
const signal = new AbortController().signal

async function outcomesOf(change: Partial<SchedulingRun>) {
  const finished = await runScheduling(
    { ...RUN, ...change },
    { signal, onProgress: () => undefined },
  )
  return finished?.outcomes ?? []
}

test('serves every fifth workload, as far as asked, the same again', async () => {
  const outcomes = await outcomesOf({})
  expect(outcomes.map(({ scenario }) => scenario)).toEqual([
    'poisson-0.5',
    'mmpp-1.2',
    'fast-mmpp-4',
    'plateau-0.5',
    'azure-code-1',
    'ramp-3',
  ])
  expect(outcomes.every(({ requests }) => requests === 300)).toBe(true)
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

test('shapes are run to their end, batches raise the load threefold', async () => {
  const whole = await outcomesOf({ wholeShapes: true, everyScenario: 20 })
  expect(whole.map(({ requests }) => requests)).toEqual([300, expect.any(Number)])
  const batching = { profile: 'batching', workers: 1, deadlineMs: 20 } as const
  const larger = await outcomesOf({ wholeShapes: true, everyScenario: 20, node: batching })
  expect((larger[1]?.requests ?? 0) / (whole[1]?.requests ?? 0)).toBeCloseTo(3, 1)
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
  const run = { ...RUN, policy: 'learned', training: { trainer: 'hindsight', rounds: 1 } } as const
  const finished = await runScheduling(run, { signal, onProgress: (part) => parts.push(part) })
  expect(parts.slice(0, 2)).toEqual(['round 1 of 1', 'workload 1 of 6'])
  expect(finished?.trainingSeconds).toBeGreaterThan(0)
  expect(finished?.outcomes).toHaveLength(6)
}, 60_000)

test('nothing is finished when aborted', async () => {
  const aborted = AbortSignal.abort()
  const options = { signal: aborted, onProgress: () => undefined }
  expect(await runScheduling(RUN, options)).toBeUndefined()
})
