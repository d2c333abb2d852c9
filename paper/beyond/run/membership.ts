/** Devices join and leave a fleet while an agent is at work. */
import type { Agent } from '../../../src/learning/agents/agent.ts'
import { SimulatedEnvironment } from '../../../src/simulation/simulated-environment.ts'
import { membersOf } from '../../../src/simulation/world.ts'
import type { RunContext } from '../../experiment.ts'
import type { MembershipSettings } from '../settings.ts'
import { type Phase, type PhasesOutcome, phaseOf } from './drift.ts'
import { agentOf, optimumOf, optionsOf, seedFor, worldOf } from './fleets.ts'
import { Judge } from './judge.ts'

/** Of the devices, in quarters: the first three, then all, then the last three. */
const QUARTERS = [
  [0, 3],
  [0, 4],
  [1, 4],
] as const

export async function runMembership(
  settings: MembershipSettings,
  context: RunContext,
): Promise<PhasesOutcome> {
  const { users, stepsEach, carriesOver } = settings
  const world = worldOf(settings)
  const phases: Phase[] = []
  let violations = 0
  let agent: Agent | undefined
  for (const [index, [from, to]] of QUARTERS.entries()) {
    const [first, end] = [Math.round((from * users) / 4), Math.round((to * users) / 4)]
    const devices = Array.from({ length: end - first }, (_, offset) => first + offset)
    const fleet = new SimulatedEnvironment({
      ...optionsOf(settings),
      world: membersOf(world, devices),
    })
    const state = fleet.reset(seedFor(settings, `responses ${index}`))
    if (agent?.moveTo && carriesOver) agent.moveTo(fleet.problem)
    else agent = agentOf(settings, fleet.problem)
    const judge = new Judge(agent, fleet, state)
    phases.push(await phaseOf(judge, optimumOf(fleet).responseTimeMs, stepsEach, context))
    violations += judge.violations
  }
  return { phases, violations }
}
