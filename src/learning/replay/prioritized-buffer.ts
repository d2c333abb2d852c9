/**
 * D_direct of Algorithm 1: experiences sampled in proportion to priority^exponent (proportional prioritisation, Schaul
 * et al. 2016). New experiences get the highest priority seen, so that each is sampled soon. Exponent 0 is uniform sampling.
 */
import type { Random } from '../../random.ts'
import type { Experience, Sample } from './experience.ts'
import { SumTree } from './sum-tree.ts'

/** The two exponents of prioritised replay. */
export interface Prioritization {
  /** α of Schaul et al.: how much priorities count; 0 = uniform. */
  readonly exponent: number
  /** β of Schaul et al.: how much the bias of the sampling is corrected; 1 = fully. */
  readonly importanceExponent: number
}

/** For a checkpoint. */
export interface PrioritizedBufferState {
  readonly experiences: readonly Experience[]
  /** Leaves of the sum tree. [size] */
  readonly masses: readonly number[]
  readonly next: number
  readonly highest: number
}

/** Keeps an experience of error zero possible to draw. */
const SMALLEST_PRIORITY = 1e-3

/** D_direct. */
export class PrioritizedBuffer {
  readonly capacity: number
  private readonly prioritization: Prioritization
  private experiences: Experience[] = []
  private tree: SumTree
  private next = 0
  /** Highest priority^exponent given so far. */
  private highest = 1

  constructor(capacity: number, prioritization: Prioritization) {
    this.capacity = capacity
    this.prioritization = prioritization
    this.tree = new SumTree(capacity)
  }

  get size(): number {
    return this.experiences.length
  }

  /** @returns the slot taken: the oldest one when full */
  push(experience: Experience): number {
    const slot = this.next
    this.experiences[slot] = experience
    this.tree.set(slot, this.highest)
    this.next = (slot + 1) % this.capacity
    return slot
  }

  at(slot: number): Experience | undefined {
    return this.experiences[slot]
  }

  replace(slot: number, experience: Experience): void {
    this.experiences[slot] = experience
    this.tree.set(slot, this.highest)
  }

  /** Puts another experience in the place of each; priorities stay. */
  revise(revised: (experience: Experience) => Experience): void {
    this.experiences = this.experiences.map(revised)
  }

  /** Stratified: one draw from each of `batchSize` equal shares of the total. The buffer must not be empty. */
  sample(batchSize: number, random: Random): Sample {
    const slots = Array.from({ length: batchSize }, (_, share) =>
      this.tree.find(((share + random.uniform()) / batchSize) * this.tree.total),
    )
    const weights = Float32Array.from(slots, (slot) => {
      const probability = this.tree.get(slot) / this.tree.total
      return (this.size * probability) ** -this.prioritization.importanceExponent
    })
    const largest = Math.max(...weights)
    return {
      slots,
      experiences: slots.map((slot) => this.experiences[slot]),
      weights: weights.map((weight) => weight / largest),
    }
  }

  /**
   * "Then, we assign new priorities to the prioritized replay buffer" (HL paper, section III).
   * @param errors prediction − target of each slot [slots]
   */
  reprioritize(slots: readonly number[], errors: ArrayLike<number>): void {
    for (const [i, slot] of slots.entries()) {
      const priority = Math.abs(errors[i] ?? 0) + SMALLEST_PRIORITY
      const mass = priority ** this.prioritization.exponent
      this.highest = Math.max(this.highest, mass)
      this.tree.set(slot, mass)
    }
  }

  save(): PrioritizedBufferState {
    return {
      experiences: [...this.experiences],
      masses: this.experiences.map((_, slot) => this.tree.get(slot)),
      next: this.next,
      highest: this.highest,
    }
  }

  restore(state: PrioritizedBufferState): void {
    this.experiences = [...state.experiences]
    this.tree = new SumTree(this.capacity)
    for (const [slot, mass] of state.masses.entries()) this.tree.set(slot, mass)
    this.next = state.next
    this.highest = state.highest
  }
}
