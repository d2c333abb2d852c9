/** D_plan of Algorithm 1: a prioritized buffer with at most one experience per key, a joint action in a state (lines 29 and 33). */
import type { Random } from '../../random.ts'
import type { Experience, Sample } from './experience.ts'
import {
  type Prioritization,
  PrioritizedBuffer,
  type PrioritizedBufferState,
} from './prioritized-buffer.ts'

/** For a checkpoint. */
export interface KeyedBufferState {
  readonly buffer: PrioritizedBufferState
  /** Key of each slot. [size] */
  readonly keys: readonly string[]
}

/** D_plan. */
export class KeyedBuffer {
  private readonly buffer: PrioritizedBuffer
  /** Key of each slot. [size] */
  private keys: string[] = []
  private slots = new Map<string, number>()

  constructor(capacity: number, prioritization: Prioritization) {
    this.buffer = new PrioritizedBuffer(capacity, prioritization)
  }

  get size(): number {
    return this.buffer.size
  }

  get(key: string): Experience | undefined {
    const slot = this.slots.get(key)
    return slot === undefined ? undefined : this.buffer.at(slot)
  }

  /** Stores the experience as the key's only one; when full, in the place of the key stored longest ago. */
  set(key: string, experience: Experience): void {
    const known = this.slots.get(key)
    if (known !== undefined) {
      this.buffer.replace(known, experience)
      return
    }
    const slot = this.buffer.push(experience)
    const evicted = this.keys[slot]
    if (evicted !== undefined) this.slots.delete(evicted)
    this.keys[slot] = key
    this.slots.set(key, slot)
  }

  /** Stores the experience unless the key has one. @returns whether it was stored */
  add(key: string, experience: Experience): boolean {
    if (this.slots.has(key)) return false
    this.set(key, experience)
    return true
  }

  /** Puts another experience in the place of each; keys and priorities stay. */
  revise(revised: (experience: Experience) => Experience): void {
    this.buffer.revise(revised)
  }

  sample(batchSize: number, random: Random): Sample {
    return this.buffer.sample(batchSize, random)
  }

  reprioritize(slots: readonly number[], errors: ArrayLike<number>): void {
    this.buffer.reprioritize(slots, errors)
  }

  save(): KeyedBufferState {
    return { buffer: this.buffer.save(), keys: [...this.keys] }
  }

  restore(state: KeyedBufferState): void {
    this.buffer.restore(state.buffer)
    this.keys = [...state.keys]
    this.slots = new Map(this.keys.map((key, slot) => [key, slot]))
  }
}
