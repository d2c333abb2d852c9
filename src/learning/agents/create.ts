/** Agents by the name a user writes: `--agent NAME`. */
import { ConfigError } from '../../errors.ts'
import type { Problem } from '../environment/environment.ts'
import type { Engine } from '../nn/engine.ts'
import { createOnnxEngine } from '../nn/onnx-engine.ts'
import { referenceEngine } from '../nn/reference-engine.ts'
import type { Agent } from './agent.ts'
import { BanditAgent } from './baselines/bandit.ts'
import { DqnAgent } from './baselines/dqn.ts'
import { FixedAgent } from './baselines/fixed.ts'
import { OracleAgent, type Profile } from './baselines/oracle.ts'
import { QLearningAgent } from './baselines/q-learning.ts'
import { SupervisedAgent } from './baselines/supervised.ts'
import { FactoredAgent } from './factored.ts'
import { HybridAgent } from './hybrid.ts'
import type { Feedback, Mode } from './hybrid-options.ts'
import { BANDIT, DQN, FACTORED, HYBRID, Q_LEARNING, SUPERVISED } from './hyperparameters.ts'
import { AGENT_NAMES, isOwnAgent } from './names.ts'
import { type Overrides, withOverrides } from './overrides.ts'
import { GuardedAgent } from './own-agent.ts'
import { ownAgentOf } from './own-agent-files.ts'
import type { Regime } from './regime.ts'

export interface CreateAgentOptions {
  /** Fixes everything random in the agent. */
  readonly seed: number
  /** What runs the networks; by default ONNX Runtime, or plain TypeScript where it is not installed. */
  readonly engine?: Engine
  /** The measured profile that `oracle` searches. */
  readonly profile?: Profile
  /** How `hybrid` plans; `verified` by default. */
  readonly mode?: Mode
  /** What `hybrid` learns from; the round's average by default. Nothing to other agents. */
  readonly feedback?: Feedback
  /** How `dqn`, `q-learning`, `bandit` and `supervised` meet the goal; `exact` by default, as the others always do. */
  readonly regime?: Regime
  /** Single hyperparameters in place of the agent's defaults, by their path in `hyperparameters.ts`. */
  readonly overrides?: Overrides
}

/**
 * @param spec a name such as `hybrid`, `dqn` or `oracle`, `fixed:edge/d0` (see `FixedAgent`), or the file of a module that
 *   `loadOwnAgents` has loaded
 * @throws ConfigError when there is no such agent, or it cannot work on this problem
 */
export function createAgent(spec: string, problem: Problem, options: CreateAgentOptions): Agent {
  const [name, argument] = splitOnce(spec, ':')
  refuseUnused('mode', options.mode, name, ['hybrid'])
  if (isOwnAgent(spec)) return createOwn(spec, problem, options)
  const learner = argument === undefined && createLearner(name, problem, options)
  if (learner) return learner
  if (Object.keys(options.overrides ?? {}).length > 0) {
    throw new ConfigError(`agent "${spec}" has no hyperparameters: leave --set`)
  }
  if (name === 'fixed' && argument) return new FixedAgent(problem, argument)
  if (name === 'oracle' && argument === undefined) {
    const { profile } = options
    if (profile) return new OracleAgent(problem, profile)
    throw new ConfigError(
      'agent "oracle" needs a measured profile: give one, or choose another agent',
    )
  }
  throw new ConfigError(`there is no agent "${spec}": use one of ${AGENT_NAMES.join(', ')}`)
}

function createOwn(
  spec: string,
  problem: Problem,
  { seed, overrides: parameters = {}, profile, regime }: CreateAgentOptions,
): Agent {
  if (regime === 'penalty') {
    throw new ConfigError(
      `agent ${spec} keeps the goal, as all own agents do: leave --regime penalty`,
    )
  }
  const options = { seed, parameters, ...(profile && { profile }) }
  return new GuardedAgent(spec, ownAgentOf(spec), problem, options)
}

function createLearner(
  name: string,
  problem: Problem,
  { seed, regime = 'exact', mode, feedback, overrides = {}, ...options }: CreateAgentOptions,
): Agent | undefined {
  const engine = () => options.engine ?? createOnnxEngine() ?? referenceEngine
  const changed = <T extends object>(defaults: T) => withOverrides(defaults, overrides, name)
  switch (name) {
    case 'hybrid':
      return new HybridAgent(problem, {
        seed,
        engine: engine(),
        regime,
        hyperparameters: changed(HYBRID),
        ...(mode && { mode }),
        ...(feedback && { feedback }),
      })
    case 'factored':
      return new FactoredAgent(problem, { seed, hyperparameters: changed(FACTORED) })
    case 'dqn':
      return new DqnAgent(problem, {
        seed,
        engine: engine(),
        regime,
        hyperparameters: changed(DQN),
      })
    case 'q-learning':
      return new QLearningAgent(problem, { seed, regime, hyperparameters: changed(Q_LEARNING) })
    case 'bandit':
      return new BanditAgent(problem, {
        seed,
        regime,
        ...(feedback && { feedback }),
        hyperparameters: changed(BANDIT),
      })
    case 'supervised':
      return new SupervisedAgent(problem, {
        seed,
        engine: engine(),
        regime,
        hyperparameters: changed(SUPERVISED),
      })
    default:
      return undefined
  }
}

/** @throws ConfigError when an option was given that means nothing to the agent */
function refuseUnused(
  option: string,
  value: string | undefined,
  name: string,
  users: readonly string[],
): void {
  if (value === undefined || users.includes(name)) return
  throw new ConfigError(
    `agent "${name}" has no ${option} "${value}": leave --${option}, or use agent ${users.join(' or ')}`,
  )
}

/** Text before and after the first separator; the second is undefined without one. */
function splitOnce(text: string, separator: string): [string, string | undefined] {
  const at = text.indexOf(separator)
  return at < 0 ? [text, undefined] : [text.slice(0, at), text.slice(at + 1)]
}
