import { expect, it } from 'vitest'
import { ArrivalHistory } from './arrival-history.ts'
import { exampleLadder } from './example-node.fixture.ts'
import { emptyObservation, RATE_WINDOWS } from './observation.ts'
import { ServiceTimes } from './service-times.ts'

const LARGEST_MS = 4

function observedAfter(gapMs: number, requests: number) {
  const history = new ArrivalHistory(LARGEST_MS, 1)
  const observation = emptyObservation(new ServiceTimes(exampleLadder()), 1, 10)
  for (let i = 1; i <= requests; i++) {
    history.arrive(i * gapMs, 1, 8)
    history.fill(observation, i * gapMs)
  }
  history.fill(observation, requests * gapMs + 3)
  return { history, observation }
}

it('tells rates over every window, and the time since the last arrival', () => {
  const { history, observation } = observedAfter(10, 1000)
  const { arrivalRatesPerS, sinceArrivalMs } = observation
  expect(sinceArrivalMs).toBe(3)
  const longest = RATE_WINDOWS.length - 1
  expect(arrivalRatesPerS[longest]).toBeCloseTo(100, -1)
  expect(history.usualRatePerS(10_003)).toBe(arrivalRatesPerS[longest])
})

it('tells what is expected, and what a backlog costs', () => {
  const calm = observedAfter(10, 1000).observation
  expect(calm.forecast.expected(10_009, 5)).toBeGreaterThan(0)
  expect(calm.congestion.lostMs(0.5)).toBe(0)
  expect(observedAfter(0.4, 3000).observation.congestion.lostMs(0.5)).toBeGreaterThan(1)
})
