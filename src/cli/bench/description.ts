/** A bench as text for people: live beside simulated. */
import type { PolicyOutcome } from '../../simulation/node/policy-outcome.ts'
import { textTable } from '../table.ts'
import { agreement } from './agreement.ts'
import { besideTable } from './beside.ts'
import { GOAL_WINDOW, type GoalOutcome } from './goal-outcome.ts'
import type { LiveOutcome } from './live-outcome.ts'
import { refusalsTable } from './refusals.ts'
import type { BenchResult, PolicyResult } from './run.ts'

/** Tables of all policies, then what is to be remarked. */
export function describeBench(result: BenchResult): string {
  const { policies } = result
  const parts = [
    situation(result),
    comparison(policies),
    details(policies.map(({ live }) => live)),
    ...refusalsTable(policies.map(({ live }) => live)),
    ...goalTable(
      policies.flatMap(({ live: { policy, goal } }) => (goal ? [{ policy, goal }] : [])),
    ),
    ...besideTable(
      policies.flatMap(({ live: { policy, beside } }) => (beside ? [{ policy, beside }] : [])),
    ),
    `best fixed variant in hindsight, simulated: ${bestFixedText(result)}`,
    agreement(policies),
    ...policies.flatMap(({ live }) => remarks(live)),
  ]
  return `${parts.join('\n\n')}\n`
}

/** For a plot: every policy live, then as simulated. */
export function pairsOf({ ladder, policies }: BenchResult): PolicyOutcome[] {
  // Not the variants that only a device of its fleet has: the ladder is the node's.
  const timelineOf = ({ timeline }: LiveOutcome) =>
    timeline.map((point) => ({ ...point, onTime: point.onTime.slice(0, ladder.variants.length) }))
  return policies.flatMap(({ live, simulated }) => [
    { ...live, policy: `${live.policy}, live`, timeline: timelineOf(live) },
    { ...simulated, policy: `${simulated.policy}, simulated` },
  ])
}

function situation(result: BenchResult): string {
  const { load, requests, durationMs, deadlineMs, transitMs, workers, slowdown, ladder, beside } =
    result
  const variants = ladder.variants.map(({ name, accuracyPercent, serviceTimesMs: [ms = 0] }) => {
    const planned = result.plannedMs[name]?.toPrecision(3)
    return `${name} ${accuracyPercent} % ${ms.toPrecision(3)} ms (planned at the end: ${planned})`
  })
  const lines = [
    `${load}: ${requests} requests in ${(durationMs / 1000).toFixed(1)} s; deadline ${deadlineMs.toFixed(1)} ms, ${transitMs.toFixed(1)} of it for the way; workers ${workers}`,
    `ladder: ${variants.join(', ')}; ${result.reserveMs.toPrecision(3)} ms in hand for hold-ups`,
  ]
  if (beside) {
    lines.push(
      `beside them ${beside.ratePerS.toFixed(1)} requests a second without a deadline, of ${beside.capacityPerS.toFixed(1)} that the node serves when it is never idle`,
    )
  }
  if (slowdown > 1) lines.push(`services take ${slowdown} times as long as profiled (emulated)`)
  return lines.join('\n')
}

function comparison(policies: readonly PolicyResult[]): string {
  const rows = policies.map(({ live, simulated }) => [
    live.policy,
    both(live, simulated, ({ effectiveAccuracyPercent }) => effectiveAccuracyPercent),
    both(live, simulated, ({ servedAccuracyPercent }) => servedAccuracyPercent),
    both(live, simulated, ({ violationPercent }) => violationPercent),
    both(live, simulated, ({ p50Ms }) => p50Ms),
    both(live, simulated, ({ p95Ms }) => p95Ms),
    both(live, simulated, ({ p99Ms }) => p99Ms),
  ])
  const head = ['effective %', 'served %', 'violations %', 'p50 ms', 'p95 ms', 'p99 ms']
  return textTable(['live | simulated', ...head], rows)
}

function both(
  live: PolicyOutcome,
  simulated: PolicyOutcome,
  value: (outcome: PolicyOutcome) => number | null,
): string {
  return [live, simulated].map((outcome) => value(outcome)?.toFixed(2) ?? '–').join(' | ')
}

function details(outcomes: readonly LiveOutcome[]): string {
  const rows = outcomes.map((live) => {
    const dropped = Object.entries(live.dropped)
      .filter(([reason, count]) => count > 0 && reason !== 'failed')
      .map(([reason, count]) => `${reason} ${count}`)
    return [
      live.policy,
      String(live.late),
      dropped.join(', ') || '0',
      String(Object.values(live.unanswered).reduce((sum, count) => sum + count, 0)),
      String(live.switches),
      `${(1000 * live.decisionMs.p99).toFixed(0)} µs`,
      recovery(live),
      `${live.clientLagMs.p50.toFixed(1)} / ${live.clientLagMs.p99.toFixed(1)} ms`,
      `${live.clientProcessorPercent.toFixed(0)} %`,
    ]
  })
  const head = ['late', 'dropped', 'unanswered', 'switches', 'decision p99', 'recovery']
  return textTable(['live', ...head, 'client lag p50 / p99', 'client'], rows)
}

/** @returns nothing where there is no fleet */
export function goalTable(
  outcomes: readonly { readonly policy: string; readonly goal: GoalOutcome }[],
): string[] {
  const [first] = outcomes
  if (first === undefined) return []
  const percent = (value: number | null) => value?.toFixed(2) ?? '–'
  const rows = outcomes.map(({ policy, goal }) => [
    policy,
    percent(goal.meanAccuracyPercent),
    percent(goal.lowestWindowPercent),
    percent(goal.lowestAnswerPercent),
    `${goal.goalViolations} of ${goal.closedRounds}`,
    String(goal.answeredByDevices),
  ])
  const head = [`goal ${first.goal.goalPercent} %`, 'mean %', 'lowest window %', 'lowest answer %']
  const table = textTable([...head, 'rounds below', 'answered by devices'], rows)
  return [
    `${table}\nThe goal is an average over ${GOAL_WINDOW}: a window is the newest answer of every device, late ones included. What the edge drops its device answers itself, if there is time left, or drops too, for its own reason; the simulator drops it.`,
  ]
}

function recovery({ recoveryMs }: LiveOutcome): string {
  if (recoveryMs === undefined) return '–'
  return recoveryMs === null ? 'never' : `${(recoveryMs / 1000).toFixed(1)} s`
}

function remarks({ policy, policyAtEnd, policyReason, unanswered }: LiveOutcome): string[] {
  const wasGivenUp = policyReason.includes('was given up')
  const missing = Object.entries(unanswered).map(([reason, count]) => `${count} ${reason}`)
  return [
    ...(wasGivenUp ? [`${policy}: ${policyAtEnd} ended it, as ${policyReason}`] : []),
    ...(missing.length > 0 ? [`${policy}: without an answer ${missing.join(', ')}`] : []),
  ]
}

function bestFixedText({ bestFixed }: BenchResult): string {
  if (bestFixed === undefined) return '–'
  const { policy, effectiveAccuracyPercent, violationPercent } = bestFixed
  return `${policy}, ${effectiveAccuracyPercent.toFixed(2)} % effective, ${violationPercent.toFixed(2)} % violations`
}
