/** A part of a fleet. */
import type { World } from '../world.ts'

/**
 * The same world with some of its devices alone, which are called by their numbers in it. Nothing carries over in it.
 * @param members indices of the devices that are there
 */
export function membersOf(world: World, members: readonly number[]): World {
  const { choices, edgeOf, classOf, start, times } = world
  const of = <T>(values: readonly T[]) => members.map((device) => values[device])
  const rowsOf = (values: Float64Array) =>
    Float64Array.from(
      members.flatMap((device) => choices.map((_, i) => values[device * choices.length + i])),
    )
  return {
    choices,
    edgeOf: of(edgeOf),
    ...(classOf && { classOf: of(classOf) }),
    names: members.map((device) => `device-${device + 1}`),
    start: { ...start, devices: of(start.devices) },
    times: (state) => {
      const devices = [...start.devices]
      for (const [index, device] of members.entries()) devices[device] = state.devices[index]
      const { computeMs, linkMs, curvesMs } = times({ ...state, devices })
      return { computeMs: rowsOf(computeMs), linkMs: rowsOf(linkMs), curvesMs }
    },
  }
}
