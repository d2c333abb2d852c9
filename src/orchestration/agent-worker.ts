/** The agent's own thread, so that learning never delays a decision or an answer. */
import { constants, setPriority } from 'node:os'
import { parentPort } from 'node:worker_threads'
import { createAgent } from '../learning/agents/create.ts'
import { interact } from '../learning/agents/interact.ts'
import { loadOwnAgents } from '../learning/agents/own-agent-files.ts'
import type { ToAgent } from './agent-messages.ts'
import { AgentRunner } from './agent-runner.ts'

// Serving goes first. At the lowest priority a machine with other work to do would give the agent a thousandth of a core, and it would
// never learn; this gives it six times as much, and answers are no later. Only Linux gives each thread a priority of its own.
if (process.platform === 'linux') setPriority(constants.priority.PRIORITY_BELOW_NORMAL)

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
