/** Puts what a run measured into its report. */
import { mean } from 'simple-statistics'
import type { ClosedRound, JointDecision, LiveTelemetry } from '../../control/messages.ts'
import type { UpSettings } from '../settings/up.ts'
import type { Traffic } from './applications.ts'
import type { Comparison } from './compare.ts'
import { linkDelaysMs } from './emulation.ts'
import { learnedPlacements } from './learn.ts'
import type { EmulationResult, UpReport } from './report.ts'
import { firstAndLastMs, lastFifth, roundsUntilWithin } from './round-log.ts'

/** What a run was when its learning ended. */
export interface Learned {
  readonly rounds: readonly ClosedRound[]
  /** The newest announcement when learning ended. */
  readonly latest: JointDecision | undefined
  readonly seconds: number
}

/** @param comparison absent where nothing was compared @param telemetry the newest of every node */
export function reportOf(
  settings: UpSettings,
  learned: Learned,
  comparison: Comparison | undefined,
  traffic: Traffic,
  telemetry: readonly LiveTelemetry[],
): UpReport {
  const { rounds, latest, seconds } = learned
  const { progress, explanation, shadow, answers, revert } = latest ?? {}
  const { first, last } = firstAndLastMs(rounds)
  const oracle = comparison?.oracle?.responseTimeMs
  const newest = lastFifth(rounds)
  return {
    goal: settings.goal,
    agent: settings.agent,
    mode: settings.mode,
    scenario: settings.scenario,
    devices: settings.devices,
    seed: settings.seed,
    rounds: rounds.length,
    learningSeconds: seconds,
    realSteps: progress?.realSteps ?? 0,
    plannedSteps: progress?.plannedSteps ?? 0,
    requests: traffic.requests,
    failedRequests: traffic.failedRequests,
    ...(traffic.lastFailure !== undefined && { lastFailure: traffic.lastFailure }),
    accuracyPercent:
      newest.length === 0 ? undefined : mean(newest.map((round) => round.accuracyPercent)),
    goalViolations: rounds.filter((round) => round.violated).length,
    responseTimeMs: { first, last, oracle },
    gapPercent: oracle === undefined || last === undefined ? undefined : (last / oracle - 1) * 100,
    roundsUntilWithin10Percent:
      oracle === undefined ? undefined : roundsUntilWithin(0.1, oracle, rounds),
    singleRequests: answers ?? { heard: 0, dropped: 0 },
    ...(explanation && { explanation }),
    ...(shadow && { shadow }),
    ...(revert && { revert }),
    strategies: comparison?.strategies ?? {},
    decisions: Object.entries(learnedPlacements(rounds))
      .sort(([a], [b]) => (a < b ? -1 : 1))
      .map(([device, placement], index) => ({
        device,
        learned: placement,
        oracle: comparison?.oracle?.placements[index],
      })),
    emulation: emulationOf(settings, comparison, telemetry),
  }
}

function emulationOf(
  settings: UpSettings,
  comparison: Comparison | undefined,
  telemetry: readonly LiveTelemetry[],
): EmulationResult | undefined {
  const { emulation } = settings
  if (!emulation) return undefined
  const errors = telemetry.flatMap(({ dilationErrorPercent }) => dilationErrorPercent ?? [])
  const solo = comparison?.soloMs
  const linkMs = mean(
    Array.from({ length: settings.devices }, (_, device) => {
      const { upDelayMs, downDelayMs } = linkDelaysMs(settings, device)
      return (upDelayMs + downDelayMs) / emulation.timeScale
    }),
  )
  return {
    timeScale: emulation.timeScale,
    dilationErrorPercent: errors.length === 0 ? 0 : mean(errors),
    ratios: solo && {
      measured: { edge: solo.edge / solo.end, cloud: solo.cloud / solo.end },
      paper: {
        edge: (emulation.edgeMs + linkMs) / emulation.endMs,
        cloud: (emulation.cloudMs + linkMs) / emulation.endMs,
      },
    },
  }
}
