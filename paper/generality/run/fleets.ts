/** The fleet of a run, and what will change in it. Whatever is random has a stream of its own, fixed by the settings. */
import { ConfigError } from '../../../src/errors.ts'
import { Random } from '../../../src/random.ts'
import { SimulatedEnvironment } from '../../../src/simulation/simulated-environment.ts'
import { nodeOf, type World } from '../../../src/simulation/world.ts'
import type { Change, GeneralitySettings } from '../settings.ts'
import { drawnWorld } from '../worlds/drawn-world.ts'
import { shuffled } from '../worlds/draws.ts'
import { goalPercentOf } from '../worlds/ladder.ts'
import { NOISES } from '../worlds/noises.ts'
import { isPaperFleet, paperFleet } from '../worlds/paper-fleets.ts'
import { type Optimum, plannedOptimum, triedOptimum } from './optimum.ts'

export interface DrawnFleet {
  readonly world: World
  readonly environment: SimulatedEnvironment
  readonly optimum: Optimum
  /** Where something changes. */
  readonly event?: Event
}

interface Event {
  /** See `nodeOf`. */
  readonly nodes: readonly number[]
  readonly optimum: Optimum
}

/** Worlds drawn until a change in one moves the optimum. */
const MOST_DRAWN = 500
/** By how much the best decision is beaten after the change that counts as moving it. */
const LEAST_MOVE = 0.05

/** @throws ConfigError where no world is found in which the change matters */
export function fleetOf(settings: GeneralitySettings): DrawnFleet {
  const { change } = settings
  for (let draw = 0; draw < MOST_DRAWN; draw++) {
    const fleet = drawnFleet(settings, draw)
    if (change === undefined) return fleet
    const event = eventOf(fleet, change, streamOf(settings, `event ${draw}`))
    if (event) return { ...fleet, event }
  }
  throw new ConfigError(
    `of ${MOST_DRAWN} worlds "${settings.world}" none has an optimum that moves when ${change?.what} becomes ${change?.factor} times as slow: take another law or goal`,
  )
}

/** Of the fleet: what is asked of it, and of its agent, draws from others. */
export function streamOf(
  { seed, world, users, local }: GeneralitySettings,
  purpose: string,
): Random {
  return new Random(seed).fork([world, users, local, purpose].join(' '))
}

function drawnFleet(settings: GeneralitySettings, draw: number): DrawnFleet {
  const { world: name, users, local = 'free', goal, noise } = settings
  const random = streamOf(settings, `world ${draw}`)
  const world = isPaperFleet(name)
    ? paperFleet(name, random)
    : drawnWorld({ law: name, users, local }, random)
  const environment = new SimulatedEnvironment({
    world,
    goalPercent: goalPercentOf(goal, world.choices),
    noise: NOISES[noise],
  })
  return { world, environment, optimum: optimumOf(settings, world, environment) }
}

/** Of the fleet whose decisions were all tried last: runs that differ in agent or profile alone follow each other. */
let tried: { readonly key: string; readonly optimum: Optimum } | undefined

function optimumOf(
  { seed, world: name, users, local, goal }: GeneralitySettings,
  world: World,
  environment: SimulatedEnvironment,
): Optimum {
  if (!world.coupledMs) return plannedOptimum(environment)
  const key = JSON.stringify([seed, name, users, local, goal])
  if (tried?.key !== key) tried = { key, optimum: triedOptimum(environment) }
  return tried.optimum
}

/** Slow-downs are of what the best decision uses, speed-ups of what it does not use. */
function eventOf(
  { world, environment, optimum }: DrawnFleet,
  { what, factor }: Change,
  random: Random,
) {
  const usedNodes = new Set(optimum.decision.map((choice, device) => nodeOf(world, device, choice)))
  const candidates = shuffled(nodesOf(world, what), random).filter((nodes) =>
    nodes.some((node) => usedNodes.has(node) === factor > 1),
  )
  for (const nodes of candidates) {
    for (const node of nodes) environment.setFactor(node, factor)
    const moved = plannedOptimum(environment)
    const stays = environment.expectedResponseTimeMs(optimum.decision)
    for (const node of nodes) environment.setFactor(node, 1)
    if (stays > (1 + LEAST_MOVE) * moved.responseTimeMs) return { nodes, optimum: moved }
  }
  return undefined
}

/** What may change, each by itself. */
function nodesOf({ edgeOf, start }: World, what: Change['what']): number[][] {
  const [devices, edges] = [[...edgeOf.keys()], [...start.edges.keys()]]
  switch (what) {
    case 'edge':
      return edges.map((edge) => [devices.length + edge])
    case 'cloud':
      return [[devices.length + edges.length]]
    case 'one device':
      return devices.map((device) => [device])
    case 'all devices':
      return [devices]
  }
}
