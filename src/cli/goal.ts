/** `tierwise goal`, `revert` and `resume`: what a running fleet is to do, and what it does. */
import { Command } from 'commander'
import pino from 'pino'
import { type Rights, type Role, TOPIC_RIGHTS } from '../access/rights.ts'
import { type AskedGoal, goalOfDevice } from '../control/device-goal.ts'
import type { ExplorationBudget, JointDecision, OrchestratorNews } from '../control/messages.ts'
import { connectControlPlane } from '../control/mqtt-control-plane.ts'
import { ask, type Change, until, type Watched } from '../control/wish.ts'
import { ConfigError, ForbiddenError, printable } from '../errors.ts'
import { NAME } from '../fleet/name.ts'
import { agentName } from '../views/agent-name.ts'
import { ownGoalWords } from '../views/words.ts'
import { clientAccess } from './credentials.ts'
import {
  certifiedTexts,
  devicesText,
  type Floors,
  measuredText,
  shadowText,
} from './decision-text.ts'
import { parseBudget, parseGoalOrNone } from './options.ts'
import { withSettings } from './settings/command.ts'
import { goalSettings } from './settings/commands.ts'

/** For the first decision under what changed. */
const DECISION_MS = 2000

/** `tierwise goal` */
export function goalCommand(): Command {
  const command = new Command('goal')
    .argument(
      '[percent]',
      'new lowest average accuracy; with --device that of its own requests, or none',
      parseGoalOrNone,
    )
    .option('--device <name>', 'the goal is of this device alone, beside that of the fleet')
    .option('--agent <name>', 'let another agent act: factored, hybrid, or fixed:<placement>')
    .option(
      '--exploration-budget <percent>',
      'extra response time that exploring may cost, of factored; or unbounded',
      parseBudget,
    )
  return withFleet(command, async (fleet) => {
    const [percent]: readonly (number | 'none' | undefined)[] = command.processedArgs
    const { agent, device, explorationBudget } = command.opts<ChangeOptions>()
    const asked: Change = {
      ...goalAsked(percent, device),
      ...(agent && { agent }),
      ...(explorationBudget !== undefined && { explorationBudgetPercent: explorationBudget }),
    }
    if (Object.keys(asked).length > 0) await wish(fleet, asked)
  })
}

/** `tierwise revert` */
export function revertCommand(): Command {
  const command = new Command('revert')
  return withFleet(command, (fleet) => wish(fleet, { revert: true }))
}

/** `tierwise resume` */
export function resumeCommand(): Command {
  const command = new Command('resume')
  return withFleet(command, (fleet) => wish(fleet, { revert: false }))
}

/** @throws ConfigError where one does not go with the other */
function goalAsked(percent: number | 'none' | undefined, device: string | undefined): Change {
  if (device !== undefined) {
    if (!NAME.test(device)) throw new ConfigError(`"${device}" can name no device`)
    if (percent !== undefined) return { deviceGoal: { device, goalPercent: percent } }
    throw new ConfigError(`--device ${device} is given without a goal: add one in percent, or none`)
  }
  if (percent !== 'none') return percent === undefined ? {} : { accuracyPercent: percent }
  throw new ConfigError('a fleet has a goal always: give one in percent, or --device with none')
}

interface ChangeOptions {
  readonly agent?: string
  readonly device?: string
  readonly explorationBudget?: ExplorationBudget
}

/** A fleet, and who asks. */
interface Asked extends Watched {
  /** Absent where the fleet has no authority: then everybody may change it. */
  readonly role: Role | undefined
  readonly news: () => OrchestratorNews
}

/** Resolves when the wish is in force and outlives the orchestrator. @throws ConfigError with the reason of a refusal */
async function wish(fleet: Asked, wanted: Change): Promise<void> {
  refuseUnless(TOPIC_RIGHTS.goal.publish, fleet.role, 'change a fleet: only an operator may')
  const refused = await ask(fleet, wanted)
  if (refused === undefined) return
  const { goalPercent, agent } = fleet.news()
  throw new ConfigError(
    `refused: ${refused}; the goal is ${goalPercent} %, the agent ${agentName(agent)}`,
  )
}

/** By the table, before the broker would refuse it without a word. */
function refuseUnless(rights: Rights, role: Role | undefined, what: string): void {
  if (role === undefined || rights[role]) return
  throw new ForbiddenError(`these credentials are of role ${role}, which may not ${what}`)
}

/** A command that does something to a running fleet and prints what the fleet does then. */
function withFleet(command: Command, act: (fleet: Asked) => Promise<void>): Command {
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
      const floors = new Map<string, number>()
      await control.subscribe('telemetry', (message) => {
        const floorPercent = message.alive && message.ready ? message.floorPercent : undefined
        if (floorPercent === undefined) floors.delete(message.node)
        else floors.set(message.node, floorPercent)
      })
      const first = await until(() => newest)
      const news = () => newest ?? first
      await act({ control, news, role })
      const { json } = command.opts<{ json?: boolean }>()
      const ofNow = () => (joint && isOf(joint, news()) ? joint : undefined)
      const now = await until(ofNow, DECISION_MS).catch(() => joint)
      if (json) process.stdout.write(`${JSON.stringify(now ?? news(), null, 2)}\n`)
      else process.stdout.write(printable(toldOf(now, news(), floors)))
    } finally {
      await control.close()
    }
  })
}

/** Whether a decision was made under what is in force. */
function isOf(joint: JointDecision, news: OrchestratorNews) {
  const { session, goalPercent, agent, reverted, deviceGoals = {} } = news
  const isReverted = reverted !== undefined
  if (joint.session !== session || joint.goalPercent !== goalPercent) return false
  const isOther = ([device, asked]: [string, AskedGoal]) =>
    device in joint.placements &&
    joint.deviceGoals?.[device]?.goalPercent !== goalOfDevice(asked, undefined)
  if (Object.entries(deviceGoals).some(isOther)) return false
  return (joint.revert !== undefined) === isReverted && (isReverted || joint.agent === agent)
}

/** What a fleet does, for a terminal; and where its newest decision was not made under what is in force, what is. */
export function toldOf(
  now: JointDecision | undefined,
  news: OrchestratorNews,
  floors: Floors,
): string {
  if (now === undefined) return `${inForce(news)}; no decision yet: no device is there\n`
  const decision = describe(now, news, floors)
  if (isOf(now, news)) return decision
  return `in force: ${inForce(news)}; nothing is decided under it yet. The decision before it:\n${decision}`
}

/** What the orchestrator follows, whether or not it has decided under it. */
function inForce({ goalPercent, agent, reverted, deviceGoals = {} }: OrchestratorNews): string {
  return [
    `goal ${goalPercent} %`,
    ...Object.entries(deviceGoals).map(
      ([device, asked]) => `own goal of ${device} ${ownGoalWords(asked.goalPercent)}`,
    ),
    `agent ${agentName(agent)}`,
    ...(reverted === undefined ? [] : [`reverted: ${reverted}`]),
  ].join(', ')
}

function describe(
  now: JointDecision,
  { explorationBudgetPercent: budget, agent: acting }: OrchestratorNews,
  floors: Floors,
): string {
  const { goalPercent, agent, round, accuracyPercent, revert } = now
  return [
    `goal ${goalPercent} %, agent ${agentName(agent)}, round ${round}, accuracy of the decision ${accuracyPercent.toFixed(1)} %`,
    ...(typeof budget === 'number' && acting === agent
      ? [`exploring may cost ${budget} % more than the best decision known`]
      : []),
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
    ...certifiedTexts(now),
    ...(now.shadow ? [shadowText(now.shadow)] : []),
    ...devicesText(now, floors),
    '',
  ].join('\n')
}
