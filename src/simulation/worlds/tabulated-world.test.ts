import { expect, it } from 'vitest'
import { SimulatedEnvironment } from '../simulated-environment.ts'
import { SMALL } from './small-world.fixture.ts'
import { tabulatedWorld } from './tabulated-world.ts'

const OPTIONS = { world: tabulatedWorld(SMALL), goalPercent: 85, noise: 0 }

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
