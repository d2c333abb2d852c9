/** The fleet and the agent of a run. Whatever is random in them has a stream of its own, fixed by the seed of the run. */
import { TABLE_III } from '../../../src/fleet/variants.ts'
import { createAgent } from '../../../src/learning/agents/create.ts'
import type { Problem } from '../../../src/learning/environment/environment.ts'
import { plan } from '../../../src/learning/planner/plan.ts'
import { Random } from '../../../src/random.ts'
import { SimulatedEnvironment } from '../../../src/simulation/simulated-environment.ts'
import type { World } from '../../../src/simulation/world.ts'
import { heterogeneousWorld } from '../../../src/simulation/worlds/heterogeneous-world.ts'
import {
  DEFAULT_CHOICES,
  type Delivery,
  paperWorld,
} from '../../../src/simulation/worlds/paper-world.ts'
import type { BeyondSettings, LearningSettings } from '../settings.ts'

/** Fleets beyond the paper's have so many devices at an edge. */
const DEVICES_PER_EDGE = 25

/** The simulator of the papers' experiments where it can do what is asked. */
export function fleetOf(settings: LearningSettings): SimulatedEnvironment {
  const {
    fleet: kind,
    users,
    goal: goalPercent,
    noise,
    slow,
    lost,
    decisions,
    measuredOn,
  } = settings
  const asked = [slow, lost, decisions, measuredOn]
  if (kind === 'classes' || kind === 'unique' || asked.some((each) => each !== undefined)) {
    const told = measuredOn !== undefined && {
      toldAccuracies: measuredAccuracies(settings, measuredOn),
    }
    return new SimulatedEnvironment({ ...optionsOf(settings), world: worldOf(settings), ...told })
  }
  const seed = seedFor(settings, 'responses')
  return new SimulatedEnvironment({ devices: users, scenario: kind, goalPercent, noise, seed })
}

export function worldOf(settings: BeyondSettings & { readonly decisions?: Delivery }): World {
  const { fleet: kind, users, decisions: delivery = 'consulted' } = settings
  if (kind !== 'classes' && kind !== 'unique') {
    return paperWorld({ scenario: kind, devices: users, delivery })
  }
  const edges = users <= 5 ? 1 : users <= 20 ? 2 : Math.ceil(users / DEVICES_PER_EDGE)
  return heterogeneousWorld({ devices: users, edges, kind }, streamOf(settings, 'world'))
}

export function optionsOf({ goal: goalPercent, noise, slow, lost }: BeyondSettings) {
  return { goalPercent, noise, ...(slow && { slow }), ...(lost !== undefined && { lost }) }
}

/** What measuring each variant on so many answers gives, in tenths of a percent. Shape [choices]. */
function measuredAccuracies(settings: LearningSettings, answers: number): number[] {
  const random = streamOf(settings, 'accuracies')
  const measured = TABLE_III.map(({ name, accuracyPercent }) => {
    let right = 0
    for (let i = 0; i < answers; i++) right += random.uniform() < accuracyPercent / 100 ? 1 : 0
    return [name, Math.round((1000 * right) / answers) / 10] as const
  })
  const byVariant = new Map(measured)
  return DEFAULT_CHOICES.map(({ placement }) => byVariant.get(placement.variant) ?? 0)
}

export function agentOf(settings: BeyondSettings, problem: Problem) {
  const { agent, feedback, overrides } = settings
  return createAgent(agent, problem, {
    seed: seedFor(settings, 'agent'),
    ...(feedback && { feedback }),
    ...(overrides && { overrides }),
  })
}

export function streamOf({ seed }: BeyondSettings, purpose: string): Random {
  return new Random(seed).fork(purpose)
}

export function seedFor(settings: BeyondSettings, purpose: string): number {
  return streamOf(settings, purpose).integer(2 ** 32)
}

/** Noise-free average response time of the best decision; of large fleets, that of a plan within some 10⁻⁴ of it. */
export function optimumOf(fleet: Pick<SimulatedEnvironment, 'planningProblem'>) {
  return plan(fleet.planningProblem())
}
