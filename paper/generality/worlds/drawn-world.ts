/** A fleet drawn at random under one law of its shared nodes. */
import type { Choice } from '../../../src/fleet/choice.ts'
import type { ResourceState } from '../../../src/fleet/state.ts'
import type { Random } from '../../../src/random.ts'
import type { World, WorldTimes } from '../../../src/simulation/world.ts'
import { drawnLinks, type Links, type LocalLaw, localTimes } from './devices.ts'
import { between, isChance, logBetween } from './draws.ts'
import { INTERACTIONS, type InteractionName } from './interactions.ts'
import { choicesOf, drawnLadder, type Variant } from './ladder.ts'
import { CURVES, type CurveName } from './laws.ts'

export type LawName = Exclude<CurveName, 'level'> | InteractionName

export interface DrawnFleet {
  readonly law: LawName
  readonly users: number
  readonly local: LocalLaw
}

/** Devices at an edge, at most on average. */
const PER_EDGE = 7

export function isInteraction(law: string): law is InteractionName {
  return Object.hasOwn(INTERACTIONS, law)
}

/** All its nodes are idle; which links are weak is told. */
export function drawnWorld({ law, users, local }: DrawnFleet, random: Random): World {
  const edges = Math.ceil(users / PER_EDGE)
  const { curve, draw } = isInteraction(law) ? INTERACTIONS[law] : { curve: law, draw: undefined }
  const ladder = drawnLadder(random)
  const tellsFacts = isChance(0.5, random)
  const offersTwo = isChance(0.5, random) || law === 'swapping'
  const choices = choicesOf(ladder, { tellsFacts, offersTwo }, random)
  const { classOf, localMs } = localTimes(local, ladder, users, random)
  const links = localMs.map(() => drawnLinks(random))
  const edgeOf = links.map(() => random.integer(edges))
  const nodes = Array.from({ length: edges + 1 }, (_, node) => {
    const isCloud = node === edges
    const easy = Math.max(2, Math.round((isCloud ? users : users / edges) / 2))
    return drawnNode(isCloud ? [15, 80] : [25, 120], CURVES[curve](random, easy), users, random)
  })
  const times = timesOf(choices, { ladder, localMs, links, edgeOf, nodes })
  const state = (isWeak: boolean): ResourceState => {
    return { processor: 0, memory: 0, bandwidth: isWeak ? 1 : 0 }
  }
  return {
    choices,
    edgeOf,
    ...(classOf && { classOf }),
    start: {
      devices: links.map(({ isWeak }) => state(isWeak)),
      edges: nodes.slice(1).map(() => state(false)),
      cloud: state(false),
    },
    times: () => times,
    ...(draw && { coupledMs: draw({ choices, edgeOf }, random) }),
  }
}

interface Node {
  /** Of the most accurate variant, by number of users from 1. Shape [users]. */
  readonly curveMs: Float64Array
  /** What another variant takes longer; less than nothing where it is quicker. */
  readonly otherMs: number
}

function drawnNode(
  [least, most]: readonly [least: number, most: number],
  slowdown: (users: number) => number,
  users: number,
  random: Random,
): Node {
  const loneMs = logBetween(least, most, random)
  return {
    curveMs: Float64Array.from({ length: users }, (_, others) => loneMs * slowdown(others + 1)),
    otherMs: loneMs * between(-0.5, 0.1, random),
  }
}

interface Parts {
  readonly ladder: readonly Variant[]
  /** Shape [devices][variants]. */
  readonly localMs: readonly (readonly number[])[]
  /** Shape [devices]. */
  readonly links: readonly Links[]
  readonly edgeOf: readonly number[]
  /** Edges, then the cloud. */
  readonly nodes: readonly Node[]
}

/** The same in every state: nothing wanders. */
function timesOf(
  choices: readonly Choice[],
  { ladder, localMs, links, edgeOf, nodes }: Parts,
): WorldTimes {
  const variantOf = choices.map(({ placement }) =>
    ladder.findIndex(({ name }) => name === placement.variant),
  )
  const cloud = nodes.length - 1
  return {
    own: links.map((link, device) =>
      choices.map(({ placement: { tier } }, choice) => {
        const variant = variantOf[choice] ?? 0
        const node = nodes[tier === 'cloud' ? cloud : (edgeOf[device] ?? 0)]
        const sharedMs = variant === 0 ? 0 : (node?.otherMs ?? 0)
        const computeMs = tier === 'end' ? (localMs[device]?.[variant] ?? 0) : sharedMs
        return { computeMs, linkMs: link[tier] }
      }),
    ),
    curvesMs: nodes.map(({ curveMs }) => curveMs),
  }
}
