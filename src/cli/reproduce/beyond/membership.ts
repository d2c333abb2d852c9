/** Devices join and leave a fleet while an agent is at work. */
import type { MembershipRun, Phase, PhasesOutcome } from '../../../../paper/index.ts'
import { SimulatedEnvironment } from '../../../simulation/simulated-environment.ts'
import { membersOf } from '../../../simulation/world.ts'
import { phaseOf } from './drift.ts'
import { agentOf, optimumOf, optionsOf, seedFor, worldOf } from './fleets.ts'
import { Judge } from './judge.ts'
import type { Pace } from './pace.ts'

/** Of the devices, in quarters: the first three, then all, then the last three. */
const QUARTERS = [
  [0, 3],
  [0, 4],
  [1, 4],
] as const

/** @returns undefined when aborted */
export async function runMembership(
  run: MembershipRun,
  pace: Pace,
): Promise<PhasesOutcome | undefined> {
  const { users, stepsEach, carriesOver } = run
  const world = worldOf(run)
  const phases: Phase[] = []
  let violations = 0
  let agent: ReturnType<typeof agentOf> | undefined
  for (const [index, [from, to]] of QUARTERS.entries()) {
    const [first, end] = [Math.round((from * users) / 4), Math.round((to * users) / 4)]
    const devices = Array.from({ length: end - first }, (_, offset) => first + offset)
    const fleet = new SimulatedEnvironment({ ...optionsOf(run), world: membersOf(world, devices) })
    const state = fleet.reset(seedFor(run, `responses ${index}`))
    if (agent?.moveTo && carriesOver) agent.moveTo(fleet.problem)
    else agent = agentOf(run, fleet.problem)
    const judge = new Judge(agent, fleet, state)
    const phase = await phaseOf(judge, optimumOf(fleet).responseTimeMs, stepsEach, pace)
    if (phase === undefined) return undefined
    phases.push(phase)
    violations += judge.violations
  }
  return { phases, violations }
}
