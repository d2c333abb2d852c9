/** Modules of own agents, loaded once in each thread, before an agent of theirs is made. */
import { statSync } from 'node:fs'
import { resolve } from 'node:path'
import { pathToFileURL } from 'node:url'
import { ConfigError, messageOf } from '../../errors.ts'
import { isOwnAgent } from './names.ts'
import type { CreateOwnAgent } from './own-agent.ts'

/** By path, as Node keeps modules: a file that changes is taken anew by a new process. */
const LOADED = new Map<string, CreateOwnAgent>()

/**
 * Loads the modules among these agents' names.
 * @throws ConfigError naming the file and what it lacks
 */
export async function loadOwnAgents(specs: readonly (string | undefined)[]): Promise<void> {
  for (const spec of specs) {
    if (spec === undefined || !isOwnAgent(spec)) continue
    const path = resolve(spec)
    // Of a pipe, importing would wait for ever.
    if (!statSync(path, { throwIfNoEntry: false })?.isFile()) {
      throw new ConfigError(`agent ${spec}: there is no file ${path}`)
    }
    LOADED.set(path, createAgentOf(spec, await imported(spec, path)))
  }
}

/** @throws ConfigError for a module that was not loaded: only those named at the start are */
export function ownAgentOf(spec: string): CreateOwnAgent {
  const create = LOADED.get(resolve(spec))
  if (create) return create
  throw new ConfigError(
    `agent ${spec} is not loaded: own agents are named at the start, by --agent or --shadow`,
  )
}

async function imported(spec: string, path: string): Promise<object> {
  try {
    return await import(pathToFileURL(path).href)
  } catch (error) {
    const hint = error instanceof SyntaxError ? `; node --check ${spec} shows where` : ''
    throw new ConfigError(`agent ${spec} cannot be loaded: ${messageOf(error)}${hint}`)
  }
}

function createAgentOf(spec: string, module: object): CreateOwnAgent {
  const { createAgent }: { createAgent?: unknown } = module
  if (typeof createAgent === 'function') return createAgent as CreateOwnAgent
  const exported = Object.keys(module).join(', ') || 'nothing'
  throw new ConfigError(
    `agent ${spec} exports no function createAgent(problem, options): it exports ${exported}`,
  )
}
