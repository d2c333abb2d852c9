/** `tierwise goal`: read or change the Quality of Service Goal of a running fleet. */
import { setTimeout as sleep } from 'node:timers/promises'
import { Command } from 'commander'
import pino from 'pino'
import type { JointDecision } from '../control/messages.ts'
import { connectControlPlane } from '../control/mqtt-control-plane.ts'
import { ConfigError, UnavailableError } from '../errors.ts'
import { parseGoal } from './options.ts'

const ANSWER_MS = 3000

export function goalCommand(): Command {
  return new Command('goal')
    .description('Show what a running fleet does, or change its goal or its agent.')
    .argument('[percent]', 'new lowest average accuracy', parseGoal)
    .option('--agent <name>', 'let another agent act: hybrid, or fixed:<placement>')
    .option('--broker <url>', 'MQTT broker of the fleet', 'ws://127.0.0.1:8000/mqtt')
    .option('--json', 'print the fleet’s current joint decision as JSON')
    .action(goal)
}

interface Flags {
  readonly agent?: string
  readonly broker: string
  readonly json?: boolean
}

async function goal(percent: number | undefined, flags: Flags): Promise<void> {
  const control = await connectControlPlane({
    url: flags.broker,
    clientId: `goal-${process.pid}`,
    logger: pino({ level: 'silent' }),
  })
  try {
    let latest: JointDecision | undefined
    await control.subscribe('jointDecision', (message) => {
      latest = message
    })
    const before = await until(() => latest)
    if (percent !== undefined || flags.agent !== undefined) {
      const accuracyPercent = percent ?? before.goalPercent
      await control.publish('goal', { accuracyPercent, ...(flags.agent && { agent: flags.agent }) })
      const changed = (now: JointDecision) =>
        now.goalPercent === accuracyPercent &&
        (flags.agent === undefined || now.agent === flags.agent)
      await until(() => (latest && changed(latest) ? latest : undefined)).catch(() => {
        throw refused(latest ?? before)
      })
    }
    const now = latest ?? before
    process.stdout.write(flags.json ? `${JSON.stringify(now, null, 2)}\n` : describe(now))
  } finally {
    await control.close()
  }
}

async function until(find: () => JointDecision | undefined): Promise<JointDecision> {
  for (let waitedMs = 0; waitedMs < ANSWER_MS; waitedMs += 20) {
    const found = find()
    if (found) return found
    await sleep(20)
  }
  throw new UnavailableError(
    `the fleet did not answer within ${ANSWER_MS / 1000} s: is its orchestrator (the cloud node) running, and are devices sending requests?`,
  )
}

/** The orchestrator keeps what it had when it cannot do what was asked. */
function refused({ goalPercent, agent }: JointDecision): ConfigError {
  return new ConfigError(
    `the fleet keeps its goal of ${goalPercent} % and agent ${agent}: a goal above the best variant on a device, or an agent that cannot work on this fleet, is refused; the cloud node's log says why`,
  )
}

function describe({
  goalPercent,
  agent,
  round,
  accuracyPercent,
  placements,
}: JointDecision): string {
  const decisions = Object.entries(placements).map(
    ([device, placement]) => `  ${device}  ${placement}`,
  )
  return [
    `goal ${goalPercent} %, agent ${agent}, round ${round}, accuracy of the decision ${accuracyPercent.toFixed(1)} %`,
    ...decisions,
    '',
  ].join('\n')
}
