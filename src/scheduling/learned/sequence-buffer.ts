/** Labelled decisions in sequences of consecutive ones; when it is full, the oldest make room. */

import type { Feeds } from '../../learning/nn/training.ts'
import type { Random } from '../../random.ts'
import type { NetworkPolicy } from '../policies/network.ts'
import type { AdvantageInput } from './advantage-loss.ts'

/** Of labelled decisions, for `advantageLoss`. */
export class SequenceBuffer {
  private readonly steps: number
  private readonly capacity: number
  private readonly columns: Readonly<Record<'inputs' | 'offsets' | 'advantages', number>>
  private readonly recurrent: number
  // [capacity, steps, columns]; states: [capacity, recurrent]
  private readonly inputs: Float32Array
  private readonly offsets: Float32Array
  private readonly advantages: Float32Array
  private readonly states: Float32Array
  private added = 0
  /** Decisions in the sequence being written. */
  private written = 0

  /** @param decisions to be kept */
  constructor({ shape, input }: NetworkPolicy, decisions: number, steps: number) {
    this.steps = steps
    this.capacity = Math.floor(decisions / steps)
    this.columns = { inputs: input.length, offsets: shape.actions, advantages: shape.actions }
    this.recurrent = shape.recurrent
    const rows = this.capacity * steps
    this.inputs = new Float32Array(rows * input.length)
    this.offsets = new Float32Array(rows * shape.actions)
    this.advantages = new Float32Array(rows * shape.actions)
    this.states = new Float32Array(this.capacity * shape.recurrent)
  }

  /** Complete sequences kept. */
  get sequences(): number {
    return Math.min(this.added, this.capacity)
  }

  /** The decision that the policy has just seen. @param state of its recurrent units before */
  add(policy: NetworkPolicy, state: Float64Array, advantages: Float64Array): void {
    const sequence = this.added % this.capacity
    if (this.written === 0) this.states.set(state, sequence * this.recurrent)
    const row = sequence * this.steps + this.written
    this.inputs.set(policy.input, row * this.columns.inputs)
    this.offsets.set(policy.offsets, row * this.columns.offsets)
    this.advantages.set(advantages, row * this.columns.advantages)
    this.written += 1
    if (this.written < this.steps) return
    this.written = 0
    this.added += 1
  }

  /** What comes next does not follow on what came last: gives up the sequence being written. */
  cut(): void {
    this.written = 0
  }

  /** Fills the feeds of one training step. @param chosen indices of its sequences */
  read(chosen: Uint32Array, feeds: Feeds<AdvantageInput>): void {
    const { steps, inputs, offsets, advantages, states } = this
    gather(inputs, chosen, steps, feeds.inputs)
    gather(offsets, chosen, steps, feeds.offsets)
    gather(advantages, chosen, steps, feeds.advantages)
    gather(states, chosen, 1, feeds.states)
  }
}

/**
 * Copies the rows of the chosen sequences, step by step under each other.
 * @param rows of all sequences, each in one piece [sequences, steps, columns]
 * @param chosen indices of sequences
 * @param target [steps, chosen, columns]
 */
export function gather(
  rows: Float32Array,
  chosen: Uint32Array,
  steps: number,
  target: Float32Array,
): void {
  const columns = target.length / (steps * chosen.length)
  for (const [place, sequence] of chosen.entries()) {
    for (let step = 0; step < steps; step++) {
      const source = (sequence * steps + step) * columns
      const row = rows.subarray(source, source + columns)
      target.set(row, (step * chosen.length + place) * columns)
    }
  }
}

/** 0 to count − 1 in random order. */
export function shuffledIndices(count: number, random: Random): Uint32Array {
  const order = Uint32Array.from({ length: count }, (_, index) => index)
  for (let last = count - 1; last > 0; last--) {
    const other = random.integer(last + 1)
    const kept = order[last]
    order[last] = order[other]
    order[other] = kept
  }
  return order
}
