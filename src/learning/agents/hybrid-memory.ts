/** The three replay buffers of Algorithm 1, and what single devices' responses say of the costs in them. */
import type { Decision, Problem, Transition } from '../environment/environment.ts'
import { ResponseTimes } from '../model/response-times.ts'
import type { Experience, Sample } from '../replay/experience.ts'
import { KeyedBuffer } from '../replay/keyed-buffer.ts'
import { PrioritizedBuffer } from '../replay/prioritized-buffer.ts'
import { UniformBuffer } from '../replay/uniform-buffer.ts'
import { type PartStates, restoreParts, saveParts } from './checkpoint.ts'
import type { Feedback } from './hybrid-options.ts'
import type { Hyperparameters } from './hyperparameters.ts'

/** Trials after which a mean follows the newest ones, so that it can follow a change. */
const MOST_TRIALS = 32

export class HybridMemory {
  readonly direct: PrioritizedBuffer // D_direct
  readonly world: UniformBuffer // D_world
  readonly plan: KeyedBuffer // D_plan
  readonly verified: VerifiedDecisions
  /** Absent where the agent sees only averages. */
  private readonly responses: ResponseTimes | undefined

  constructor(problem: Problem, hyperparameters: Hyperparameters, feedback: Feedback) {
    const { replayCapacity, priorityExponent, importanceExponent } = hyperparameters
    const prioritization = { exponent: priorityExponent, importanceExponent }
    this.direct = new PrioritizedBuffer(replayCapacity, prioritization)
    this.world = new UniformBuffer(replayCapacity)
    this.plan = new KeyedBuffer(replayCapacity, prioritization)
    this.verified = new VerifiedDecisions(replayCapacity)
    this.responses = feedback === 'per-device' ? new ResponseTimes(problem) : undefined
  }

  /** Line 12: (s, a, r, s') → D_direct, D_world. */
  store({ state, decision, outcome }: Transition): Experience {
    const experience: Experience = {
      features: state.features,
      decision,
      cost: outcome.cost,
      nextFeatures: outcome.state.features,
    }
    this.responses?.observe(state.features, decision, outcome.responseTimesMs)
    this.world.push(experience)
    this.direct.push(experience)
    return experience
  }

  /** Line 33 of a real step: what is in D_plan already takes the mean r of all its trials. */
  tryAgain(key: string, experience: Experience): void {
    const planned = this.plan.get(key)
    if (!planned) return
    const trials = Math.min((planned.trials ?? 1) + 1, MOST_TRIALS)
    const cost = planned.cost + (experience.cost - planned.cost) / trials
    this.plan.set(key, { ...experience, cost, trials })
  }

  /** The experience with r as it is known now. */
  known(experience: Experience): Experience {
    if (experience.predicted) return experience
    const cost = this.responses?.average(experience.features, experience.decision)
    return cost === undefined ? experience : { ...experience, cost }
  }

  save(): PartStates {
    return saveParts(this.parts())
  }

  restore(saved: PartStates): void {
    restoreParts(this.parts(), saved)
  }

  private parts() {
    const { direct, world, plan, verified, responses } = this
    return { direct, world, plan, verified, responses }
  }
}

/** The decisions that D_plan was given, in whatever state; the oldest is forgotten first. */
class VerifiedDecisions {
  private keys = new Set<string>()
  private readonly capacity: number

  constructor(capacity: number) {
    this.capacity = capacity
  }

  has(decision: Decision): boolean {
    return this.keys.has(`${decision}`)
  }

  add(decision: Decision): void {
    this.keys.add(`${decision}`)
    if (this.keys.size <= this.capacity) return
    const [oldest = ''] = this.keys
    this.keys.delete(oldest)
  }

  save(): readonly string[] {
    return [...this.keys]
  }

  restore(keys: readonly string[]): void {
    this.keys = new Set(keys)
  }
}

/** The same minibatch with other experiences. */
export function mapped(sample: Sample, change: (experience: Experience) => Experience): Sample {
  return { ...sample, experiences: sample.experiences.map(change) }
}
