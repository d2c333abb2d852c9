import { expect, it } from 'vitest'
import type { Clock } from '../clock.ts'
import { DEFAULT_THRESHOLDS } from './discretise.ts'
import { fixedProcessorProbe } from './processor-probe.ts'
import { type ResourceSample, startResourceMonitor } from './resource-monitor.ts'

/** Sleeps until told; notes for how long it was asked to. */
function manualClock() {
  const asked: number[] = []
  let wake: () => void = () => {}
  const clock: Clock = {
    nowMs: () => 0,
    sleep: (ms) => {
      asked.push(ms)
      return new Promise((resolve) => {
        wake = resolve
      })
    },
  }
  const turn = () => new Promise((resolve) => setImmediate(resolve))
  const next = () => {
    wake()
    return turn()
  }
  return { asked, clock, turn, next }
}

function sampleInto(samples: ResourceSample[], roundTripsMs: (number | undefined)[]) {
  const time = manualClock()
  let closed = false
  const memory = [10, 90, 82, 70]
  const monitor = startResourceMonitor({
    tier: 'end',
    intervalMs: 1000,
    clock: time.clock,
    processor: fixedProcessorProbe(60),
    memory: () => memory.shift() ?? 0,
    link: {
      node: undefined,
      measure: () => Promise.resolve(roundTripsMs.shift()),
      close: () => {
        closed = true
        return Promise.resolve()
      },
    },
    bandwidthMbps: () => undefined,
    publish: (sample) => samples.push(sample),
  })
  return { monitor, time, isClosed: () => closed }
}

it('samples at once and then once an interval', async () => {
  const samples: ResourceSample[] = []
  const { monitor, time } = sampleInto(samples, [2, 40, undefined])
  expect(monitor.latest).toBeUndefined()
  await time.turn()
  expect(samples).toEqual([
    {
      state: { processor: 1, memory: 0, bandwidth: 0 },
      measured: { backgroundProcessorPercent: 60, memoryUsedPercent: 10, roundTripMs: 2 },
    },
  ])
  await time.next()
  await time.next()
  expect(samples.map(({ state }) => state.memory)).toEqual([0, 1, 1])
  expect(samples.map(({ state }) => state.bandwidth)).toEqual([0, 1, 1])
  expect(samples[2]?.measured).not.toHaveProperty('roundTripMs')
  expect(monitor.latest).toBe(samples[2])
  expect(time.asked).toEqual([1000, 1000, 1000])
  await monitor.stop()
})

it('stops at once, in the middle of an interval', async () => {
  const samples: ResourceSample[] = []
  const { monitor, time, isClosed } = sampleInto(samples, [])
  await time.turn()
  await monitor.stop()
  expect(isClosed()).toBe(true)
  await time.next()
  expect(samples).toHaveLength(1)
})

it('publishes no sample that was under way when it stopped', async () => {
  const samples: ResourceSample[] = []
  const { monitor } = sampleInto(samples, [])
  await monitor.stop()
  expect(samples).toEqual([])
})

it('refuses thresholds that are the wrong way round', () => {
  const busyMemoryPercent = { enter: 1, leave: 2 }
  expect(() =>
    startResourceMonitor({
      tier: 'end',
      intervalMs: 1,
      clock: manualClock().clock,
      processor: fixedProcessorProbe(0),
      memory: () => 0,
      thresholds: { ...DEFAULT_THRESHOLDS, busyMemoryPercent },
      publish: () => {},
    }),
  ).toThrow(/busyMemoryPercent/)
})
