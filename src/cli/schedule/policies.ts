/** Scheduling policies as they are named on a command line: the built-in ones by name, others by file. */

import { ConfigError } from '../../errors.ts'
import type { LoadLimitOptions } from '../../scheduling/load-limit.ts'
import { createPolicy } from '../../scheduling/policies/create.ts'
import { parsePolicy } from '../../scheduling/policies/parse.ts'
import type { SchedulingPolicy } from '../../scheduling/scheduling-policy.ts'
import { readText, using } from '../../yaml.ts'

/**
 * @param name of a built-in policy, or a learned one's file: its name ends in `.json`
 * @throws ConfigError for what is neither, or cannot decide for this node
 */
export async function policyNamed(name: string, node: LoadLimitOptions): Promise<SchedulingPolicy> {
  if (!name.endsWith('.json')) return createPolicy(name, node)
  const text = await readText(name)
  return using(name, () => {
    const { policy, misfit } = parsePolicy(text, node)
    const wrong = misfit?.(node.times)
    if (wrong !== undefined) throw new ConfigError(wrong)
    return policy
  })
}
