/**
 * What the learned decisions are compared with: the same fleet under every fixed strategy, and under the best decision
 * that brute force finds in the profile measured on the way. The orchestrator plays the decisions in turn, so machine
 * drift touches all of them alike.
 */
import { mean } from 'simple-statistics'
import type { ControlPlane } from '../../control/control-plane.ts'
import { type ClosedRound, MAX_AGENT_LENGTH } from '../../control/messages.ts'
import { type Choice, decidedChoices, formatChoice, loadedTier } from '../../fleet/choice.ts'
import { formatPlacement, type Placement } from '../../fleet/placement.ts'
import type { Profile } from '../../learning/agents/baselines/oracle.ts'
import type { Availability, Decision } from '../../learning/environment/environment.ts'
import { safestOpen } from '../../orchestration/fixed-rule.ts'
import type { AnswerLog } from './answer-log.ts'
import type { RoundLog } from './round-log.ts'

/** Rounds that every strategy and the oracle's decision are measured for. */
export const ROUNDS = 20
/** Decisions in one goal message: progress has a rhythm. */
const DECISIONS_PER_MESSAGE = 40
const DICTATED = 'fixed:'

/** A joint decision as placements, one for each device. */
export type Placements = readonly string[]

/** A running fleet whose decisions are dictated. */
export interface FleetUnderTest {
  readonly control: ControlPlane
  readonly log: RoundLog
  /** In the order of joint decisions. */
  readonly devices: readonly string[]
  readonly choices: readonly Choice[]
  /** What each device can do: not all hold every variant. */
  readonly available: Availability
  /** What applications were answered, where their truth is known. */
  readonly answers?: Pick<AnswerLog, 'measured'>
  readonly signal: AbortSignal
}

/** What it takes to decide for a fleet. */
type Decidable = Pick<FleetUnderTest, 'choices' | 'devices' | 'available'>

/** One decision for all, and what it is called. */
export interface Strategy {
  readonly name: string
  readonly decision: Decision
}

/**
 * Every device on the same choice, where it can; a device that cannot does the nearest to it: by itself with its most accurate
 * variant, or, where it holds none, at the first tier that is open to it. Different ones only, without escalations.
 */
export function uniformStrategies({ choices, available }: Decidable): Strategy[] {
  const strategies = choices.flatMap(({ placement, escalation }, choice) => {
    if (escalation) return []
    const decision = available.map((open) => (open[choice] ? choice : safestOpen(choices, open)))
    return [{ name: formatPlacement(placement), decision }]
  })
  const keyOf = ({ decision }: Strategy) => decision.join()
  return strategies.filter(
    (one, index) => strategies.findIndex((other) => keyOf(other) === keyOf(one)) === index,
  )
}

/**
 * k of n devices on a shared choice, for k from 1 to n - 1: as many groups of k as it takes for every device to be in one.
 * The others idle: at their least accurate variant, or, where they hold none, at a shared choice of another tier.
 */
export function congestionDecisions({ choices, devices, available }: Decidable): Decision[] {
  const n = devices.length
  const isShared = ({ placement, escalation }: Choice) => placement.tier !== 'end' && !escalation
  return choices.flatMap((shared, choice) => {
    if (!isShared(shared)) return []
    const idle = available.map((open) => idleBeside(shared, choices, open))
    return Array.from({ length: n - 1 }, (_, index) => index + 1).flatMap((users) =>
      Array.from({ length: Math.ceil(n / users) }, (_, group) =>
        devices.map((_, device) =>
          (device - group * users + n) % n < users ? choice : (idle[device] ?? choice),
        ),
      ),
    )
  })
}

function idleBeside(shared: Choice, choices: readonly Choice[], open: readonly boolean[]): number {
  const candidates = [...choices.keys()].filter(
    (choice) =>
      open[choice] &&
      !choices[choice]?.escalation &&
      choices[choice]?.placement.tier !== shared.placement.tier,
  )
  const rank = (choice: number) => {
    const { placement, accuracyPercent } = choices[choice] ?? shared
    return (placement.tier === 'end' ? 0 : 1000) + accuracyPercent
  }
  return candidates.sort((a, b) => rank(a) - rank(b))[0] ?? choices.indexOf(shared)
}

/** A decision as the orchestrator is told it. */
export function placementsOf({ choices }: Pick<Decidable, 'choices'>, decision: Decision) {
  return decidedChoices(decision, choices).map(formatChoice)
}

/** Plays the decisions in turn, each `repeats` times, and returns the rounds that ran exactly so. */
export async function playDecisions(
  fleet: FleetUnderTest,
  decisions: readonly Decision[],
  repeats: number,
  onProgress: (done: number, total: number) => void = () => {},
): Promise<ClosedRound[]> {
  const measured: ClosedRound[] = []
  const total = decisions.length * repeats
  let done = 0
  for (const batch of batchesOf(decisions.map((one) => placementsOf(fleet, one).join(',')))) {
    if (fleet.signal.aborted) break
    const agent = `${DICTATED}${batch.join(';')}`
    await fleet.control.publish('goal', { accuracyPercent: 0, agent, revert: false })
    let seen = fleet.log.rounds.length
    let played = 0
    while (played < batch.length * repeats && !fleet.signal.aborted) {
      await fleet.log.next(fleet.signal)
      for (; seen < fleet.log.rounds.length; seen++) {
        const round = fleet.log.rounds[seen]
        if (round?.agent !== agent) continue
        measured.push(round)
        played++
      }
      onProgress(done + played, total)
    }
    done += batch.length * repeats
  }
  return measured
}

/** As many decisions as one message holds, in their order; one that no message holds is left out. */
function batchesOf(decisions: readonly string[]): string[][] {
  const batches: string[][] = []
  let room = 0
  for (const decision of decisions) {
    const needed = decision.length + 1
    if (DICTATED.length + needed > MAX_AGENT_LENGTH) continue
    const newest = batches.at(-1)
    if (newest && needed <= room && newest.length < DECISIONS_PER_MESSAGE) newest.push(decision)
    else {
      batches.push([decision])
      room = MAX_AGENT_LENGTH - DICTATED.length
    }
    room -= needed
  }
  return batches
}

/** Rounds by the joint decision they ran under. */
export function groupByDecision(
  rounds: readonly ClosedRound[],
  devices: readonly string[],
): Map<string, ClosedRound[]> {
  const groups = new Map<string, ClosedRound[]>()
  for (const round of rounds) {
    const decision = devices.map((device) => round.placements[device] ?? '').join()
    groups.set(decision, [...(groups.get(decision) ?? []), round])
  }
  return groups
}

/**
 * Means of what the rounds measured, in the form that the oracle reads. What escalates is made of its two parts: the first answer, and
 * the planned share of the second. Of what a device cannot take there are no times.
 */
export function profileOf(
  rounds: readonly ClosedRound[],
  { choices, devices, available }: Decidable,
): Profile {
  /** Response times by device, choice and how many devices were on the same node. */
  const samples = new Map<string, number[]>()
  for (const { placements, responseTimesMs } of rounds) {
    for (const device of devices) {
      const placement = placements[device] ?? ''
      const load = placement.startsWith('end/')
        ? 1
        : devices.filter((other) => placements[other] === placement).length
      const at = `${device} ${placement} ${load}`
      const responseTimeMs = responseTimesMs[device]
      if (responseTimeMs === undefined) continue
      samples.set(at, [...(samples.get(at) ?? []), responseTimeMs])
    }
  }
  const meanMs = (device: string, placement: Placement, load: number) => {
    const users = placement.tier === 'end' ? 1 : load
    const at = `${device} ${formatPlacement(placement)} ${users}`
    return mean(samples.get(at) ?? [Number.POSITIVE_INFINITY])
  }
  const expectedMs = ({ placement, escalation }: Choice, device: string, load: number) => {
    const firstMs = meanMs(device, placement, load)
    return escalation ? firstMs + escalation.share * meanMs(device, escalation.to, load) : firstMs
  }
  const rows = choices.map((choice, index) => {
    const loads = loadedTier(choice) === 'end' ? [1] : devices.map((_, others) => others + 1)
    const row = devices.map((device, place) =>
      available[place]?.[index] ? loads.map((load) => expectedMs(choice, device, load)) : [],
    )
    return [formatChoice(choice), row] as const
  })
  return { responseTimesMs: Object.fromEntries(rows) }
}
