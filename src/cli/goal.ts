/** `tierwise goal`, `revert` and `resume`: what a running fleet is to do, and what it does. */
import { setTimeout as sleep } from 'node:timers/promises'
import { Command } from 'commander'
import pino from 'pino'
import { type Rights, type Role, TOPIC_RIGHTS } from '../access/rights.ts'
import type { ControlPlane } from '../control/control-plane.ts'
import type { JointDecision } from '../control/messages.ts'
import { connectControlPlane } from '../control/mqtt-control-plane.ts'
import { ConfigError, ForbiddenError, UnavailableError } from '../errors.ts'
import { clientAccess } from './credentials.ts'
import { explainedText, measuredText, shadowText } from './decision-text.ts'
import { parseGoal } from './options.ts'
import { withSettings } from './settings/command.ts'
import { goalSettings } from './settings/commands.ts'

const ANSWER_MS = 3000

/** `tierwise goal` */
export function goalCommand(): Command {
  const command = new Command('goal')
    .description('Show what a running fleet does, or change its goal or its agent.')
    .argument('[percent]', 'new lowest average accuracy', parseGoal)
    .option('--agent <name>', 'let another agent act: factored, hybrid, or fixed:<placement>')
  return withFleet(command, async (fleet) => {
    const [percent] = command.processedArgs
    await change(fleet, percent, command.opts<{ agent?: string }>().agent)
  })
}

/** `tierwise revert` */
export function revertCommand(): Command {
  const command = new Command('revert').description(
    'Put a running fleet under its fixed rule at once (revert.to in its settings), until `tierwise resume`.',
  )
  return withFleet(command, (fleet) => setReverted(true, fleet))
}

/** `tierwise resume` */
export function resumeCommand(): Command {
  const command = new Command('resume').description(
    'Let the agent of a running fleet go on after a revert.',
  )
  return withFleet(command, (fleet) => setReverted(false, fleet))
}

/** A connection to the fleet, and the newest that it announced. */
interface Watched {
  /** Absent where the fleet has no authority: then everybody may change it. */
  readonly role: Role | undefined
  readonly control: ControlPlane
  readonly latest: () => JointDecision
}

async function change(
  { control, latest, role }: Watched,
  percent: number | undefined,
  agent: string | undefined,
): Promise<void> {
  if (percent === undefined && agent === undefined) return
  refuseUnless(TOPIC_RIGHTS.goal.publish, role, 'change a fleet: only an operator may')
  const accuracyPercent = percent ?? latest().goalPercent
  const isReverted = latest().revert !== undefined
  await control.publish('goal', {
    accuracyPercent,
    ...(agent && { agent }),
    ...(isReverted && { revert: true }),
  })
  const isDone = (now: JointDecision) =>
    now.goalPercent === accuracyPercent &&
    (agent === undefined || now.agent === agent || now.revert !== undefined)
  await until(() => isDone(latest()) || undefined).catch(() => {
    throw refused(latest())
  })
}

async function setReverted(revert: boolean, { control, latest, role }: Watched): Promise<void> {
  refuseUnless(TOPIC_RIGHTS.goal.publish, role, 'change a fleet: only an operator may')
  await control.publish('goal', { accuracyPercent: latest().goalPercent, revert })
  await until(() => (latest().revert !== undefined) === revert || undefined)
}

/** By the table, before the broker would refuse it without a word. */
function refuseUnless(rights: Rights, role: Role | undefined, what: string): void {
  if (role === undefined || rights[role]) return
  throw new ForbiddenError(`these credentials are of role ${role}, which may not ${what}`)
}

/** A command that does something to a running fleet and prints what the fleet does then. */
function withFleet(command: Command, act: (fleet: Watched) => Promise<void>): Command {
  command.option('--json', 'print the fleet’s current joint decision as JSON')
  return withSettings(command, goalSettings, async ({ broker, credentials }) => {
    const logger = pino({ level: 'silent' })
    const { url, role, token: _, ...login } = await clientAccess(credentials)
    refuseUnless(TOPIC_RIGHTS.jointDecision.subscribe, role, 'read what a fleet does')
    const clientId = `goal-${process.pid}`
    const control = await connectControlPlane({ ...login, url: url(broker), clientId, logger })
    try {
      let newest: JointDecision | undefined
      await control.subscribe('jointDecision', (message) => {
        newest = message
      })
      const first = await until(() => newest)
      const latest = () => newest ?? first
      await act({ control, latest, role })
      const now = latest()
      const { json } = command.opts<{ json?: boolean }>()
      process.stdout.write(json ? `${JSON.stringify(now, null, 2)}\n` : describe(now))
    } finally {
      await control.close()
    }
  })
}

async function until<Found>(find: () => Found | undefined): Promise<Found> {
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
    `the fleet keeps its goal of ${goalPercent} % and agent ${agent}: a goal above what its devices can reach now, or an agent that cannot work on this fleet, is refused; the cloud node's log says why`,
  )
}

function describe(now: JointDecision): string {
  const { goalPercent, agent, round, accuracyPercent, placements, explanation, revert } = now
  const decisions = Object.entries(placements).map(
    ([device, placement]) => `  ${device}  ${placement}`,
  )
  return [
    `goal ${goalPercent} %, agent ${agent}, round ${round}, accuracy of the decision ${accuracyPercent.toFixed(1)} %`,
    ...(revert ? [`reverted to ${revert.rule}: ${revert.reason}`] : []),
    ...(now.raisedGoalPercent === undefined
      ? []
      : [`held to ${now.raisedGoalPercent} % while rounds below the goal are paid back`]),
    ...(now.fallbackRisk === undefined ? [] : [now.fallbackRisk]),
    ...(now.measured ? [measuredText(now.measured)] : []),
    ...(explanation ? [explainedText(explanation)] : []),
    ...(now.shadow ? [shadowText(now.shadow)] : []),
    ...decisions,
    ...(now.leftOut === undefined ? [] : [`  and ${now.leftOut} more`]),
    '',
  ].join('\n')
}
