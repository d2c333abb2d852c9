/** The agent's own thread, so that learning never delays a decision or an answer. */
import { constants, setPriority } from 'node:os'
import { parentPort } from 'node:worker_threads'
import { createAgent } from '../learning/agents/create.ts'
import { interact } from '../learning/agents/interact.ts'
import { loadOwnAgents } from '../learning/agents/own-agent-files.ts'
import type { ToAgent } from './agent-messages.ts'
import { AgentRunner } from './agent-runner.ts'

// Serving goes first. Only Linux gives each thread a priority of its own.
if (process.platform === 'linux') setPriority(constants.priority.PRIORITY_LOW)

const runner = new AgentRunner({
  prepare: ({ spec, shadow }) => loadOwnAgents([spec, shadow]),
  create: ({ spec, problem, seed, profile, hyperparameters: { [spec]: overrides } = {} }) =>
    createAgent(spec, problem, {
      seed,
      feedback: 'per-device',
      ...(profile && { profile }),
      ...(overrides && { overrides }),
    }),
  interact,
  post: (message) => parentPort?.postMessage(message),
})

parentPort?.on('message', (message: ToAgent) => {
  runner.receive(message)
  if (message.type === 'close') parentPort?.close()
})
