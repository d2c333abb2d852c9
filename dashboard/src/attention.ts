/** What needs somebody: most urgent first. */
import type { DeviceRow, InForce, Overview } from '../../src/views/schemas.ts'
import { accuracyMargin } from './figures.ts'
import { budgetWords, ownGoalWords } from './words.ts'

type RefusedWish = NonNullable<InForce['refusedWish']>

/** `bad` needs somebody now, `warn` is worth a look. */
export interface Concern {
  readonly level: 'bad' | 'warn'
  readonly text: string
  /** Devices that it is about, by name. */
  readonly devices?: readonly string[]
}

/** More lost nodes are one concern. */
const MOST_NAMED = 2

/** Empty where all is well. */
export function concernsOf(fleet: Overview): Concern[] {
  const { inForce, decided, traffic, report } = fleet
  if (report !== undefined) return []
  const margin = accuracyMargin(fleet)
  const { reverted, refusedWish } = inForce ?? {}
  const concerns: (Concern | undefined)[] = [
    ...nodeConcerns(fleet),
    margin !== undefined && margin < 0
      ? bad(`Served ${(-margin).toFixed(2)} points less accurately than the goal`)
      : undefined,
    traffic.failed > 0 ? bad(`${traffic.failed} requests failed in the last minute`) : undefined,
    reverted === undefined ? undefined : warn(`A fixed rule is in the agent’s place: ${reverted}`),
    refusedWish &&
      warn(
        `${refusedText(refusedWish)} was refused: ${refusedWish.reason}. In force: ${inForce?.goalPercent} %`,
      ),
    about(
      fleet.devices,
      ({ inDoubt }) => inDoubt !== undefined,
      'warn',
      'may be less accurate than measured before',
    ),
    about(
      fleet.devices,
      ({ fellBackTo }) => fellBackTo !== undefined,
      'warn',
      'fell back: served elsewhere than decided',
    ),
    about(
      fleet.devices,
      ({ isBelowGoal }) => isBelowGoal === true,
      'bad',
      'got less accurate answers than their own goal asks',
    ),
    decided?.fallbackRisk === undefined ? undefined : warn(decided.fallbackRisk),
    decided?.raisedGoalPercent === undefined
      ? undefined
      : warn(
          `Decisions are held to ${decided.raisedGoalPercent.toFixed(1)} % until the goal is made up for`,
        ),
  ]
  return concerns.filter((concern) => concern !== undefined)
}

function refusedText({
  accuracyPercent,
  agent,
  explorationBudgetPercent: budget,
  deviceGoal,
}: RefusedWish): string {
  const parts = [
    `A goal of ${accuracyPercent} %`,
    agent !== undefined && `agent ${agent}`,
    budget !== undefined && `exploring ${budgetWords(budget)}`,
    deviceGoal && `of ${deviceGoal.device} ${ownGoalWords(deviceGoal.goalPercent)}`,
  ]
  return parts.filter(Boolean).join(', ')
}

function nodeConcerns({ nodes, devices }: Overview): (Concern | undefined)[] {
  const lost = nodes.filter(({ health }) => health === 'down' || health === 'silent')
  return [
    ...lostNodes(lost),
    ...sheddingNodes(nodes),
    about(
      devices,
      ({ health }) => health === 'down' || health === 'silent',
      'bad',
      'cannot be reached',
    ),
    about(devices, ({ isFailing }) => isFailing, 'bad', 'got no answer to the newest request'),
  ]
}

/** A few by their names; of many, how many. */
function lostNodes(lost: Overview['nodes']): Concern[] {
  if (lost.length > MOST_NAMED) {
    const [edges, clouds] = ['edge', 'cloud'].map((of) => lost.filter(({ tier }) => tier === of))
    const cloud = clouds?.length ? ' and the cloud' : ''
    return [bad(`${edges?.length} edges${cloud} cannot be reached: requests are served elsewhere`)]
  }
  return lost.map(({ name, health }) => bad(`${name} is ${health}: requests are served elsewhere`))
}

/** The worst by its name, and how many others. */
function sheddingNodes(nodes: Overview['nodes']): Concern[] {
  const shedding = nodes.flatMap(({ name, shedPercent }) =>
    shedPercent === undefined ? [] : [{ name, shedPercent }],
  )
  const [worst, ...others] = shedding.toSorted((a, b) => b.shedPercent - a.shedPercent)
  if (worst === undefined) return []
  const more = others.length === 0 ? '' : `, and ${others.length} more`
  return [
    warn(
      `${worst.name} sheds load${more}: ${worst.shedPercent.toFixed(0)} % of its requests are late or refused`,
    ),
  ]
}

/** One concern for all devices it is true of. */
function about(
  devices: readonly DeviceRow[],
  isSo: (device: DeviceRow) => boolean,
  level: Concern['level'],
  what: string,
): Concern | undefined {
  const names = devices.filter(isSo).map(({ name }) => name)
  if (names.length === 0) return undefined
  const who = names.length === 1 ? names[0] : `${names.length} devices`
  return { level, text: `${who} ${what}`, devices: names }
}

function bad(text: string): Concern {
  return { level: 'bad', text }
}

function warn(text: string): Concern {
  return { level: 'warn', text }
}
