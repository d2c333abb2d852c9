/**
 * What the learned decisions are compared with: the same fleet under every fixed strategy, and under the best decision
 * that brute force finds in the profile measured on the way. The orchestrator plays the decisions in turn, so machine
 * drift touches all of them alike.
 */
import { mean } from 'simple-statistics'
import type { ControlPlane } from '../../control/control-plane.ts'
import type { ClosedRound } from '../../control/messages.ts'
import { type Choice, decidedChoices } from '../../fleet/choice.ts'
import { formatPlacement } from '../../fleet/placement.ts'
import { bestDecision, type Profile } from '../../learning/agents/baselines/oracle.ts'
import { allAvailable } from '../../learning/environment/availability.ts'
import type { Problem } from '../../learning/environment/environment.ts'
import type { RoundLog } from './round-log.ts'

/** Rounds that every strategy and the oracle's decision are measured for. */
export const ROUNDS = 20
/** Decisions in one goal message: the message has a limit, and progress a rhythm. */
const DECISIONS_PER_MESSAGE = 40

/** A joint decision as placements, one for each device. */
export type Placements = readonly string[]

/** A running fleet whose decisions are dictated. */
export interface FleetUnderTest {
  readonly control: ControlPlane
  readonly log: RoundLog
  /** In the order of joint decisions. */
  readonly devices: readonly string[]
  readonly choices: readonly Choice[]
  readonly signal: AbortSignal
}

/** What it takes to decide for a fleet. */
type Decidable = Pick<FleetUnderTest, 'choices' | 'devices'>

/** Every device on the same choice. */
export function uniformDecisions({ choices, devices }: Decidable): Placements[] {
  return choices.map(({ placement }) => devices.map(() => formatPlacement(placement)))
}

/**
 * k of n devices on a shared tier, for k from 1 to n - 1: as many groups of k as it takes for every device to be in one.
 * The others stay on their own `idle` choice.
 */
export function congestionDecisions({ choices, devices }: Decidable, idle: string): Placements[] {
  const n = devices.length
  const shared = choices
    .filter(({ placement }) => placement.tier !== 'end')
    .map(({ placement }) => formatPlacement(placement))
  return shared.flatMap((placement) =>
    Array.from({ length: n - 1 }, (_, index) => index + 1).flatMap((users) =>
      Array.from({ length: Math.ceil(n / users) }, (_, group) =>
        devices.map((_, device) => ((device - group * users + n) % n < users ? placement : idle)),
      ),
    ),
  )
}

/** Plays the decisions in turn, each `repeats` times, and returns the rounds that ran exactly so. */
export async function playDecisions(
  fleet: FleetUnderTest,
  decisions: readonly Placements[],
  repeats: number,
  onProgress: (done: number, total: number) => void = () => {},
): Promise<ClosedRound[]> {
  const measured: ClosedRound[] = []
  const total = decisions.length * repeats
  for (let begin = 0; begin < decisions.length; begin += DECISIONS_PER_MESSAGE) {
    const batch = decisions.slice(begin, begin + DECISIONS_PER_MESSAGE)
    const agent = `fixed:${batch.map((placements) => placements.join(',')).join(';')}`
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
      onProgress(begin * repeats + played, total)
    }
  }
  return measured
}

const key = (placements: Placements) => placements.join(',')

/** Rounds by the joint decision they ran under. */
export function groupByDecision(
  rounds: readonly ClosedRound[],
  devices: readonly string[],
): Map<string, ClosedRound[]> {
  const groups = new Map<string, ClosedRound[]>()
  for (const round of rounds) {
    const decision = key(devices.map((device) => round.placements[device] ?? ''))
    groups.set(decision, [...(groups.get(decision) ?? []), round])
  }
  return groups
}

/** Means of what the rounds measured, in the form that brute force reads. */
export function profileOf(
  rounds: readonly ClosedRound[],
  { choices, devices }: Decidable,
): Profile {
  /** Response times by device, placement and how many devices were on the same node. */
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
  const meanMs = (device: string, placement: string, load: number) =>
    mean(samples.get(`${device} ${placement} ${load}`) ?? [Number.POSITIVE_INFINITY])
  return {
    responseTimesMs: Object.fromEntries(
      choices.map(({ placement }) => {
        const name = formatPlacement(placement)
        const loads = placement.tier === 'end' ? [1] : devices.map((_, others) => others + 1)
        return [name, devices.map((device) => loads.map((load) => meanMs(device, name, load)))]
      }),
    ),
  }
}

/** The optimum of a measured profile as placements. */
export function oraclePlacements(
  profile: Profile,
  problem: Problem,
  goalPercent: number,
): Placements {
  const { decision } = bestDecision(problem, profile, goalPercent, allAvailable(problem))
  return decidedChoices(decision, problem.choices).map((choice) =>
    formatPlacement(choice.placement),
  )
}
