/** The comparison that ends a run: fixed strategies, the measured profile, the oracle. */

import { mean } from 'simple-statistics'
import { mostAccurate } from '../../fleet/choice.ts'
import { accuraciesOf, averageAccuracyPercent, meetsGoal } from '../../fleet/goal.ts'
import { formatPlacement } from '../../fleet/placement.ts'
import { bestDecision, type Profile } from '../../learning/agents/baselines/oracle.ts'
import {
  congestionDecisions,
  type FleetUnderTest,
  groupByDecision,
  type Placements,
  placementsOf,
  playDecisions,
  profileOf,
  ROUNDS,
  type Strategy,
  uniformStrategies,
} from './measure.ts'

/** What the learned decisions are compared with. */
export interface Comparison {
  /** What the oracle plans with. */
  readonly profile?: Profile
  /** Fixed ones, as measured. */
  readonly strategies: Readonly<
    Record<
      string,
      {
        /** Mean over the measured rounds of the average response time. */
        readonly responseTimeMs: number
        /** Promised: average over the devices. */
        readonly accuracyPercent: number
        /** Of the labelled pictures answered under it, where there were any. */
        readonly measuredAccuracyPercent?: number
        readonly meetsGoal: boolean
        readonly rounds: number
      }
    >
  >
  readonly oracle: { readonly placements: Placements; readonly responseTimeMs: number } | undefined
  /** Response time of one request of the most accurate variant, by tier, ms: mean of the devices that can take it. */
  readonly soloMs: Readonly<Record<'end' | 'edge' | 'cloud', number>> | undefined
}

/** Measures the fleet under every fixed strategy, then under the best decision of what was measured. Incomplete when aborted. */
export async function compare(
  fleet: FleetUnderTest,
  goalPercent: number,
  onProgress: (done: number, total: number) => void,
): Promise<Comparison> {
  const { choices, devices, available, signal } = fleet
  const uniform = uniformStrategies(fleet)
  const congested = devices.length > 1 ? congestionDecisions(fleet) : []
  const total = uniform.length * ROUNDS + congested.length + ROUNDS
  const decisions = uniform.map(({ decision }) => decision)
  const rounds = await playDecisions(fleet, decisions, ROUNDS, (done) => onProgress(done, total))
  const strategies = strategyResults(fleet, uniform, rounds, goalPercent)
  const crowds = await playDecisions(fleet, congested, 1, (done) =>
    onProgress(uniform.length * ROUNDS + done, total),
  )
  if (signal.aborted) return { strategies, oracle: undefined, soloMs: undefined }
  const profile = profileOf([...rounds, ...crowds], fleet)
  const problem = { devices: devices.length, choices, stateSize: 0 }
  const { decision } = bestDecision(problem, profile, goalPercent, available)
  const best = await playDecisions(fleet, [decision], ROUNDS, (done) =>
    onProgress(total - ROUNDS + done, total),
  )
  const soloMs = (tier: string) => {
    const { placement } = mostAccurate(
      choices.filter((choice) => choice.placement.tier === tier && !choice.escalation),
    )
    const rows = profile.responseTimesMs[formatPlacement(placement)] ?? []
    const timesMs = rows.flatMap(([aloneMs]) => aloneMs ?? [])
    return timesMs.length === 0 ? Number.NaN : mean(timesMs)
  }
  return {
    strategies,
    oracle:
      best.length === 0
        ? undefined
        : {
            placements: placementsOf(fleet, decision),
            responseTimeMs: mean(best.map((round) => round.responseTimeMs)),
          },
    profile,
    soloMs: { end: soloMs('end'), edge: soloMs('edge'), cloud: soloMs('cloud') },
  }
}

function strategyResults(
  fleet: FleetUnderTest,
  strategies: readonly Strategy[],
  rounds: Awaited<ReturnType<typeof playDecisions>>,
  goalPercent: number,
): Comparison['strategies'] {
  const groups = groupByDecision(rounds, fleet.devices)
  return Object.fromEntries(
    strategies.flatMap(({ name, decision }) => {
      const measured = groups.get(placementsOf(fleet, decision).join()) ?? []
      if (measured.length === 0) return []
      const accuracies = accuraciesOf(decision, fleet.choices)
      const right = fleet.answers?.measured(measured.map(({ round }) => round))
      const result = {
        responseTimeMs: mean(measured.map((round) => round.responseTimeMs)),
        accuracyPercent: averageAccuracyPercent(accuracies),
        ...(right && { measuredAccuracyPercent: right.accuracyPercent }),
        meetsGoal: meetsGoal(accuracies, goalPercent),
        rounds: measured.length,
      }
      return [[name, result]]
    }),
  )
}
