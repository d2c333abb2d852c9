/**
 * A world whose decisions carry over: a device that does heavy work grows hot and computes slower, until it has cooled. What is
 * fastest now may be slow for good, so an agent must look ahead (γ > 0).
 */
import type { World } from '../world.ts'

export interface Heating {
  /** Variants that heat the device which computes them. */
  readonly heavy: readonly string[]
  /** How many times longer a hot device computes. */
  readonly factor: number
  /** Chance per round that a hot device cools which does nothing heavy. */
  readonly cooling: number
}

/** The fleet of another world, heating. A hot device's processor is busy, which is all that a state tells of it. */
export function heatingWorld(world: World, { heavy, factor, cooling }: Heating): World {
  const { choices, times } = world
  const isLocal = choices.map(({ placement }) => placement.tier === 'end')
  const isHeavy = choices.map(({ placement }, c) => isLocal[c] && heavy.includes(placement.variant))
  const cool = (state: World['start']) => ({
    ...state,
    devices: state.devices.map((node) => ({ ...node, processor: 0 })),
  })
  return {
    ...world,
    times: (state) => {
      const { own, curvesMs } = times(cool(state))
      const heated = own.map((row, device) => {
        const slower = state.devices[device].processor === 0 ? 1 : factor
        return row.map(({ computeMs, linkMs }, choice) => {
          return { computeMs: computeMs * (isLocal[choice] ? slower : 1), linkMs }
        })
      })
      return { own: heated, curvesMs }
    },
    nextState: (state, decision, random) => ({
      ...state,
      devices: state.devices.map((node, device) => {
        // Drawn for every device, so that what one does leaves the others' luck as it is.
        const cools = random.uniform() < cooling
        const isHot = isHeavy[decision[device]] || (node.processor > 0 && !cools)
        return { ...node, processor: isHot ? 1 : 0 }
      }),
    }),
  }
}
