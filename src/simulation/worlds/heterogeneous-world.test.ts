import { expect, it } from 'vitest'
import { Random } from '../../random.ts'
import type { World } from '../world.ts'
import { heterogeneousWorld } from './heterogeneous-world.ts'

function worldOf(seed: number, devices = 6, kind: 'classes' | 'unique' = 'classes'): World {
  return heterogeneousWorld({ devices, edges: 2, kind }, new Random(seed))
}

/** Time of each variant at each device. Shape [devices][8]. */
function localMs({ times, start, choices }: World): number[][] {
  const { computeMs } = times(start)
  return start.devices.map((_, device) => [
    ...computeMs.slice(device * choices.length, device * choices.length + 8),
  ])
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
