/** The two ends of the agent's thread. */
import { setTimeout as sleep } from 'node:timers/promises'
import { Worker } from 'node:worker_threads'
import { messageOf } from '../errors.ts'
import { workerUrl } from '../package-files.ts'
import type { FromAgent, ToAgent } from './agent-messages.ts'

/** As the orchestrator holds it. */
export interface AgentThread {
  post(message: ToAgent): void
  /** Ends the thread when its agent next waits, never in the middle of an ONNX Runtime call. */
  close(): Promise<void>
}

/** What the orchestrator hears of it. */
export interface AgentThreadEvents {
  readonly onMessage: (message: FromAgent) => void
  /** The thread ended by itself. */
  readonly onDeath: (reason: string) => void
}

const CLOSE_TIMEOUT_MS = 5000

/** A worker thread of this process. */
export function startAgentThread({ onMessage, onDeath }: AgentThreadEvents): AgentThread {
  const worker = new Worker(workerUrl('agent-worker', import.meta.url))
  let closing = false
  let reason = 'it exited'
  const exited = new Promise<void>((resolve) => worker.once('exit', () => resolve()))
  worker.on('message', onMessage)
  worker.on('error', (error) => {
    reason = messageOf(error)
  })
  void exited.then(() => {
    if (!closing) onDeath(reason)
  })
  return {
    post: (message) => worker.postMessage(message),
    async close() {
      closing = true
      worker.postMessage({ type: 'close' } satisfies ToAgent)
      const ended = new AbortController()
      const late = sleep(CLOSE_TIMEOUT_MS, undefined, ended).catch(() => {})
      await Promise.race([exited, late])
      ended.abort()
      worker.unref()
    },
  }
}
