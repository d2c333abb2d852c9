import { expect, test } from 'vitest'
import { reportOf } from './answer.fixture.ts'
import { AnswerHistory } from './answer-history.ts'
import { LatencyBins } from './latency-bins.ts'

test('a quantile is within 2.5 % of the true one', () => {
  const bins = new LatencyBins()
  expect(bins.quantileMs(0.5)).toBeUndefined()
  for (let ms = 1; ms <= 1000; ms++) bins.add(ms)
  for (const [share, exact] of [
    [0.5, 500],
    [0.95, 950],
    [1, 1000],
  ] as const) {
    expect(Math.abs((bins.quantileMs(share) ?? 0) / exact - 1)).toBeLessThan(0.026)
  }
})

test('times below the first bin and of an hour have their place', () => {
  const bins = new LatencyBins()
  bins.add(0)
  expect(bins.quantileMs(1)).toBeLessThan(0.06)
  bins.add(3_600_000)
  expect((bins.quantileMs(1) ?? 0) / 3_600_000).toBeCloseTo(1, 1)
})

test('a step has the mean of its answers, and what failed counts as a request alone', () => {
  const history = new AnswerHistory(1000, 3)
  const during = { goalPercent: 85, agent: 'factored' }
  history.add(reportOf({ responseTimeMs: 10 }), 5000, during)
  history.add(reportOf({ responseTimeMs: 30, accuracyPercent: 70 }), 5999, during)
  history.add(reportOf({ failed: true, responseTimeMs: 1e6 }), 5999, during)
  const [point, ...rest] = history.points(6000)
  expect(rest).toEqual([])
  expect(point).toMatchObject({
    atMs: 5000,
    requests: 3,
    failed: 1,
    meanMs: 20,
    accuracyPercent: 80,
  })
  expect(point).toMatchObject({ ...during, byTier: { end: 2, edge: 0, cloud: 0 } })
})

test('only the newest steps are kept, and quiet ones take no room', () => {
  const history = new AnswerHistory(1000, 3)
  for (let second = 0; second < 10; second++) history.add(reportOf(), 1000 * second, {})
  expect(history.points(9500).map(({ atMs }) => atMs)).toEqual([7000, 8000, 9000])
  expect(history.points(60_000)).toEqual([])
})

test('a clock that is set back leaves what is past, within the bound', () => {
  const history = new AnswerHistory(1000, 3)
  for (const second of [7, 8, 100, 101, 8]) history.add(reportOf(), 1000 * second, {})
  expect(history.points(8500).map(({ atMs }) => atMs)).toEqual([8000])
  for (let second = 0; second < 10; second++) history.add(reportOf(), 1000 * second, {})
  expect(history.points(9500).map(({ atMs }) => atMs)).toEqual([7000, 8000, 9000])
})

test('the newest seconds are one point', () => {
  const history = new AnswerHistory(1000, 300)
  for (let second = 0; second < 10; second++) {
    history.add(reportOf({ responseTimeMs: second }), 1000 * second, {})
  }
  expect(history.recent(9000, 2)).toMatchObject({ requests: 3, meanMs: 8 })
  expect(history.recent(100_000, 2)).not.toHaveProperty('meanMs')
})
