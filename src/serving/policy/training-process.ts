import { fork } from 'node:child_process'
import { constants } from 'node:os'
import { UnavailableError } from '../../errors.ts'
import { workerUrl } from '../../package-files.ts'
import type { LearnedNetwork } from '../../scheduling/learned/network/learned-network.ts'
import type { TrainingTask } from '../../scheduling/learned/own-arrivals.ts'
import type { TrainerAnswer } from './policy-trainer.ts'

/** A training takes a minute of processor time; at the lowest priority it may get little. */
const LIMIT_MS = 15 * 60_000
const MEMORY_LIMIT_MB = 512

/** Trains a policy, off the thread that serves. It rejects with the signal's reason once that is aborted. */
export type TrainPolicy = (task: TrainingTask, signal: AbortSignal) => Promise<LearnedNetwork>

/**
 * Trains in a process of its own.
 * @param signal ends it at once; it rejects when the process is gone
 * @param priority see `os.constants.priority`; default: the lowest, as serving goes first
 * @throws the signal's reason; UnavailableError when it fails, or takes too long or too much
 */
export async function trainInProcess(
  task: TrainingTask,
  signal: AbortSignal,
  priority: number = constants.priority.PRIORITY_LOW,
): Promise<LearnedNetwork> {
  signal.throwIfAborted()
  const trainer = fork(workerUrl('policy-trainer', import.meta.url), [String(priority)], {
    execArgv: [`--max-old-space-size=${MEMORY_LIMIT_MB}`],
    stdio: ['ignore', 'ignore', 'ignore', 'ipc'],
    // Typed arrays as they are.
    serialization: 'advanced',
  })
  return new Promise<LearnedNetwork>((resolve, reject) => {
    let reason: unknown
    const end = (why: unknown) => {
      reason = why
      trainer.kill('SIGKILL')
    }
    const abort = () => end(signal.reason)
    const late = setTimeout(
      () => end(new UnavailableError(`it was not done after ${LIMIT_MS / 60_000} minutes`)),
      LIMIT_MS,
    )
    signal.addEventListener('abort', abort)
    trainer.once('message', (answer: TrainerAnswer) => {
      if ('network' in answer) resolve(answer.network)
      else reject(new UnavailableError(answer.error))
    })
    trainer.once('error', reject)
    trainer.once('exit', (code, by) => {
      clearTimeout(late)
      signal.removeEventListener('abort', abort)
      reject(reason ?? new UnavailableError(`its process ended: ${by ?? `code ${code}`}`))
    })
    trainer.send(task)
  })
}
