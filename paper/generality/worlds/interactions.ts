/** What devices do to each other where a node's number of users does not tell it: who they are and what they run matters. */
import type { Choice } from '../../../src/fleet/choice.ts'
import type { Decision } from '../../../src/learning/environment/environment.ts'
import type { Random } from '../../../src/random.ts'
import { distinct } from '../../runs.ts'
import { between } from './draws.ts'
import type { CurveName } from './laws.ts'

interface Machines {
  readonly choices: readonly Choice[]
  /** Shape [devices]. */
  readonly edgeOf: readonly number[]
}

/** What it adds to each device's response time, ms. Shape [devices]. */
type CoupledMs = (decision: Decision) => number[]

interface Interaction {
  /** Of the shared nodes by themselves. */
  readonly curve: CurveName
  readonly draw: (fleet: Machines, random: Random) => CoupledMs
}

export const INTERACTIONS = {
  /** Two cameras, or three, on one channel: a link is slower for every neighbour that sends its pictures away. */
  'wireless channel': { curve: 'knee', draw: wirelessChannel },
  /** Edges whose users slow each other by what each moves through memory, which is of the device and of its variant. */
  'memory bus': { curve: 'level', draw: memoryBus },
  /** Edges that hold one model at a time: all wait for every other variant that is in use. */
  swapping: { curve: 'quadratic', draw: swapping },
} as const satisfies Readonly<Record<string, Interaction>>

export type InteractionName = keyof typeof INTERACTIONS

/** Of each device: the placement's tier of a decision, and whom it meets. */
function tiersOf({ choices }: Machines, decision: Decision) {
  return decision.map((choice) => choices[choice]?.placement.tier)
}

function wirelessChannel(fleet: Machines, random: Random): CoupledMs {
  const last = Math.max(0, Math.floor(fleet.edgeOf.length / 2) - 1)
  const channels = fleet.edgeOf.map((_, device) => Math.min(last, Math.floor(device / 2)))
  const links = channels.map(() => ({
    sendingMs: between(20, 90, random),
    askingMs: between(2, 12, random),
  }))
  return (decision) => {
    const leaves = tiersOf(fleet, decision).map((tier) => tier !== 'end')
    return links.map(({ sendingMs, askingMs }, device) => {
      const sending = leaves.filter(
        (leaving, other) => leaving && other !== device && channels[other] === channels[device],
      )
      return sending.length * (leaves[device] ? sendingMs : askingMs)
    })
  }
}

function memoryBus(fleet: Machines, random: Random): CoupledMs {
  const { choices, edgeOf } = fleet
  const loadsMs = edgeOf.map(() => choices.map(() => between(8, 60, random)))
  return (decision) => {
    const tiers = tiersOf(fleet, decision)
    const movedMs = decision.map((choice, device) =>
      tiers[device] === 'edge' ? (loadsMs[device]?.[choice] ?? 0) : 0,
    )
    return movedMs.map((ownMs, device) => {
      if (tiers[device] !== 'edge') return 0
      const onEdge = movedMs.filter((_, other) => edgeOf[other] === edgeOf[device])
      return onEdge.reduce((sum, ms) => sum + ms, -ownMs)
    })
  }
}

function swapping(fleet: Machines, random: Random): CoupledMs {
  const { edgeOf } = fleet
  const swapsMs = edgeOf.map(() => between(15, 80, random))
  return (decision) => {
    const tiers = tiersOf(fleet, decision)
    return decision.map((_, device) => {
      if (tiers[device] !== 'edge') return 0
      const inUse = decision.filter(
        (__, other) => tiers[other] === 'edge' && edgeOf[other] === edgeOf[device],
      )
      return (distinct(inUse).length - 1) * (swapsMs[edgeOf[device] ?? 0] ?? 0)
    })
  }
}
