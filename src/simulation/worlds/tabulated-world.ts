/** A fleet whose times are listed, one by one, for the choices of the papers. */
import type { ResourceState } from '../../fleet/state.ts'
import { perChoice, type World } from '../world.ts'
import { DEFAULT_CHOICES } from './calibration.ts'

/** Only the links of devices make a difference to such a fleet: background load does not weigh on it. */
export interface TimeTables {
  /** Shape [devices]. */
  readonly edgeOf: readonly number[]
  /** Shape [devices]. */
  readonly classOf: readonly number[]
  /** Time of each variant d0–d7 at each device, ms. Shape [devices][8]. */
  readonly localMs: readonly (readonly number[])[]
  /** What the way to a shared node adds, ms; more where the device's link is weak. Shape [devices]. */
  readonly links: readonly Link[]
  /** Response time of each shared node by number of users from 1, ms; edges first, the cloud last. Shape [edges + 1][devices]. */
  readonly curvesMs: readonly Float64Array[]
}

interface Link {
  /** Whether it is weak at the start. */
  readonly isWeak: boolean
  readonly edgeMs: number
  readonly cloudMs: number
  /** On top while it is weak, on local and on forwarded requests. */
  readonly weakLocalMs: number
  readonly weakMs: number
}

/** A fleet of these times; all its nodes are idle at the start. */
export function tabulatedWorld(tables: TimeTables): World {
  const { edgeOf, classOf, localMs, links, curvesMs } = tables
  const node = (bandwidth: number): ResourceState => ({ processor: 0, memory: 0, bandwidth })
  const world: World = {
    choices: DEFAULT_CHOICES,
    edgeOf,
    classOf,
    start: {
      devices: links.map(({ isWeak }) => node(isWeak ? 1 : 0)),
      edges: curvesMs.slice(1).map(() => node(0)),
      cloud: node(0),
    },
    times: ({ devices }) => ({
      computeMs: perChoice(world, (device, choice) => localMs[device][choice] ?? 0),
      linkMs: perChoice(world, (device, choice) => {
        const { tier } = DEFAULT_CHOICES[choice].placement
        const { edgeMs, cloudMs, weakLocalMs, weakMs } = links[device]
        const weak = devices[device].bandwidth
        if (tier === 'end') return weak * weakLocalMs
        return (tier === 'edge' ? edgeMs : cloudMs) + weak * weakMs
      }),
      curvesMs,
    }),
  }
  return world
}
