import { expect, it } from 'vitest'
import { Random } from '../../random.ts'
import { SimulatedEnvironment } from '../simulated-environment.ts'
import type { World } from '../world.ts'
import { heterogeneousWorld, tabulatedWorld } from './heterogeneous-world.ts'
import { SMALL } from './small-world.fixture.ts'

const OPTIONS = { world: tabulatedWorld(SMALL), goalPercent: 85, noise: 0 }

function worldOf(seed: number, devices = 6, kind: 'classes' | 'unique' = 'classes'): World {
  return heterogeneousWorld({ devices, edges: 2, kind }, new Random(seed))
}

/** Time of each variant at each device. Shape [devices][8]. */
function localMs({ times, start }: World): number[][] {
  return times(start).own.map((row) => row.slice(0, 8).map(({ computeMs }) => computeMs))
}

it('draws devices of few kinds, or all different', () => {
  const speeds = (world: World, classIndex: number) =>
    localMs(world)
      .filter((_, i) => world.classOf?.[i] === classIndex)
      .map((times) => times[0] ?? 0)
  const spread = (values: readonly number[]) => Math.max(...values) / Math.min(...values)
  const classes = worldOf(2, 60)
  expect(new Set(classes.classOf).size).toBeLessThanOrEqual(5)
  for (const index of new Set(classes.classOf)) {
    expect(spread(speeds(classes, index))).toBeLessThan(2)
  }
  const unique = worldOf(2, 60, 'unique')
  expect(spread(speeds(unique, 0))).toBeGreaterThan(2)
  expect(localMs(worldOf(2, 60))).toEqual(localMs(classes))
  expect(localMs(worldOf(3, 60))).not.toEqual(localMs(classes))
})

it('draws curves that never fall and times that are positive', () => {
  for (let seed = 0; seed < 50; seed++) {
    const world = worldOf(seed, 20, 'unique')
    const { curvesMs } = world.times(world.start)
    expect(
      localMs(world)
        .flat()
        .every((ms) => ms > 0 && Number.isFinite(ms)),
    ).toBe(true)
    for (const curve of curvesMs) {
      curve.forEach((ms, index) => {
        expect(ms).toBeGreaterThanOrEqual(curve[index - 1] ?? 1)
      })
    }
  }
})

it('adds up what a response time is made of', () => {
  const environment = new SimulatedEnvironment(OPTIONS)
  expect(environment.expectedResponseTimesMs([0, 7])).toEqual([400, 100 + 70])
  expect(environment.expectedResponseTimesMs([8, 7])).toEqual([210, 170])
  expect(environment.expectedResponseTimesMs([8, 8])).toEqual([330, 320 + 30 + 100])
  expect(environment.expectedResponseTimesMs([9, 9])).toEqual([320, 300 + 40 + 100])
  expect(environment.expectedResponseTimeMs([8, 7])).toBe(190)
})

it('tells a planner the same', () => {
  const { ownTimesMs, edgeCurvesMs, cloudCurveMs, goalPercent } = new SimulatedEnvironment(
    OPTIONS,
  ).planningProblem()
  expect([...ownTimesMs.slice(8, 10), ...ownTimesMs.slice(18)]).toEqual([10, 20, 130, 140])
  expect([...ownTimesMs.slice(10, 12)]).toEqual([870, 670])
  expect(edgeCurvesMs).toEqual([Float64Array.of(200, 320)])
  expect(cloudCurveMs).toEqual(Float64Array.of(260, 300))
  expect(goalPercent).toBe(85)
})
