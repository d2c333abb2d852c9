import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import { UnavailableError } from '../errors.ts'
import type { Tensor } from '../protocol/messages.ts'
import { Random } from '../random.ts'
import { createLadder } from '../scheduling/ladder.ts'
import { anticipatingFit } from '../scheduling/policies/anticipating-fit.ts'
import { requestsOf, ServingNode } from '../simulation/node/serving-node.ts'
import type { Inference } from './backends/backend.ts'
import { start } from './request-scheduler.fixture.ts'

/** A batch of 2 or 4 takes 1.2 or 1.5 times as long as one. */
const ratios = [1.2, 1.5]
const batches = { sizes: [1, 2, 4], ratios: { d0: ratios, d2: ratios, d3: ratios } }

beforeEach(() => {
  vi.useFakeTimers()
})
afterEach(() => {
  vi.useRealTimers()
})

describe('requests that wait', () => {
  it('are served together, as many as fill a batch', async () => {
    const { send, outcomes, runOn, scheduler } = start({ batches })
    for (let request = 0; request < 8; request++) send({ deadlineMs: 1000 })
    await vi.runAllTimersAsync()
    expect(runOn.sizes).toEqual([1, 4, 2, 1])
    expect(outcomes).toEqual([
      ...['d0 after 0', 'd0 after 40', 'd0 after 40', 'd0 after 40', 'd0 after 40'],
      ...['d0 after 100', 'd0 after 100', 'd0 after 148'],
    ])
    expect(scheduler.inferences).toEqual({ 1: 2, 2: 1, 4: 1 })
    expect(scheduler.report()).toMatchObject({ requests: 8, violationPercent: 0 })
  })

  it('are served together without a deadline too', async () => {
    const { send, outcomes, runOn } = start({ batches })
    for (let request = 0; request < 5; request++) send(undefined)
    await vi.runAllTimersAsync()
    expect(runOn.sizes).toEqual([1, 4])
    expect(outcomes.slice(1)).toEqual(Array(4).fill('d0 after 40'))
  })

  it('are served one by one where that does not pay', async () => {
    const { send, runOn } = start()
    for (let request = 0; request < 5; request++) send({ deadlineMs: 1000 })
    await vi.runAllTimersAsync()
    expect(runOn.sizes).toEqual([1, 1, 1, 1, 1])
  })

  it('get no larger variant than they asked for, and share a batch with those that may have the same', async () => {
    const { send, runOn, outcomes } = start({ batches })
    send({ deadlineMs: 1000 })
    for (const asked of ['d0', 'd0', 'd3', 'd3', 'd0']) send({ deadlineMs: 900 }, asked)
    await vi.runAllTimersAsync()
    expect(runOn.started).toEqual(['d0', 'd0', 'd3', 'd0'])
    expect(runOn.sizes).toEqual([1, 2, 2, 1])
    expect(outcomes.slice(1, 5).map((outcome) => String(outcome).slice(0, 2))).toEqual([
      ...['d0', 'd0', 'd3', 'd3'],
    ])
  })

  it('all fail with their worker, and the next is served', async () => {
    const { send, outcomes, runOn, scheduler } = start({ batches })
    for (let request = 0; request < 3; request++) send({ deadlineMs: 1000 })
    await vi.advanceTimersByTimeAsync(40)
    runOn.failure = new UnavailableError('an inference worker crashed')
    await vi.advanceTimersByTimeAsync(48)
    expect(outcomes).toEqual(['d0 after 0', runOn.failure, runOn.failure])
    runOn.failure = undefined
    send({ deadlineMs: 1000 })
    await vi.runAllTimersAsync()
    expect(outcomes[3]).toBe('d0 after 0')
    expect(scheduler.report().dropped).toMatchObject({ failed: 2 })
  })
})

it('fails all in an inference that cannot begin, and serves the next', async () => {
  const gone = new Error('there is no such variant')
  let calls = 0
  const infer = async (_: string, requests: readonly unknown[]) => {
    calls += 1
    await new Promise((resolve) => setTimeout(resolve, 40))
    if (calls === 2) throw gone
    const value = { outputs: [], computeMs: 1 }
    return requests.map((): PromiseSettledResult<Inference> => ({ status: 'fulfilled', value }))
  }
  const { send, outcomes, scheduler } = start({ batches, infer })
  for (let request = 0; request < 4; request++) send({ deadlineMs: 1000 })
  await vi.runAllTimersAsync()
  expect(outcomes.slice(1, 3)).toEqual([gone, gone])
  expect(outcomes).toHaveLength(4)
  expect(String(outcomes[3])).toMatch(/^d0 after/)
  expect(scheduler.report().dropped).toMatchObject({ failed: 2 })
})

const input = (...shape: number[]): Tensor => {
  const data = new Uint8Array(4 * shape.reduce((product, size) => product * size, 1))
  return { name: 'x', datatype: 'FP32', shape, data }
}

it('joins requests of one row and of the same sizes alone, and tells each what became of its own', async () => {
  const asked: number[][][] = []
  const infer = async (_: string, requests: readonly { readonly inputs: readonly Tensor[] }[]) => {
    asked.push(requests.map(({ inputs }) => [...(inputs[0]?.shape ?? [])]))
    await new Promise((resolve) => setTimeout(resolve, 40))
    return requests.map(({ inputs }, index): PromiseSettledResult<Inference> => {
      if (inputs[0]?.shape[1] === 7 && index === 1) {
        return { status: 'rejected', reason: new Error('no') }
      }
      return { status: 'fulfilled', value: { outputs: inputs, computeMs: 40 } }
    })
  }
  const { scheduler } = start({ batches, infer })
  const shapes = [
    [1, 3],
    [1, 5],
    [1, 5],
    [2, 5],
    [2, 5],
    [1, 7],
    [1, 7],
  ]
  const answers = Promise.allSettled(
    shapes.map((shape) => scheduler.infer('d0', { inputs: [input(...shape)] })),
  )
  await vi.runAllTimersAsync()
  expect(asked).toEqual([
    [[1, 3]],
    [
      [1, 5],
      [1, 5],
    ],
    [[2, 5]],
    [[2, 5]],
    [
      [1, 7],
      [1, 7],
    ],
  ])
  const told = (await answers).map((one) =>
    one.status === 'fulfilled' ? one.value.outputs[0]?.shape : one.reason.message,
  )
  expect(told).toEqual([...shapes.slice(0, 6), 'no'])
  expect(scheduler.report().withoutDeadline).toMatchObject({ answered: 6, notServed: 1 })
})

it('does live what the simulator says of its report', async () => {
  const node = start({ batches, policy: 'anticipating-fit', queueLimit: 64 })
  const random = new Random(7)
  const arrivalsMs = Float64Array.from({ length: 400 }, (_, index) => {
    // Whole milliseconds: timers have no finer ones. Bursts of 80 at 667/s in a rate of 20/s.
    return index % 160 < 80 ? 1 + random.integer(2) : 30 + random.integer(40)
  })
  for (let at = 1; at < arrivalsMs.length; at++) {
    arrivalsMs[at] = (arrivalsMs[at] ?? 0) + (arrivalsMs[at - 1] ?? 0)
  }
  const ladder = createLadder(
    [...node.scheduler.report().variants],
    node.scheduler.report().batchSizes,
  )
  const simulated = new ServingNode({
    ladder,
    workers: 1,
    queueLimit: 64,
    earlyRefusal: true,
    requests: requestsOf(arrivalsMs, 150),
    noise: 0,
    random: new Random(1),
  }).run(anticipatingFit())
  let nowMs = 0
  for (const arrivalMs of arrivalsMs) {
    await vi.advanceTimersByTimeAsync(arrivalMs - nowMs)
    nowMs = arrivalMs
    node.send({ deadlineMs: 150 })
  }
  await vi.runAllTimersAsync()
  const live = node.scheduler.report()
  expect(simulated.violationPercent).toBeGreaterThan(1)
  expect(Object.keys(node.scheduler.inferences)).toEqual(['1', '2', '4'])
  expect(live.requests).toBe(400)
  expect(live.effectiveAccuracyPercent).toBeCloseTo(simulated.effectiveAccuracyPercent, 0)
  expect(live.violationPercent).toBeCloseTo(simulated.violationPercent, 0)
})
