/** Something in the fleet changes while an agent is at work, and later is as it was. */
import type { DriftRun, Phase, PhasesOutcome } from '../../../../paper/index.ts'
import type { Agent } from '../../../learning/agents/agent.ts'
import { FactoredAgent } from '../../../learning/agents/factored.ts'
import type { Decision } from '../../../learning/environment/environment.ts'
import { SimulatedEnvironment } from '../../../simulation/simulated-environment.ts'
import { agentOf, optimumOf, optionsOf, seedFor, streamOf, worldOf } from './fleets.ts'
import { Judge } from './judge.ts'
import type { Pace } from './pace.ts'
import { settledAt } from './settling.ts'

const FLIPPED_SHARE = 0.4
/** One device of five. */
const SLOWED_SHARE = 0.2
/** What Table II tells of a factor: a device is Busy, an edge has a level of background load from 0 to 8. */
const BUSY = 1
const EDGE_LEVELS: ReadonlyMap<number, number> = new Map([
  [2, 4 / 8],
  [4, 7 / 8],
])

/** @returns undefined when aborted */
export async function runDrift(run: DriftRun, pace: Pace): Promise<PhasesOutcome | undefined> {
  const tellsLinks = run.observed || run.event.what !== 'links'
  const fleet = new SimulatedEnvironment({ ...optionsOf(run), world: worldOf(run), tellsLinks })
  const agent = agentOf(run, fleet.problem)
  const judge = new Judge(agent, fleet, fleet.reset(seedFor(run, 'responses')))
  const phases: Phase[] = []
  const next = async (onStep?: (step: number) => void) => {
    const { responseTimeMs } = optimumOf(fleet)
    const phase = await phaseOf(judge, responseTimeMs, run.stepsEach, pace, onStep)
    if (phase) phases.push(phase)
    return phase !== undefined
  }
  if (!(await next())) return undefined
  const change = changeOf(run, fleet)
  const beforeMs = judge.greedyMs()
  change.begin()
  const isHit = judge.greedyMs() > beforeMs * 1.001
  judge.look()
  const slowedBefore = slowedOf(agent)
  let foundAfter: number | null = null
  const watch = (step: number) => {
    if (slowedOf(agent) > slowedBefore) foundAfter ??= step
  }
  if (!(await next(watch))) return undefined
  change.end()
  judge.look()
  if (!(await next())) return undefined
  const tells = agent instanceof FactoredAgent
  return { phases, isHit, ...(tells && { foundAfter }), violations: judge.violations }
}

/** @returns undefined when aborted */
export async function phaseOf(
  judge: Judge,
  optimumMs: number,
  steps: number,
  pace: Pace,
  onStep?: (step: number) => void,
): Promise<Phase | undefined> {
  const ratios = [judge.greedyMs() / optimumMs]
  let regretMs = 0
  for (let step = 1; step <= steps; step++) {
    regretMs += judge.step() - optimumMs
    ratios.push(judge.greedyMs() / optimumMs)
    onStep?.(step)
    if (!(await pace.goesOn(`step ${step}`))) return undefined
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

function changeOf(run: DriftRun, fleet: SimulatedEnvironment): Change {
  const { event, observed, users } = run
  if (event.what === 'links') {
    const devices = someDevices(run, Math.round(FLIPPED_SHARE * users))
    const flip = () => {
      for (const device of devices) fleet.flipLink(device)
    }
    return { begin: flip, end: flip }
  }
  const isEdge = event.what === 'edge'
  const nodes = isEdge
    ? [users + busiestEdge(fleet, optimumOf(fleet).decision)]
    : someDevices(run, Math.ceil(SLOWED_SHARE * users))
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
function someDevices(run: DriftRun, count: number): number[] {
  const random = streamOf(run, 'event')
  const left = Array.from({ length: run.users }, (_, device) => device)
  return Array.from({ length: count }, () => left.splice(random.integer(left.length), 1)).flat()
}
