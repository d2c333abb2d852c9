/** A policy from outside: a network as training writes it, or the name of a built-in policy, `{ "policy": "slack-fit" }`. */
import { ConfigError, messageOf } from '../../errors.ts'
import { checkFit } from '../learned/network/fit.ts'
import { parseLearnedNetwork } from '../learned/network/learned-network.ts'
import type { LoadLimitOptions } from '../load-limit.ts'
import type { SchedulingPolicy } from '../scheduling-policy.ts'
import { createPolicy } from './create.ts'
import { networkPolicy } from './network.ts'

export interface ParsedPolicy {
  readonly policy: SchedulingPolicy
  /** From data, so not to be trusted blindly. */
  readonly isLearned: boolean
}

/**
 * @param text of a JSON file
 * @throws ConfigError for what is neither, or cannot decide for this node
 */
export function parsePolicy(text: string, node: LoadLimitOptions): ParsedPolicy {
  const value = parseJson(text)
  const { policy: name } = Object(value) as { policy?: unknown }
  if (typeof name === 'string') return { policy: createPolicy(name, node), isLearned: false }
  const network = parseLearnedNetwork(value)
  const policy = networkPolicy(network, node)
  checkFit(network, node)
  return { policy, isLearned: true }
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch (error) {
    throw new ConfigError(`this is not JSON: ${messageOf(error)}`, { cause: error })
  }
}
