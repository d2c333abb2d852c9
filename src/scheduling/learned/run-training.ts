import type { LearnedNetwork } from './network/learned-network.ts'
import type { Training, TrainingProgress } from './training-node.ts'

/** What goes on beside the training. */
export interface RunTrainingOptions {
  readonly onProgress?: (progress: TrainingProgress) => void
  /** Looked at after every round. */
  readonly signal?: AbortSignal
}

/** Lets others in between the rounds of training. @throws the signal's reason once it is aborted */
export async function runTraining(
  training: Training,
  { onProgress, signal }: RunTrainingOptions = {},
): Promise<LearnedNetwork> {
  for (let step = training.next(); ; step = training.next()) {
    if (step.done) return step.value
    onProgress?.(step.value)
    await new Promise<void>((resume) => setTimeout(resume, 0))
    signal?.throwIfAborted()
  }
}
