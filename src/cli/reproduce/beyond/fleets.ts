/** The fleet and the agent of a run. Whatever is random in them has a stream of its own, fixed by the seed of the run. */

import type { BeyondRun, LearningRun } from '../../../../paper/index.ts'
import { TABLE_III } from '../../../fleet/variants.ts'
import { createAgent } from '../../../learning/agents/create.ts'
import type { Problem } from '../../../learning/environment/environment.ts'
import { plan } from '../../../learning/planner/plan.ts'
import { Random } from '../../../random.ts'
import { SimulatedEnvironment } from '../../../simulation/simulated-environment.ts'
import type { World } from '../../../simulation/world.ts'
import { heterogeneousWorld } from '../../../simulation/worlds/heterogeneous-world.ts'
import {
  DEFAULT_CHOICES,
  type Delivery,
  paperWorld,
} from '../../../simulation/worlds/paper-world.ts'

/** An environment that also tells the truth. */
export type Fleet = SimulatedEnvironment

/** Fleets beyond the paper's have so many devices at an edge. */
const DEVICES_PER_EDGE = 25

/** The simulator of the papers' experiments where it can do what is asked. */
export function fleetOf(run: LearningRun): Fleet {
  const { fleet: kind, users, goal: goalPercent, noise, slow, lost, decisions, measuredOn } = run
  const asked = [slow, lost, decisions, measuredOn]
  if (kind === 'classes' || kind === 'unique' || asked.some((each) => each !== undefined)) {
    const told = measuredOn !== undefined && { toldAccuracies: measuredAccuracies(run, measuredOn) }
    return new SimulatedEnvironment({ ...optionsOf(run), world: worldOf(run), ...told })
  }
  const seed = seedFor(run, 'responses')
  return new SimulatedEnvironment({ devices: users, scenario: kind, goalPercent, noise, seed })
}

export function worldOf(run: BeyondRun & { readonly decisions?: Delivery }): World {
  const { fleet: kind, users, decisions: delivery = 'consulted' } = run
  if (kind !== 'classes' && kind !== 'unique') {
    return paperWorld({ scenario: kind, devices: users, delivery })
  }
  const edges = users <= 5 ? 1 : users <= 20 ? 2 : Math.ceil(users / DEVICES_PER_EDGE)
  return heterogeneousWorld({ devices: users, edges, kind }, streamOf(run, 'world'))
}

export function optionsOf({ goal: goalPercent, noise, slow, lost }: BeyondRun) {
  return { goalPercent, noise, ...(slow && { slow }), ...(lost !== undefined && { lost }) }
}

/** What measuring each variant on so many answers gives, in tenths of a percent. Shape [choices]. */
function measuredAccuracies(run: LearningRun, answers: number): number[] {
  const random = streamOf(run, 'accuracies')
  const measured = TABLE_III.map(({ name, accuracyPercent }) => {
    let right = 0
    for (let i = 0; i < answers; i++) right += random.uniform() < accuracyPercent / 100 ? 1 : 0
    return [name, Math.round((1000 * right) / answers) / 10] as const
  })
  const byVariant = new Map(measured)
  return DEFAULT_CHOICES.map(({ placement }) => byVariant.get(placement.variant) ?? 0)
}

export function agentOf(run: BeyondRun, problem: Problem) {
  const { agent, feedback, overrides } = run
  return createAgent(agent, problem, {
    seed: seedFor(run, 'agent'),
    ...(feedback && { feedback }),
    ...(overrides && { overrides }),
  })
}

export function streamOf({ seed }: BeyondRun, purpose: string): Random {
  return new Random(seed).fork(purpose)
}

export function seedFor(run: BeyondRun, purpose: string): number {
  return streamOf(run, purpose).integer(2 ** 32)
}

/** Noise-free average response time of the best decision; of large fleets, that of a plan within some 10⁻⁴ of it. */
export function optimumOf(fleet: Pick<Fleet, 'planningProblem'>) {
  return plan(fleet.planningProblem())
}
