/**
 * Process that trains one scheduling policy, told what by its parent, and sends it back. No thread: one cannot be ended in the
 * middle of an ONNX Runtime call without the whole process dying, and few systems give threads a priority of their own.
 */
import { setPriority } from 'node:os'
import { messageOf } from '../../errors.ts'
import type { LearnedNetwork } from '../../scheduling/learned/network/learned-network.ts'
import { type TrainingTask, trainOnArrivals } from '../../scheduling/learned/own-arrivals.ts'
import { runTraining } from '../../scheduling/learned/run-training.ts'

/** The policy, or why there is none. */
export type TrainerAnswer = { readonly network: LearnedNetwork } | { readonly error: string }

const [, , priority] = process.argv
setPriority(Number(priority))
// Meant for the node, which ends this process when it ends.
for (const signal of ['SIGINT', 'SIGTERM'] as const) process.on(signal, () => {})
process.once('disconnect', () => process.exit())
process.once('message', (task: TrainingTask) => {
  void answerTo(task).then((answer) => process.send?.(answer, () => process.disconnect()))
})

async function answerTo(task: TrainingTask): Promise<TrainerAnswer> {
  try {
    return { network: await runTraining(trainOnArrivals(task)) }
  } catch (error) {
    return { error: messageOf(error) }
  }
}
