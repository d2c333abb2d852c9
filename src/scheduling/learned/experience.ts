import type { Feeds } from '../../learning/nn/training.ts'
import type { NetworkPolicy } from '../policies/network.ts'
import type { EpisodeStep } from './actor-environment.ts'
import type { PolicyGradientInput } from './policy-gradient-loss.ts'
import { Sequences } from './sequences.ts'

/** By request, so that values mean the same at every load; a deadline's worth of requests is what an action bears upon. */
const DISCOUNT = 0.99
/** Of generalised advantage estimation, by decision. */
const TRACE_DECAY = 0.9
/** Values of the size of 1. */
const REWARD_SCALE = 0.1

/** An action that was taken. */
export interface Taken {
  readonly index: number
  readonly logProbability: number
  /** What the critic expected. */
  readonly value: number
}

/** One round of policy optimisation, and what became of its decisions. Decision d of environment e is row e · length + d. */
export class Experience {
  private readonly length: number
  private readonly steps: number
  private readonly kept: Sequences<Exclude<PolicyGradientInput, 'states' | 'entropy'>>
  private readonly values: Float32Array
  private readonly rewards: Float32Array
  private readonly discounts: Float32Array

  /**
   * @param length decisions of each environment, whole sequences
   * @param steps decisions of one sequence
   */
  constructor(
    { shape, input }: NetworkPolicy,
    environments: number,
    length: number,
    steps: number,
  ) {
    const rows = environments * length
    const { actions, recurrent } = shape
    const perAction = { inputs: input.length, offsets: actions, chosen: actions }
    const columns = { ...perAction, oldLogProbability: 1, advantages: 1, returns: 1 }
    this.length = length
    this.steps = steps
    this.kept = new Sequences(columns, rows / steps, steps, recurrent)
    this.values = new Float32Array(rows)
    this.rewards = new Float32Array(rows)
    this.discounts = new Float32Array(rows)
  }

  get sequences(): number {
    return this.values.length / this.steps
  }

  /** @param state of the recurrent units before the decision */
  decided(row: number, policy: NetworkPolicy, state: Float64Array, taken: Taken): void {
    const { input: inputs, offsets } = policy
    const chosen = offsets.map((_, action) => Number(action === taken.index))
    this.kept.set(
      row,
      { inputs, offsets, chosen, oldLogProbability: [taken.logProbability] },
      state,
    )
    this.values[row] = taken.value
  }

  became(row: number, { reward, settled, ended }: EpisodeStep): void {
    this.rewards[row] = REWARD_SCALE * reward
    this.discounts[row] = ended ? 0 : DISCOUNT ** settled
  }

  /**
   * Works out advantages, of mean 0 and deviation 1 in each environment so that overloaded ones do not outweigh the rest,
   * and returns.
   * @param nextValue what the critic expects of the decision after an environment's last
   */
  finish(environment: number, nextValue: number): void {
    const { advantages, returns } = this.kept.rows
    const first = environment * this.length
    let advantage = 0
    let following = nextValue
    for (let row = first + this.length - 1; row >= first; row--) {
      const discount = this.discounts[row]
      const value = this.values[row]
      const surprise = this.rewards[row] + discount * following - value
      advantage = surprise + discount * TRACE_DECAY * advantage
      advantages[row] = advantage
      returns[row] = value + advantage
      following = value
    }
    normalise(advantages.subarray(first, first + this.length))
  }

  /** Mean reward per decision, in answers of the most accurate variant. */
  get meanReward(): number {
    return (
      this.rewards.reduce((sum, reward) => sum + reward, 0) / REWARD_SCALE / this.rewards.length
    )
  }

  /** Fills the feeds of one training step, all but the entropy. @param chosen indices of its sequences */
  read(chosen: Uint32Array, feeds: Feeds<PolicyGradientInput>): void {
    this.kept.read(chosen, feeds)
  }
}

function normalise(values: Float32Array): void {
  const mean = values.reduce((sum, value) => sum + value, 0) / values.length
  const variance = values.reduce((sum, value) => sum + (value - mean) ** 2, 0) / values.length
  const scale = 1 / (Math.sqrt(variance) + 1e-8)
  for (let i = 0; i < values.length; i++) values[i] = (values[i] - mean) * scale
}
