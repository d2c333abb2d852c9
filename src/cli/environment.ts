/** `tierwise environment`: the simulated fleet for agents in other languages, in Gymnasium's words. */
import { once } from 'node:events'
import { Command } from 'commander'
import { PENALTY_MS } from '../learning/agents/regime.ts'
import { SimulatedEnvironment } from '../simulation/simulated-environment.ts'
import { WANDER } from '../trial/wandering.ts'
import { boundedLines } from './environment/bounded-lines.ts'
import { Episodes } from './environment/episodes.ts'
import { answerTo, LONGEST_LINE } from './environment/protocol.ts'
import { parseInteger, parsePositive } from './options.ts'
import { choicesIn, type FleetFlags, withFleetFlags } from './simulated-fleet.ts'

interface Flags extends FleetFlags {
  readonly episodeSteps: number
  readonly penaltyMs: number
  readonly wander?: boolean
}

/** `tierwise environment` */
export function environmentCommand(): Command {
  return withFleetFlags(new Command('environment'))
    .requiredOption('--stdio', 'read calls from standard input, answer on standard output')
    .option(
      '--episode-steps <number>',
      'steps after which an episode is truncated',
      parseInteger(1, 10_000_000),
      500,
    )
    .option(
      '--penalty-ms <number>',
      'what a step that breaks the goal costs in place of its response time',
      parsePositive,
      PENALTY_MS,
    )
    .option('--wander', 'links flip and background load comes and goes')
    .addHelpText(
      'after',
      `\nExample:\n  printf '%s\\n' '{"call":"reset","seed":7}' '{"call":"step","action":[3,3]}' | tierwise environment --stdio --users 2`,
    )
    .action(serve)
}

async function serve(flags: Flags): Promise<void> {
  const { users, scenario, goal, seed, catalogue, penaltyMs, wander, episodeSteps } = flags
  const environment = new SimulatedEnvironment({
    ...{ devices: users, scenario, goalPercent: goal, seed, penaltyMs },
    ...(catalogue !== undefined && { choices: await choicesIn(catalogue) }),
    ...(wander && { wander: WANDER }),
  })
  const episodes = new Episodes(environment, { seed, episodeSteps, goalPercent: goal })
  const { stdin, stdout } = process
  for await (const line of boundedLines(stdin, LONGEST_LINE)) {
    const answer = answerTo(line, episodes)
    if (!stdout.write(`${answer.line}\n`)) await once(stdout, 'drain')
    if (answer.isLast) break
  }
  stdin.destroy()
}
