/** D_world of Algorithm 1: the most recent experiences, sampled uniformly with replacement. */
import type { Random } from '../../random.ts'
import type { Experience } from './experience.ts'

/** For a checkpoint. */
export interface UniformBufferState {
  readonly experiences: readonly Experience[]
  readonly next: number
}

/** D_world. */
export class UniformBuffer {
  readonly capacity: number
  private experiences: Experience[] = []
  /** The slot that the next experience takes. */
  private next = 0

  constructor(capacity: number) {
    this.capacity = capacity
  }

  get size(): number {
    return this.experiences.length
  }

  push(experience: Experience): void {
    this.experiences[this.next] = experience
    this.next = (this.next + 1) % this.capacity
  }

  /** The buffer must not be empty. */
  sample(batchSize: number, random: Random): Experience[] {
    return Array.from(
      { length: batchSize },
      () => this.experiences[random.integer(this.experiences.length)],
    )
  }

  save(): UniformBufferState {
    return { experiences: [...this.experiences], next: this.next }
  }

  restore(state: UniformBufferState): void {
    this.experiences = [...state.experiences]
    this.next = state.next
  }
}
