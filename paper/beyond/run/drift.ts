/** Something in the fleet changes while an agent is at work, and later is as it was. */
import type { Agent } from '../../../src/learning/agents/agent.ts'
import { FactoredAgent } from '../../../src/learning/agents/factored.ts'
import type { Decision } from '../../../src/learning/environment/environment.ts'
import { SimulatedEnvironment } from '../../../src/simulation/simulated-environment.ts'
import type { RunContext } from '../../experiment.ts'
import type { DriftSettings } from '../settings.ts'
import { agentOf, optimumOf, optionsOf, seedFor, streamOf, worldOf } from './fleets.ts'
import { Judge } from './judge.ts'
import { type Settled, settledAt } from './settling.ts'

export interface Phase {
  readonly optimumMs: number
  /** Response times of the decisions taken less that of the best decision, summed, ms. */
  readonly regretMs: number
  /** Counted from the beginning of the phase, to its end. */
  readonly settledAt: Settled
}

export interface PhasesOutcome {
  readonly phases: readonly Phase[]
  /** Of drift: whether the greedy decision at the event became slower by it. */
  readonly isHit?: boolean
  /** Of drift: steps after the event until the agent says that something became slower; null: not within the phase. Absent where the agent tells nothing. */
  readonly foundAfter?: number | null
  readonly violations: number
}

const FLIPPED_SHARE = 0.4
/** One device of five. */
const SLOWED_SHARE = 0.2
/** What Table II tells of a factor: a device is Busy, an edge has a level of background load from 0 to 8. */
const BUSY = 1
const EDGE_LEVELS: ReadonlyMap<number, number> = new Map([
  [2, 4 / 8],
  [4, 7 / 8],
])

export async function runDrift(
  settings: DriftSettings,
  context: RunContext,
): Promise<PhasesOutcome> {
  const tellsLinks = settings.observed || settings.event.what !== 'links'
  const fleet = new SimulatedEnvironment({
    ...optionsOf(settings),
    world: worldOf(settings),
    tellsLinks,
  })
  const agent = agentOf(settings, fleet.problem)
  const judge = new Judge(agent, fleet, fleet.reset(seedFor(settings, 'responses')))
  const phase = (onStep?: (step: number) => void) =>
    phaseOf(judge, optimumOf(fleet).responseTimeMs, settings.stepsEach, context, onStep)
  const before = await phase()
  const change = changeOf(settings, fleet)
  const beforeMs = judge.greedyMs()
  change.begin()
  const isHit = judge.greedyMs() > beforeMs * 1.001
  judge.look()
  const slowedBefore = slowedOf(agent)
  let foundAfter: number | null = null
  const during = await phase((step) => {
    if (slowedOf(agent) > slowedBefore) foundAfter ??= step
  })
  change.end()
  judge.look()
  const phases = [before, during, await phase()]
  const tells = agent instanceof FactoredAgent
  return { phases, isHit, ...(tells && { foundAfter }), violations: judge.violations }
}

/** So many steps in which the best decision stays the same. */
export async function phaseOf(
  judge: Judge,
  optimumMs: number,
  steps: number,
  { onProgress }: RunContext,
  onStep?: (step: number) => void,
): Promise<Phase> {
  const ratios = [judge.greedyMs() / optimumMs]
  let regretMs = 0
  for (let step = 1; step <= steps; step++) {
    regretMs += judge.step() - optimumMs
    ratios.push(judge.greedyMs() / optimumMs)
    onStep?.(step)
    await onProgress(`step ${step}`)
  }
  return { optimumMs, regretMs, settledAt: settledAt(ratios) }
}

function slowedOf(agent: Agent): number {
  return agent instanceof FactoredAgent ? agent.slowed : 0
}

interface Change {
  readonly begin: () => void
  readonly end: () => void
}

function changeOf(settings: DriftSettings, fleet: SimulatedEnvironment): Change {
  const { event, observed, users } = settings
  if (event.what === 'links') {
    const devices = someDevices(settings, Math.round(FLIPPED_SHARE * users))
    const flip = () => {
      for (const device of devices) fleet.flipLink(device)
    }
    return { begin: flip, end: flip }
  }
  const isEdge = event.what === 'edge'
  const nodes = isEdge
    ? [users + busiestEdge(fleet, optimumOf(fleet).decision)]
    : someDevices(settings, Math.ceil(SLOWED_SHARE * users))
  const level = isEdge ? (EDGE_LEVELS.get(event.factor) ?? 1) : BUSY
  const set = (factor: number, told: number) => () => {
    for (const node of nodes) fleet.setFactor(node, factor, observed ? told : 0)
  }
  return { begin: set(event.factor, level), end: set(1, 0) }
}

/** Of the best decision; the first one where none is used. */
function busiestEdge(fleet: SimulatedEnvironment, decision: Decision): number {
  const { edgeOf = [], choices } = fleet.problem
  const users = new Map<number, number>()
  decision.forEach((choice, device) => {
    const edge = edgeOf[device] ?? 0
    if (choices[choice]?.placement.tier === 'edge') users.set(edge, (users.get(edge) ?? 0) + 1)
  })
  return [...users].toSorted(([, one], [, other]) => other - one)[0]?.[0] ?? 0
}

/** Without repetition. */
function someDevices(settings: DriftSettings, count: number): number[] {
  const random = streamOf(settings, 'event')
  const left = Array.from({ length: settings.users }, (_, device) => device)
  return Array.from({ length: count }, () => left.splice(random.integer(left.length), 1)).flat()
}
