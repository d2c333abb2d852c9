/** The comparison that ends a run: fixed strategies, the measured profile, the oracle. */

import { mean } from 'simple-statistics'
import { mostAccurate } from '../../fleet/choice.ts'
import { meetsGoal } from '../../fleet/goal.ts'
import { formatPlacement } from '../../fleet/placement.ts'
import type { Profile } from '../../learning/agents/baselines/oracle.ts'
import {
  congestionDecisions,
  type FleetUnderTest,
  groupByDecision,
  oraclePlacements,
  type Placements,
  playDecisions,
  profileOf,
  ROUNDS,
  uniformDecisions,
} from './measure.ts'

/** What the learned decisions are compared with. */
export interface Comparison {
  /** What brute force searches. */
  readonly profile?: Profile
  /** Fixed ones, as measured. */
  readonly strategies: Readonly<
    Record<
      string,
      {
        /** Mean over the measured rounds of the average response time. */
        readonly responseTimeMs: number
        readonly accuracyPercent: number
        readonly meetsGoal: boolean
        readonly rounds: number
      }
    >
  >
  readonly oracle: { readonly placements: Placements; readonly responseTimeMs: number } | undefined
  /** Response time of one request of the most accurate variant, by tier, ms. */
  readonly soloMs: Readonly<Record<'end' | 'edge' | 'cloud', number>> | undefined
}

/** Measures the fleet under every fixed strategy, then under the brute-force optimum of what was measured. Incomplete when aborted. */
export async function compare(
  fleet: FleetUnderTest,
  goalPercent: number,
  onProgress: (done: number, total: number) => void,
): Promise<Comparison> {
  const { choices, devices, signal } = fleet
  const uniform = uniformDecisions(fleet)
  const idle = formatPlacement(leastAccurate(fleet).placement)
  const congested = devices.length > 1 ? congestionDecisions(fleet, idle) : []
  const total = uniform.length * ROUNDS + congested.length + ROUNDS
  const rounds = await playDecisions(fleet, uniform, ROUNDS, (done) => onProgress(done, total))
  const strategies = strategyResults(fleet, rounds, goalPercent)
  const crowds = await playDecisions(fleet, congested, 1, (done) =>
    onProgress(uniform.length * ROUNDS + done, total),
  )
  if (signal.aborted) return { strategies, oracle: undefined, soloMs: undefined }
  const profile = profileOf([...rounds, ...crowds], fleet)
  const problem = { devices: devices.length, choices, stateSize: 0 }
  const placements = oraclePlacements(profile, problem, goalPercent)
  const best = await playDecisions(fleet, [placements], ROUNDS, (done) =>
    onProgress(total - ROUNDS + done, total),
  )
  const soloMs = (tier: string) => {
    const { placement } = mostAccurate(choices.filter((choice) => choice.placement.tier === tier))
    const timesMs = profile.responseTimesMs[formatPlacement(placement)] ?? []
    return mean(timesMs.map(([alone]) => alone ?? Number.NaN))
  }
  return {
    strategies,
    oracle:
      best.length === 0
        ? undefined
        : { placements, responseTimeMs: mean(best.map((round) => round.responseTimeMs)) },
    profile,
    soloMs: { end: soloMs('end'), edge: soloMs('edge'), cloud: soloMs('cloud') },
  }
}

function strategyResults(
  fleet: FleetUnderTest,
  rounds: Awaited<ReturnType<typeof playDecisions>>,
  goalPercent: number,
): Comparison['strategies'] {
  const groups = groupByDecision(rounds, fleet.devices)
  return Object.fromEntries(
    fleet.choices.flatMap(({ placement, accuracyPercent }) => {
      const name = formatPlacement(placement)
      const measured = groups.get(fleet.devices.map(() => name).join(',')) ?? []
      if (measured.length === 0) return []
      const result = {
        responseTimeMs: mean(measured.map((round) => round.responseTimeMs)),
        accuracyPercent,
        meetsGoal: meetsGoal([accuracyPercent], goalPercent),
        rounds: measured.length,
      }
      return [[name, result]]
    }),
  )
}

function leastAccurate({ choices }: FleetUnderTest): FleetUnderTest['choices'][number] {
  return choices
    .filter(({ placement }) => placement.tier === 'end')
    .reduce((a, b) => (b.accuracyPercent < a.accuracyPercent ? b : a))
}
