/** How an agent acts on a running fleet, beside which one: the same keys and flags for `tierwise up` and `tierwise node`. */
import { type Command, InvalidArgumentError } from 'commander'
import { z } from 'zod'
import { AGENT_NAMES } from '../learning/agents/create.ts'

/** Of a running fleet. */
export const DEFAULT_AGENT = 'factored'

export const agentSettings = {
  /** A second agent, which only proposes and is scored against the acting one. */
  shadow: z.string().min(1).optional(),
  exploration: z
    .strictObject({
      /** Extra response time that exploring may cost, percent; absent: the agent's own default. Of `factored`. */
      budgetPercent: z.number().positive().max(1000).optional(),
    })
    .prefault({}),
  /** The fixed rule that takes the agent's place: when asked to, when the agent fails, or when it is too slow. */
  revert: z
    .strictObject({
      /** `safe` (every device by itself with its most accurate variant) or `fixed:<placement>`. */
      to: z.string().min(1).default('safe'),
      /** How much slower than the rule the agent's newest rounds may be; `false`: as slow as they are. */
      whenSlowerPercent: z.union([z.number().min(0), z.literal(false)]).default(100),
      /** Rounds that are averaged for that. */
      rounds: z.int().min(1).max(10_000).default(20),
    })
    .prefault({}),
}

const settings = z.strictObject(agentSettings)
export type AgentSettings = z.infer<typeof settings>

/** The flags of these settings, and which agent. @param where what to say of who reads them */
export function addAgentOptions(command: Command, where = ''): Command {
  return command
    .option('--agent <name>', `${AGENT_NAMES.join(', ')} (default ${DEFAULT_AGENT})${where}`)
    .option(
      '--profile <file>',
      `measured profile: what oracle searches, and what factored begins with${where}`,
    )
    .option('--shadow <name>', `an agent that only proposes, scored against the acting one${where}`)
    .option(
      '--exploration-budget <percent>',
      `extra response time that exploring may cost; of factored${where}`,
      parseBudget,
    )
}

/** Flags in the form of the settings, over what a file says. */
export function withAgentFlags<
  Given extends { explorationBudget?: unknown; exploration?: object | undefined },
>({ explorationBudget, ...rest }: Given): Omit<Given, 'explorationBudget'> {
  if (explorationBudget === undefined) return rest
  return { ...rest, exploration: { ...rest.exploration, budgetPercent: explorationBudget } }
}

function parseBudget(text: string): number {
  const value = Number(text)
  if (text.trim() !== '' && value > 0 && value <= 1000) return value
  throw new InvalidArgumentError('write extra response time in percent, above 0, such as 4')
}
