/** The node that a policy is trained for. */

import type { NodeScale } from '../../simulation/workload/scenarios.ts'
import type { NodeShape } from '../features.ts'
import type { Ladder } from '../ladder.ts'
import { RATE_WINDOWS } from '../observation.ts'

export interface TrainingNode {
  readonly ladder: Ladder
  readonly workers: number
  /** Of every request, relative to its arrival. */
  readonly deadlineMs: number
  /** Load 1 ÷ what the workers sustain with the largest variant and no batching; see `NodeScale`. Default: 1. */
  readonly loadFactor?: number
}

export function nodeShape({ ladder, workers }: TrainingNode): NodeShape {
  const variants = ladder.variants.length
  return { variants, batches: ladder.batchSizes.length, workers, windows: RATE_WINDOWS.length }
}

export function nodeScale({ ladder, workers, loadFactor = 1 }: TrainingNode): NodeScale {
  const largestMs = ladder.variants.at(-1)?.serviceTimesMs[0] as number
  return { workers, loadFactor, largestMs }
}

/** What a generator of training yields after each round; stop asking it and training stops. */
export interface TrainingProgress {
  readonly round: number
  readonly rounds: number
  /** Decisions learned from so far. */
  readonly decisions: number
  /** Of the last steps: mean objective that training raises; its unit is the trainer's. */
  readonly objective: number
}
