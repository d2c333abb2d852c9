/** What the figures of the first screen say of each other: what is saved, what is certified, and what is not known. */
import type { Overview, RunReport } from '../../src/views/schemas.ts'

/** Share that a measured response time may be off what is believed, and bear it out. */
const BORNE_OUT = 0.1

/** How the response time compares with what could be had without learning. */
export interface Saving {
  readonly percent: number
  readonly bestFixed: string
  readonly bestFixedMs: number
  /** By the fleet itself, or by what the agent has learned. */
  readonly source: 'measured' | 'predicted'
}

/** Undefined where no fixed strategy is known that keeps the goal, or nothing was served yet. */
export function savingOf({ traffic, bestFixed, report }: Overview): Saving | undefined {
  if (report !== undefined) return savingIn(report)
  const { meanMs } = traffic
  if (bestFixed === undefined || meanMs === undefined) return undefined
  return saving(meanMs, bestFixed.choice, bestFixed.responseTimeMs, 'predicted')
}

function savingIn({ lastMs, strategies }: RunReport): Saving | undefined {
  const [best] = strategies
    .filter(({ meetsGoal }) => meetsGoal)
    .sort((a, b) => a.responseTimeMs - b.responseTimeMs)
  if (best === undefined || lastMs === undefined) return undefined
  return saving(lastMs, best.name, best.responseTimeMs, 'measured')
}

function saving(ms: number, bestFixed: string, bestFixedMs: number, source: Saving['source']) {
  return { percent: 100 * (1 - ms / bestFixedMs), bestFixed, bestFixedMs, source }
}

/**
 * How far the decision is from the best at most, percent. Undefined where no bound is known: before a request was learned from, while
 * a round explores, and where what was measured does not bear out what is believed.
 */
export function certifiedGap({ decided, traffic }: Overview): number | undefined {
  const { believed, progress } = decided ?? {}
  if (!believed?.inForce || !progress || progress.realSteps === 0) return undefined
  const { meanMs } = traffic
  if (meanMs === undefined || meanMs < believed.lowerBoundMs) return undefined
  const error = Math.abs(meanMs - believed.responseTimeMs) / believed.responseTimeMs
  if (error > BORNE_OUT) return undefined
  return Math.max(0, believed.gapPercent)
}

/** Above the oracle, percent; measured at the end of a run. */
export function oracleGap({ lastMs, oracleMs }: RunReport): number | undefined {
  if (lastMs === undefined || oracleMs === undefined) return undefined
  return 100 * (lastMs / oracleMs - 1)
}

/** Points that the served accuracy is above the goal; negative: below. Undefined where either is not known. */
export function accuracyMargin(fleet: Overview): number | undefined {
  const { inForce } = fleet
  const served = accuracyServed(fleet)
  if (served === undefined || inForce === undefined) return undefined
  // The goal counts in hundredths of a percent.
  // Adding 0 makes a rounded −0 a 0.
  return Math.round(100 * (served - inForce.goalPercent)) / 100 + 0
}

/** Of the requests in the window, or of the run that has ended; undefined where there were none. */
export function accuracyServed({ decided, report }: Overview): number | undefined {
  return report === undefined ? decided?.served?.accuracyPercent : report.accuracyPercent
}

/** Requests a second in the window. */
export function requestRate({ traffic, atMs, sinceMs }: Overview): number | undefined {
  const seconds = Math.min(traffic.windowSeconds, (atMs - sinceMs) / 1000)
  return traffic.requests === 0 || seconds < 1 ? undefined : traffic.requests / seconds
}
