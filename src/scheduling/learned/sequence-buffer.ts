import type { Feeds } from '../../learning/nn/training.ts'
import type { NetworkPolicy } from '../policies/network.ts'
import type { AdvantageInput } from './advantage-loss.ts'
import { Sequences } from './sequences.ts'

/** Labelled decisions in sequences of consecutive ones, for `advantageLoss`; when it is full, the oldest make room. */
export class SequenceBuffer {
  private readonly steps: number
  private readonly capacity: number
  private readonly kept: Sequences<Exclude<AdvantageInput, 'states'>>
  private added = 0
  /** Decisions in the sequence being written. */
  private written = 0

  /** @param decisions to be kept. @param steps decisions of one sequence */
  constructor({ shape, input }: NetworkPolicy, decisions: number, steps: number) {
    const { actions, recurrent } = shape
    const columns = { inputs: input.length, offsets: actions, advantages: actions }
    this.steps = steps
    this.capacity = Math.floor(decisions / steps)
    this.kept = new Sequences(columns, this.capacity, steps, recurrent)
  }

  /** Complete sequences kept. */
  get sequences(): number {
    return Math.min(this.added, this.capacity)
  }

  /** The decision that the policy has just seen. @param state of its recurrent units before */
  add({ input, offsets }: NetworkPolicy, state: Float64Array, advantages: Float64Array): void {
    const row = (this.added % this.capacity) * this.steps + this.written
    this.kept.set(row, { inputs: input, offsets, advantages }, state)
    this.written = (this.written + 1) % this.steps
    if (this.written === 0) this.added += 1
  }

  /** What comes next does not follow on what came last: gives up the sequence being written. */
  cut(): void {
    this.written = 0
  }

  /** Fills the feeds of one training step. @param chosen indices of its sequences */
  read(chosen: Uint32Array, feeds: Feeds<AdvantageInput>): void {
    this.kept.read(chosen, feeds)
  }
}
