/** A cost network learned from replayed real experience alone: what `dqn` and `supervised` share. */
import type { Random } from '../../../random.ts'
import type { Problem, Transition } from '../../environment/environment.ts'
import { scaleOf } from '../../nn/cost-scale.ts'
import type { Engine } from '../../nn/engine.ts'
import type { NetworkState } from '../../nn/wide-and-deep.ts'
import { Policy } from '../../policy/policy.ts'
import type { Experience, Sample } from '../../replay/experience.ts'
import { PrioritizedBuffer, type PrioritizedBufferState } from '../../replay/prioritized-buffer.ts'
import type { Hyperparameters } from '../hyperparameters.ts'

export interface ValueLearnerState {
  readonly policy: NetworkState
  readonly direct: PrioritizedBufferState
  readonly scaleMs: number
  readonly updates: number
}

export class ValueLearner {
  private readonly policy: Policy
  private readonly direct: PrioritizedBuffer // D_direct
  private readonly hyperparameters: Hyperparameters
  /** ms per unit of scaled cost; 0 before `calibrate`. */
  private scaleMs = 0
  private updates = 0

  constructor(problem: Problem, engine: Engine, hyperparameters: Hyperparameters, random: Random) {
    const { replayCapacity, priorityExponent, importanceExponent } = hyperparameters
    const prioritization = { exponent: priorityExponent, importanceExponent }
    this.hyperparameters = hyperparameters
    this.policy = new Policy(problem, engine, hyperparameters, random)
    this.direct = new PrioritizedBuffer(replayCapacity, prioritization)
  }

  /** Gradient updates so far. */
  get updateCount(): number {
    return this.updates
  }

  get msPerUnit(): number {
    return this.scaleMs
  }

  /** Scaled, of every joint decision; overwritten by the next call. [choices^devices] */
  costs(features: Float32Array): Float32Array {
    return this.policy.costs(features)
  }

  add({ state, decision, outcome }: Transition): void {
    this.direct.push({
      features: state.features,
      decision,
      cost: outcome.cost,
      nextFeatures: outcome.state.features,
    })
  }

  /** Sets the scale by the costs so far, once. @returns whether there is a scale, and something to train on */
  calibrate(): boolean {
    if (this.direct.size === 0) return false
    if (this.scaleMs > 0) return true
    const costs: number[] = []
    for (let slot = 0; slot < this.direct.size; slot++) {
      costs.push(this.direct.at(slot)?.cost ?? 0)
    }
    this.scaleMs = scaleOf(costs, this.hyperparameters)
    return true
  }

  /**
   * Takes minibatches from replay and one update for each.
   * @param target what an experience is to be learned as, ms
   */
  train(
    updates: number,
    random: Random,
    target = (experience: Experience) => experience.cost,
  ): void {
    const drawn = Array.from({ length: updates }, () =>
      this.direct.sample(this.hyperparameters.batchSize, random),
    )
    const samples: Sample[] = drawn.map((sample) => ({
      ...sample,
      experiences: sample.experiences.map((experience) => ({
        ...experience,
        cost: target(experience),
      })),
    }))
    const errors = this.policy.update(samples, this.scaleMs)
    for (const [i, { slots }] of drawn.entries()) {
      this.direct.reprioritize(slots, errors[i])
    }
    this.updates += updates
  }

  /** A copy of the network alone. */
  network(): NetworkState {
    return this.policy.save()
  }

  save(): ValueLearnerState {
    const { scaleMs, updates } = this
    return { policy: this.policy.save(), direct: this.direct.save(), scaleMs, updates }
  }

  restore(state: ValueLearnerState): void {
    this.policy.restore(state.policy)
    this.direct.restore(state.direct)
    this.scaleMs = state.scaleMs
    this.updates = state.updates
  }
}
