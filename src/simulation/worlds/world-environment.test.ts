import { expect, it } from 'vitest'
import { describeEnvironment } from '../../learning/environment/environment.conformance.ts'
import { Random } from '../../random.ts'
import { heterogeneousWorld, membersOf, type World } from './heterogeneous-world.ts'
import { WorldEnvironment, type WorldOptions } from './world-environment.ts'

const OPTIONS: WorldOptions = { goalPercent: 85, noise: 0 }

/** Two devices at one edge; numbers to compute with. */
const SMALL: World = {
  edges: 1,
  edgeOf: [0, 0],
  classOf: [0, 0],
  localMs: [
    [400, 300, 200, 100, 350, 250, 150, 50],
    [800, 600, 400, 200, 700, 500, 300, 100],
  ],
  links: [
    { isWeak: false, edgeMs: 10, cloudMs: 20, weakLocalMs: 60, weakMs: 90 },
    { isWeak: true, edgeMs: 30, cloudMs: 40, weakLocalMs: 70, weakMs: 100 },
  ],
  curvesMs: [Float64Array.of(200, 320), Float64Array.of(260, 300)],
}

function worldOf(seed: number, devices = 6, kind: 'classes' | 'unique' = 'classes'): World {
  return heterogeneousWorld({ devices, edges: 2, kind }, new Random(seed))
}

describeEnvironment('a heterogeneous world', () => ({
  environment: new WorldEnvironment(worldOf(1), { goalPercent: 85, noise: 0.08 }),
  deterministic: true,
}))

it('adds up what a response time is made of', () => {
  const environment = new WorldEnvironment(SMALL, OPTIONS)
  expect(environment.expectedResponseTimesMs([0, 7])).toEqual([400, 100 + 70])
  expect(environment.expectedResponseTimesMs([8, 7])).toEqual([210, 170])
  expect(environment.expectedResponseTimesMs([8, 8])).toEqual([330, 320 + 30 + 100])
  expect(environment.expectedResponseTimesMs([9, 9])).toEqual([320, 300 + 40 + 100])
  expect(environment.expectedResponseTimeMs([8, 7])).toBe(190)
})

it('tells a planner the same', () => {
  const { ownTimesMs, edgeCurvesMs, cloudCurveMs, goalPercent } = new WorldEnvironment(
    SMALL,
    OPTIONS,
  ).planningProblem()
  expect([...ownTimesMs.slice(8, 10), ...ownTimesMs.slice(18)]).toEqual([10, 20, 130, 140])
  expect([...ownTimesMs.slice(10, 12)]).toEqual([870, 670])
  expect(edgeCurvesMs).toEqual([Float64Array.of(200, 320)])
  expect(cloudCurveMs).toEqual(Float64Array.of(260, 300))
  expect(goalPercent).toBe(85)
})

it('changes the speed of devices, edges and the cloud, seen or unseen, until the next start', () => {
  const environment = new WorldEnvironment(SMALL, OPTIONS)
  environment.setFactor(0, 2)
  environment.setFactor(2, 4, 0.5)
  environment.setFactor(3, 3, 1)
  expect(environment.expectedResponseTimesMs([0, 8])).toEqual([800, 930])
  expect(environment.expectedResponseTimesMs([9, 7])).toEqual([260 * 3 + 20, 170])
  const { features } = environment.currentState()
  expect([0, 3, 6, 9].map((index) => features[index])).toEqual([0, 0, 0.5, 1])
  environment.reset(1)
  expect(environment.expectedResponseTimesMs([0, 8])).toEqual([400, 330])
})

it('turns links weak and back, and says so', () => {
  const environment = new WorldEnvironment(SMALL, OPTIONS)
  const weak = () => [2, 5].map((index) => environment.currentState().features[index])
  expect(weak()).toEqual([0, 1])
  environment.flipLink(0)
  expect(weak()).toEqual([1, 1])
  expect(environment.expectedResponseTimesMs([8, 7])).toEqual([300, 170])
  environment.flipLink(0)
  expect(weak()).toEqual([0, 1])
})

it('keeps links to itself where asked', () => {
  const silent = new WorldEnvironment(SMALL, { ...OPTIONS, tellsLinks: false })
  expect(silent.currentState().features[5]).toBe(0)
  expect(silent.expectedResponseTimesMs([7, 7])).toEqual([50, 170])
})

it('scatters, slows and loses responses as often as it is told', () => {
  const environment = new WorldEnvironment(SMALL, {
    goalPercent: 0,
    noise: 0.05,
    slow: { share: 0.03, factor: 10 },
    lost: 0.02,
  })
  environment.reset(3)
  const rounds = Array.from({ length: 5000 }, () => environment.step([0, 0]))
  const times = rounds.map(({ responseTimesMs }) => responseTimesMs[0] ?? Number.NaN)
  const slow = times.filter((ms) => ms > 2000)
  const nominal = times.filter((ms) => ms <= 2000)
  expect(Math.abs(times.filter(Number.isNaN).length / 5000 - 0.02)).toBeLessThan(0.006)
  expect(Math.abs(slow.length / 5000 - 0.03)).toBeLessThan(0.008)
  const mean = nominal.reduce((sum, ms) => sum + ms, 0) / nominal.length
  const squares = nominal.reduce((sum, ms) => sum + (ms - mean) ** 2, 0) / nominal.length
  expect(Math.abs(mean / 400 - 1)).toBeLessThan(0.01)
  expect(Math.abs(Math.sqrt(squares) / 400 - 0.05)).toBeLessThan(0.005)
})

it('tells accuracies that are not true, and answers that are right as often as is true', () => {
  const told = [95, 95, 95, 95, 95, 95, 95, 95, 95, 95]
  const options = { ...OPTIONS, lost: 0.1, toldAccuracies: told }
  const environment = new WorldEnvironment(SMALL, options)
  expect(environment.problem.choices.map(({ accuracyPercent }) => accuracyPercent)).toEqual(told)
  expect(environment.planningProblem().choices[7]?.accuracyPercent).toBe(72.8)
  const rounds = Array.from({ length: 4000 }, () => environment.step([7, 8]))
  const right = (device: number) => {
    const answers = rounds.map(({ correct }) => correct?.[device])
    const known = answers.filter((answer) => answer !== undefined)
    expect(1 - known.length / 4000).toBeCloseTo(0.1, 1)
    return known.filter(Boolean).length / known.length
  }
  expect(Math.abs(right(0) - 0.728)).toBeLessThan(0.02)
  expect(Math.abs(right(1) - 0.899)).toBeLessThan(0.015)
  expect(new WorldEnvironment(SMALL, OPTIONS).step([7, 8])).not.toHaveProperty('correct')
})

it('draws devices of few kinds, or all different', () => {
  const speeds = (world: World, classIndex: number) =>
    world.localMs.filter((_, i) => world.classOf[i] === classIndex).map((times) => times[0] ?? 0)
  const spread = (values: readonly number[]) => Math.max(...values) / Math.min(...values)
  const classes = worldOf(2, 60)
  expect(new Set(classes.classOf).size).toBeLessThanOrEqual(5)
  for (const index of new Set(classes.classOf)) {
    expect(spread(speeds(classes, index))).toBeLessThan(2)
  }
  const unique = worldOf(2, 60, 'unique')
  expect(spread(speeds(unique, 0))).toBeGreaterThan(2)
  expect(worldOf(2, 60)).toEqual(classes)
  expect(worldOf(3, 60)).not.toEqual(classes)
})

it('draws curves that never fall and times that are positive', () => {
  for (let seed = 0; seed < 50; seed++) {
    const { localMs, curvesMs } = worldOf(seed, 20, 'unique')
    expect(localMs.flat().every((ms) => ms > 0 && Number.isFinite(ms))).toBe(true)
    for (const curve of curvesMs) {
      curve.forEach((ms, index) => {
        expect(ms).toBeGreaterThanOrEqual(curve[index - 1] ?? 1)
      })
    }
  }
})

it('goes on with some of its devices, known by name', () => {
  const world = worldOf(4, 6)
  const all = new WorldEnvironment(world, OPTIONS)
  const some = new WorldEnvironment(membersOf(world, [1, 4, 5]), OPTIONS)
  expect(some.problem.names).toEqual(['device-2', 'device-5', 'device-6'])
  expect(some.problem.edgeOf).toEqual([1, 0, 1])
  const [local, edge] = [0, 8]
  const before = all.expectedResponseTimesMs([0, edge, 0, 0, local, edge])
  expect(some.expectedResponseTimesMs([edge, local, edge])).toEqual(
    [1, 4, 5].map((device) => before[device]),
  )
})

it.each([
  [{ noise: -0.1 }, 'noise is -0.1'],
  [{ noise: Number.NaN }, 'noise is NaN'],
  [{ slow: { share: 1, factor: 3 } }, 'slow is 1'],
  [{ lost: 2 }, 'lost is 2'],
])('refuses %j', (wrong, message) => {
  expect(() => new WorldEnvironment(SMALL, { ...OPTIONS, ...wrong })).toThrow(message)
})
