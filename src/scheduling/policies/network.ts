import { ConfigError, InvalidInputError } from '../../errors.ts'
import type { Action } from '../action.ts'
import { FeatureEncoder } from '../features.ts'
import { Forward } from '../learned/network/forward.ts'
import { type LearnedNetwork, networkShape } from '../learned/network/learned-network.ts'
import { inputSize, type NetworkShape } from '../learned/network/shape.ts'
import { isAllowed, type Observation, RATE_WINDOWS } from '../observation.ts'
import { regimeOf } from '../regimes.ts'
import type { SchedulingPolicy } from '../scheduling-policy.ts'
import type { ServiceTimes } from '../service-times.ts'

/** Logit of an action that is not allowed. */
export const FORBIDDEN = -1e9

/** @throws ConfigError when the network was trained for another shape of node */
export function networkPolicy(
  network: LearnedNetwork,
  { times, workers }: { readonly times: ServiceTimes; readonly workers: number },
): SchedulingPolicy {
  const { variants, batches } = times
  const here = { variants, batches, workers, windows: RATE_WINDOWS.length }
  for (const [name, count] of Object.entries(here)) {
    const trained = network.node[name as keyof typeof here]
    if (count === trained) continue
    throw new ConfigError(
      `the network was trained for ${trained} ${name}, this node has ${count}: train one for it${orAlone(name, trained)}`,
    )
  }
  return new NetworkPolicy(network)
}

function orAlone(name: string, trained: number): string {
  return name === 'batches' && trained === 1 ? ', or start the node with --max-batch 1' : ''
}

/**
 * A policy that a network has learned: the allowed action of the highest logit, uniform-fit's choice being given a lead. What
 * it remembers, earlier features or recurrent units, is what lets it tell a burst from a moment's crowd.
 */
export class NetworkPolicy implements SchedulingPolicy {
  readonly name = 'network'
  readonly shape: NetworkShape
  /** What the network has seen at the last decision, newest frame first. Shape [frames · features]. */
  readonly input: Float64Array
  /** Of the recurrent units. Shape [recurrent]. */
  readonly state: Float64Array
  /** Added to the network's logits at the last decision: its prior, and `FORBIDDEN`. Shape [actions]. */
  readonly offsets: Float64Array
  private readonly forward: Forward
  private readonly encoder: FeatureEncoder
  private readonly features: Float32Array
  private readonly network: LearnedNetwork

  constructor(network: LearnedNetwork) {
    this.network = network
    this.shape = networkShape(network)
    this.encoder = new FeatureEncoder(network.node, network.deadlineMs)
    this.forward = new Forward(this.shape, network.parameters)
    this.features = new Float32Array(this.shape.features)
    this.input = new Float64Array(inputSize(this.shape))
    this.state = new Float64Array(this.shape.recurrent)
    this.offsets = new Float64Array(this.shape.actions)
  }

  decide(observation: Observation): Action {
    this.see(observation)
    const { offsets } = this
    const { logits } = this.forward
    let best = 0
    for (let i = 1; i < offsets.length; i++) {
      const isBetter = logits[i] + offsets[i] > logits[best] + offsets[best]
      if (isBetter) best = i
    }
    return observation.actions.all[best]
  }

  /** Takes in what there is to decide on, without deciding. @returns the network's logits. Shape [actions] */
  see(observation: Observation): Float64Array {
    const { input, features } = this
    const prior = this.encoder.encode(observation, features)
    input.copyWithin(features.length, 0, input.length - features.length)
    input.set(features)
    this.fillOffsets(observation, prior)
    this.forward.run(input, this.state)
    return this.forward.logits
  }

  save(): unknown {
    if (this.shape.frames === 1 && this.shape.recurrent === 0) return undefined
    return { input: this.input.slice(), state: this.state.slice() }
  }

  restore(saved: unknown): void {
    if (saved === undefined) {
      this.input.fill(0)
      this.state.fill(0)
      return
    }
    const { input, state } = Object(saved) as { input: unknown; state: unknown }
    const isOwn = isVector(input, this.input.length) && isVector(state, this.state.length)
    if (!isOwn || this.save() === undefined) {
      throw new InvalidInputError('cannot restore what another policy, or none, has saved')
    }
    this.input.set(input)
    this.state.set(state)
  }

  private fillOffsets(observation: Observation, prior: Action): void {
    const { offsets, network } = this
    // Giving up the head can only help those behind it, and only by a batch.
    const drop = network.node.batches > 1 && observation.queued > 1
    for (const action of observation.actions.all) {
      const isOffered = action.kind === 'serve' || (action.kind === 'drop' && drop)
      offsets[action.index] = isOffered && isAllowed(observation, action) ? 0 : FORBIDDEN
    }
    const lead = network.leads?.[regimeOf(observation)] ?? 0
    offsets[prior.index] = offsets[prior.index] + network.priorLogit + lead
  }
}

function isVector(value: unknown, length: number): value is Float64Array {
  return value instanceof Float64Array && value.length === length && value.every(Number.isFinite)
}
