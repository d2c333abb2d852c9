import { expect, it } from 'vitest'
import { Random } from '../../random.ts'
import { heterogeneousWorld, tabulatedWorld } from '../worlds/heterogeneous-world.ts'
import { SMALL } from '../worlds/small-world.fixture.ts'
import { TIMEOUT_MS, Traffic, type TrafficOptions } from './traffic.ts'

/** Two users take exactly twice as long at its edge. */
const FAIR = tabulatedWorld({
  ...SMALL,
  curvesMs: [Float64Array.of(200, 400), Float64Array.of(260, 300)],
})
const OPTIONS: TrafficOptions = { goalPercent: 0, noise: 0, pausesMs: [100, 100] }
const [LOCAL, EDGE, CLOUD] = [0, 8, 9]

function answersOf(decision: number[], change: Partial<TrafficOptions> = {}, ms = 200_000) {
  return new Traffic(FAIR, { ...OPTIONS, ...change }, decision, 3).advance(ms)
}
const mean = (values: readonly number[]) => values.reduce((a, b) => a + b, 0) / values.length

it('answers as fast as a lone request is served where nobody else is', () => {
  const answers = answersOf([EDGE, LOCAL])
  for (const { device, responseTimeMs } of answers) {
    expect(responseTimeMs).toBeCloseTo(device === 0 ? 210 : 870, 6)
  }
})

it('keeps every device at its own pace: service and pause make the cycle', () => {
  const answers = answersOf([LOCAL, LOCAL], { pausesMs: [100, 630] })
  const rates = [0, 1].map((device) => answers.filter((a) => a.device === device).length / 200)
  expect(rates[0]).toBeCloseTo(1000 / (400 + 100), 1)
  expect(rates[1]).toBeCloseTo(1000 / (870 + 630), 1)
})

it('serves who meets at a node more slowly, between alone and all the time together', () => {
  const own = answersOf([EDGE, EDGE]).map(({ device, responseTimeMs }) =>
    device === 0 ? responseTimeMs - 10 : responseTimeMs - 130,
  )
  expect(Math.min(...own)).toBeGreaterThan(200 - 1e-6)
  expect(mean(own)).toBeGreaterThan(230)
  expect(mean(own)).toBeLessThan(400)
  // The less they pause, the more they meet.
  const busy = answersOf([EDGE, EDGE], { pausesMs: [1, 1] })
  expect(mean(busy.map(({ responseTimeMs }) => responseTimeMs))).toBeGreaterThan(mean(own) + 70)
})

it('lets what is on its way arrive where it was sent, and tells the decision it was sent under', () => {
  const traffic = new Traffic(FAIR, { ...OPTIONS, pausesMs: [1e-6, 1e-6] }, [LOCAL, LOCAL], 1)
  traffic.advance(100)
  traffic.decide([CLOUD, CLOUD])
  const answers = traffic.advance(1500)
  const first = answers.find(({ device }) => device === 1)
  expect(first?.responseTimeMs).toBeCloseTo(870, 3)
  expect(first?.decision).toEqual([LOCAL, LOCAL])
  const later = answers.filter(({ device }) => device === 0).slice(1)
  expect(later.length).toBeGreaterThan(2)
  expect(later.every(({ decision }) => decision[0] === CLOUD)).toBe(true)
})

it('scatters, slows and loses, and a device goes on when it has waited long enough', () => {
  const change = { noise: 0.05, slow: { share: 0.03, factor: 10 }, lost: 0.1 }
  const answers = answersOf([7, 7], change, 2_000_000)
  const times = answers.filter(({ device }) => device === 0).map((a) => a.responseTimeMs)
  const came = times.filter((ms) => !Number.isNaN(ms))
  expect(1 - came.length / times.length).toBeCloseTo(0.1, 1)
  expect(came.filter((ms) => ms > 250).length / came.length).toBeCloseTo(0.03, 1)
  const nominal = came.filter((ms) => ms < 250)
  expect(mean(nominal)).toBeCloseTo(50, 0)
  const cycleMs = 0.9 * (0.97 * 50 + 0.03 * 500) + 0.1 * TIMEOUT_MS + 100
  expect(times.length / (2_000_000 / cycleMs)).toBeCloseTo(1, 1)
})

it('replays from its seed', () => {
  const world = heterogeneousWorld({ devices: 6, edges: 2, kind: 'classes' }, new Random(5))
  const options = { goalPercent: 0, noise: 0.08, pausesMs: [300, 400, 500, 600, 700, 800] }
  const times = (seed: number) =>
    new Traffic(world, options, [8, 8, 9, 0, 7, 8], seed)
      .advance(20_000)
      .map((a) => a.responseTimeMs)
  expect(times(1)).toEqual(times(1))
  expect(times(1)).not.toEqual(times(2))
})

it.each([[[100]], [[100, 0]], [[100, Number.NaN]]])('refuses pauses %j', (pausesMs) => {
  expect(() => new Traffic(FAIR, { ...OPTIONS, pausesMs }, [0, 0], 1)).toThrow(
    'give each of 2 devices a time above 0',
  )
})
