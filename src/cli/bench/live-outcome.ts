/** What came of a policy on a live node, from the answers that its client got. */
import { mean, quantile } from 'simple-statistics'
import type { Ladder } from '../../scheduling/ladder.ts'
import { Tally } from '../../scheduling/tally.ts'
import type { SchedulingReport } from '../../serving/scheduling-report.ts'
import { outcomeFrom, POINTS, type PolicyOutcome } from '../../simulation/node/policy-outcome.ts'
import { Timeline } from '../../simulation/node/timeline.ts'
import type { GoalOutcome } from './goal-outcome.ts'
import type { Answer } from './open-loop.ts'
import { type Refusals, refusalsOf } from './refusals.ts'

/** As of a simulated node, and what only a live one has. */
export interface LiveOutcome extends PolicyOutcome {
  /** In force at the end, and why: a learned policy may have been given up. */
  readonly policyAtEnd: string
  readonly policyReason: string
  readonly refusals: Refusals
  /** Requests that got no answer, by what happened instead. */
  readonly unanswered: Readonly<Record<string, number>>
  /** How late the client sent. */
  readonly clientLagMs: { readonly p50: number; readonly p99: number; readonly max: number }
  /** Of one core, while it sent. */
  readonly clientProcessorPercent: number
  /** Of the node's latest decisions. */
  readonly decisionMs: SchedulingReport['decisionMs']
  /** From the end of the burst until answers are as good as before it; null if never, absent without a burst. */
  readonly recoveryMs?: number | null
  /** Absent where there is no fleet. */
  readonly goal?: GoalOutcome
}

/** From the start of the load. */
export interface Burst {
  readonly fromMs: number
  readonly toMs: number
}

/** One policy under the whole load. */
export interface LiveRun {
  readonly policy: string
  readonly ladder: Ladder
  /** From the intended time. */
  readonly deadlineMs: number
  readonly answers: readonly Answer[]
  readonly durationMs: number
  readonly clientProcessorPercent: number
  readonly before: SchedulingReport
  readonly after: SchedulingReport
  readonly burst?: Burst
}

/** Counts every answer once, by the deadline from its intended time. */
export function liveOutcome(ofNode: LiveRun): LiveOutcome {
  const run = { ...ofNode, ladder: withOthers(ofNode.ladder, ofNode.answers) }
  const { policy, ladder, deadlineMs, answers, durationMs, before, after, burst } = run
  const tally = new Tally(ladder)
  const timeline = new Timeline(ladder, durationMs / POINTS)
  const unanswered: Record<string, number> = {}
  for (const { intendedMs: arrivalMs, responseTimeMs, outcome } of answers) {
    const variant = variantIn(ladder, outcome)
    if (variant !== undefined) tally.served(variant, responseTimeMs <= deadlineMs)
    else if (outcome.kind === 'dropped') tally.drop(outcome.reason)
    else {
      tally.drop('failed')
      const reason = outcome.kind === 'failed' ? outcome.reason : 'by an unknown variant'
      unanswered[reason] = (unanswered[reason] ?? 0) + 1
    }
    const request = { arrivalMs, deadlineMs: arrivalMs + deadlineMs, priority: 0, lowestVariant: 0 }
    timeline.settled({ request, atMs: arrivalMs + responseTimeMs, variant })
  }
  tally.switches = after.switches - before.switches
  const lagsMs = answers.flatMap(({ lagMs }) => lagMs ?? [])
  return {
    ...outcomeFrom(policy, ladder, tally, timeline),
    policyAtEnd: after.policy,
    policyReason: after.policyReason,
    refusals: refusalsOf(answers, deadlineMs),
    unanswered,
    clientLagMs: {
      p50: quantile(lagsMs, 0.5),
      p99: quantile(lagsMs, 0.99),
      max: Math.max(...lagsMs),
    },
    clientProcessorPercent: run.clientProcessorPercent,
    decisionMs: after.decisionMs,
    ...(burst && { recoveryMs: recoveryMs(run, burst) }),
  }
}

/** A device that serves by itself may do so with variants that the node does not choose from: they come after the node's. */
function withOthers(ladder: Ladder, answers: readonly Answer[]): Ladder {
  const variants = [...ladder.variants]
  for (const { outcome } of answers) {
    if (outcome.kind !== 'answered' || !(outcome.accuracyPercent > 0)) continue
    const { variant: name, accuracyPercent } = outcome
    if (variants.some((known) => known.name === name)) continue
    variants.push({ name, accuracyPercent, serviceTimesMs: [] })
  }
  return { ...ladder, variants }
}

/** Answers that are judged together. */
const WINDOW_MS = 2000
const STEP_MS = 100
/** Points of effective accuracy below that before the burst. */
const MARGIN_POINTS = 1

/**
 * From the burst's end to the first moment from which the requests of two seconds are answered as well as those before the
 * burst, within a point of effective accuracy.
 */
function recoveryMs({ answers, ladder, deadlineMs }: LiveRun, burst: Burst): number | null {
  const worthOf = ({ outcome, responseTimeMs }: Answer) => {
    const variant = responseTimeMs <= deadlineMs ? variantIn(ladder, outcome) : undefined
    return variant === undefined ? 0 : (ladder.variants[variant]?.accuracyPercent ?? 0)
  }
  const meanOver = (fromMs: number, toMs: number) => {
    const within = answers.filter(({ intendedMs }) => intendedMs >= fromMs && intendedMs < toMs)
    return within.length === 0 ? Number.NaN : mean(within.map(worthOf))
  }
  const before = meanOver(0, burst.fromMs)
  const lastMs = answers.at(-1)?.intendedMs ?? 0
  for (let fromMs = burst.toMs; fromMs + WINDOW_MS <= lastMs; fromMs += STEP_MS) {
    if (meanOver(fromMs, fromMs + WINDOW_MS) >= before - MARGIN_POINTS) return fromMs - burst.toMs
  }
  return null
}

function variantIn({ variants }: Ladder, outcome: Answer['outcome']): number | undefined {
  if (outcome.kind !== 'answered') return undefined
  const index = variants.findIndex(({ name }) => name === outcome.variant)
  return index < 0 ? undefined : index
}
