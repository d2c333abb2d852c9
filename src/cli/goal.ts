/** `tierwise goal`, `revert` and `resume`: what a running fleet is to do, and what it does. */
import { randomUUID } from 'node:crypto'
import { setTimeout as sleep } from 'node:timers/promises'
import { Command } from 'commander'
import pino from 'pino'
import { type Rights, type Role, TOPIC_RIGHTS } from '../access/rights.ts'
import type { ControlPlane } from '../control/control-plane.ts'
import type { Goal, JointDecision, OrchestratorNews } from '../control/messages.ts'
import { connectControlPlane } from '../control/mqtt-control-plane.ts'
import { ConfigError, ForbiddenError, UnavailableError } from '../errors.ts'
import { clientAccess } from './credentials.ts'
import { explainedText, measuredText, shadowText } from './decision-text.ts'
import { parseGoal } from './options.ts'
import { withSettings } from './settings/command.ts'
import { goalSettings } from './settings/commands.ts'

/** A busy machine's disk may take seconds to sync. */
const ANSWER_MS = 10_000
/** For the first decision under what changed. */
const DECISION_MS = 2000

/** `tierwise goal` */
export function goalCommand(): Command {
  const command = new Command('goal')
    .description(
      'Show what a running fleet does, or change its goal or its agent: a change that is printed holds, also when the cloud node dies.',
    )
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

/** A connection to the fleet, and the newest that its orchestrator told. */
interface Watched {
  /** Absent where the fleet has no authority: then everybody may change it. */
  readonly role: Role | undefined
  readonly control: ControlPlane
  readonly news: () => OrchestratorNews
}

async function change(
  fleet: Watched,
  percent: number | undefined,
  agent: string | undefined,
): Promise<void> {
  if (percent === undefined && agent === undefined) return
  refuseUnless(TOPIC_RIGHTS.goal.publish, fleet.role, 'change a fleet: only an operator may')
  const { goalPercent, reverted } = fleet.news()
  const accuracyPercent = percent ?? goalPercent
  // What a broker retains is the newest wish alone: it says of a revert, too.
  const isReverted = reverted !== undefined
  await ask(fleet, {
    accuracyPercent,
    ...(agent && { agent }),
    ...(isReverted && { revert: true }),
  })
}

async function setReverted(revert: boolean, fleet: Watched): Promise<void> {
  refuseUnless(TOPIC_RIGHTS.goal.publish, fleet.role, 'change a fleet: only an operator may')
  await ask(fleet, { accuracyPercent: fleet.news().goalPercent, revert })
}

/** Resolves when the wish is in force and outlives the orchestrator. @throws ConfigError with the reason of a refusal */
async function ask({ control, news }: Watched, wish: Goal): Promise<void> {
  const id = randomUUID()
  await control.publish('goal', { ...wish, id })
  const { refused } = await until(() => news().answered.find((answer) => answer.id === id))
  if (refused === undefined) return
  const { goalPercent, agent } = news()
  throw new ConfigError(`refused: ${refused}; the goal is ${goalPercent} %, the agent ${agent}`)
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
      let newest: OrchestratorNews | undefined
      let joint: JointDecision | undefined
      await control.subscribe('orchestrator', (message) => {
        // Of several, the one of the highest epoch decides.
        if (newest === undefined || message.epoch >= newest.epoch) newest = message
      })
      await control.subscribe('jointDecision', (message) => {
        joint = message
      })
      const first = await until(() => newest)
      const news = () => newest ?? first
      await act({ control, news, role })
      const { json } = command.opts<{ json?: boolean }>()
      const ofNow = () => (joint && isOf(joint, news()) ? joint : undefined)
      const now = await until(ofNow, DECISION_MS).catch(() => joint)
      if (json) process.stdout.write(`${JSON.stringify(now ?? news(), null, 2)}\n`)
      else process.stdout.write(now ? describe(now) : undecided(news()))
    } finally {
      await control.close()
    }
  })
}

/** Whether a decision was made under what is in force. */
function isOf(joint: JointDecision, { session, goalPercent, agent, reverted }: OrchestratorNews) {
  const isReverted = reverted !== undefined
  if (joint.session !== session || joint.goalPercent !== goalPercent) return false
  return (joint.revert !== undefined) === isReverted && (isReverted || joint.agent === agent)
}

async function until<Found>(find: () => Found | undefined, timeoutMs = ANSWER_MS): Promise<Found> {
  for (let waitedMs = 0; waitedMs < timeoutMs; waitedMs += 20) {
    const found = find()
    if (found) return found
    await sleep(20)
  }
  throw new UnavailableError(
    `the fleet did not answer within ${timeoutMs / 1000} s: is its orchestrator (the cloud node) running?`,
  )
}

/** Before the first decision, and while the decision of another goal or agent is still in force. */
function undecided({ goalPercent, agent, reverted }: OrchestratorNews): string {
  const instead = reverted === undefined ? '' : `, reverted: ${reverted}`
  return `goal ${goalPercent} %, agent ${agent}${instead}; no decision yet: no device is there\n`
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
      : [
          `held to ${now.raisedGoalPercent} % until requests served below the goal are paid back, or because devices ask unequally`,
        ]),
    ...(now.served
      ? [
          `served ${now.served.accuracyPercent.toFixed(2)} % on average over ${now.served.requests} requests of the last ${now.served.windowSeconds} s`,
        ]
      : []),
    ...(now.fallbackRisk === undefined ? [] : [now.fallbackRisk]),
    ...(now.measured ? [measuredText(now.measured)] : []),
    ...(explanation ? [explainedText(explanation)] : []),
    ...(now.shadow ? [shadowText(now.shadow)] : []),
    ...decisions,
    ...(now.leftOut === undefined ? [] : [`  and ${now.leftOut} more`]),
    '',
  ].join('\n')
}
