/** The three replay buffers of Algorithm 1. */
import type { Problem, State, Transition } from '../environment/environment.ts'
import { indexOf } from '../environment/feasible.ts'
import type { Experience, Sample } from '../replay/experience.ts'
import { KeyedBuffer } from '../replay/keyed-buffer.ts'
import { PrioritizedBuffer } from '../replay/prioritized-buffer.ts'
import { UniformBuffer } from '../replay/uniform-buffer.ts'
import { type PartStates, restoreParts, saveParts } from './checkpoint.ts'
import type { Hyperparameters } from './hyperparameters.ts'

/** Trials after which a mean follows the newest ones, so that it can follow a change. */
const MOST_TRIALS = 32

export class HybridMemory {
  readonly direct: PrioritizedBuffer // D_direct
  readonly world: UniformBuffer // D_world
  readonly plan: KeyedBuffer // D_plan

  constructor(hyperparameters: Hyperparameters) {
    const { replayCapacity, priorityExponent, importanceExponent } = hyperparameters
    const prioritization = { exponent: priorityExponent, importanceExponent }
    this.direct = new PrioritizedBuffer(replayCapacity, prioritization)
    this.world = new UniformBuffer(replayCapacity)
    this.plan = new KeyedBuffer(replayCapacity, prioritization)
  }

  /** Line 12: (s, a, r, s') → D_direct, D_world. */
  store({ state, decision, outcome }: Transition): Experience {
    const experience: Experience = {
      features: state.features,
      decision,
      cost: outcome.cost,
      nextFeatures: outcome.state.features,
    }
    this.world.push(experience)
    this.direct.push(experience)
    return experience
  }

  /** Those of some decisions that D_direct has not seen in a state; all where it has: chance is for what nothing else would try. */
  untaken(decisions: Uint32Array, { features }: Pick<State, 'features'>, problem: Problem) {
    const { direct } = this
    const taken = new Set<number>()
    for (let slot = 0; slot < direct.size; slot++) {
      const experience = direct.at(slot)
      if (experience?.features.every((value, i) => value === features[i])) {
        taken.add(indexOf(experience.decision, problem))
      }
    }
    const left = decisions.filter((decision) => !taken.has(decision))
    return left.length > 0 ? left : decisions
  }

  /** Line 33 of a real step: what is in D_plan already takes the mean r of all its trials, and forgets what was predicted. */
  tryAgain(key: string, experience: Experience): void {
    const planned = this.plan.get(key)
    if (!planned) return
    const before = planned.predicted ? 0 : (planned.trials ?? 1)
    const trials = Math.min(before + 1, MOST_TRIALS)
    const cost = planned.cost + (experience.cost - planned.cost) / trials
    this.plan.set(key, { ...experience, cost, trials })
  }

  save(): PartStates {
    return saveParts(this.parts())
  }

  restore(saved: PartStates): void {
    restoreParts(this.parts(), saved)
  }

  private parts() {
    const { direct, world, plan } = this
    return { direct, world, plan }
  }
}

/** The same minibatch with other experiences. */
export function mapped(sample: Sample, change: (experience: Experience) => Experience): Sample {
  return { ...sample, experiences: sample.experiences.map(change) }
}
