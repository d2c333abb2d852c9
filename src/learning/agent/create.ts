/** Agents by the name a user writes: `--agent NAME`. */
import { ConfigError } from '../../errors.ts'
import type { Problem } from '../environment/environment.ts'
import type { Engine } from '../nn/engine.ts'
import { createOnnxEngine } from '../nn/onnx-engine.ts'
import { referenceEngine } from '../nn/reference-engine.ts'
import type { Agent } from './agent.ts'
import { FixedAgent } from './fixed.ts'
import { HybridAgent } from './hybrid.ts'
import { HYBRID } from './hyperparameters.ts'
import { OracleAgent, type Profile } from './oracle.ts'

export interface CreateAgentOptions {
  /** Fixes everything random in the agent. */
  readonly seed: number
  /** What runs the networks; by default ONNX Runtime, or plain TypeScript where it is not installed. */
  readonly engine?: Engine
  /** The measured profile that `oracle` searches. */
  readonly profile?: Profile
}

export const AGENT_NAMES = ['hybrid', 'fixed:<placement>', 'oracle'] as const

/**
 * @param spec `hybrid`, `oracle`, `fixed:edge/d0` (see `FixedAgent`)
 * @throws ConfigError when there is no such agent, or it cannot work on this problem
 */
export function createAgent(spec: string, problem: Problem, options: CreateAgentOptions): Agent {
  const { seed, engine, profile } = options
  const [name, argument] = splitOnce(spec, ':')
  if (name === 'hybrid' && argument === undefined) {
    return new HybridAgent(problem, {
      seed,
      engine: engine ?? createOnnxEngine() ?? referenceEngine,
      hyperparameters: HYBRID,
    })
  }
  if (name === 'fixed' && argument) return new FixedAgent(problem, argument)
  if (name === 'oracle' && argument === undefined) {
    if (profile) return new OracleAgent(problem, profile)
    throw new ConfigError(
      'agent "oracle" needs a measured profile: give one, or choose another agent',
    )
  }
  throw new ConfigError(`there is no agent "${spec}": use one of ${AGENT_NAMES.join(', ')}`)
}

/** Text before and after the first separator; the second is undefined without one. */
function splitOnce(text: string, separator: string): [string, string | undefined] {
  const at = text.indexOf(separator)
  return at < 0 ? [text, undefined] : [text.slice(0, at), text.slice(at + 1)]
}
