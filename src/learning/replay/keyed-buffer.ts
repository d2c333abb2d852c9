/** D_plan of Algorithm 1: a prioritized buffer with at most one experience per joint action (lines 29 and 33). */
import type { Random } from '../../random.ts'
import type { Experience, Sample } from './experience.ts'
import {
  type Prioritization,
  PrioritizedBuffer,
  type PrioritizedBufferState,
} from './prioritized-buffer.ts'

export interface KeyedBufferState {
  readonly buffer: PrioritizedBufferState
  /** Joint action of each slot. [size] */
  readonly actions: readonly number[]
}

export class KeyedBuffer {
  private readonly buffer: PrioritizedBuffer
  /** Joint action in each slot. [size] */
  private actions: number[] = []
  private slots = new Map<number, number>()

  constructor(capacity: number, prioritization: Prioritization) {
    this.buffer = new PrioritizedBuffer(capacity, prioritization)
  }

  get size(): number {
    return this.buffer.size
  }

  has(action: number): boolean {
    return this.slots.has(action)
  }

  get(action: number): Experience | undefined {
    const slot = this.slots.get(action)
    return slot === undefined ? undefined : this.buffer.at(slot)
  }

  /** Stores the experience as the action's only one; when full, in the place of the action stored longest ago. */
  set(action: number, experience: Experience): void {
    const known = this.slots.get(action)
    if (known !== undefined) {
      this.buffer.replace(known, experience)
      return
    }
    const slot = this.buffer.push(experience)
    const evicted = this.actions[slot]
    if (evicted !== undefined) this.slots.delete(evicted)
    this.actions[slot] = action
    this.slots.set(action, slot)
  }

  sample(batchSize: number, random: Random): Sample {
    return this.buffer.sample(batchSize, random)
  }

  reprioritize(slots: readonly number[], errors: ArrayLike<number>): void {
    this.buffer.reprioritize(slots, errors)
  }

  save(): KeyedBufferState {
    return { buffer: this.buffer.save(), actions: [...this.actions] }
  }

  restore(state: KeyedBufferState): void {
    this.buffer.restore(state.buffer)
    this.actions = [...state.actions]
    this.slots = new Map(this.actions.map((action, slot) => [action, slot]))
  }
}
