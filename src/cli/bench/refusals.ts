/** How a node refuses what it cannot serve, from the answers that its client got. */
import { quantile } from 'simple-statistics'
import { textTable } from '../table.ts'
import type { Answer } from './open-loop.ts'

/** Times from the intended moment of a request to its refusal, the way and the client's lag included. */
export interface Refusals {
  readonly count: number
  /** Null where nothing was refused. */
  readonly medianMs: number | null
  readonly p99Ms: number | null
  /** Share of them that were told before the deadline; null where nothing was refused. */
  readonly beforeDeadlinePercent: number | null
  /** Of those that were not refused on arrival, the share answered in time; null where there are none. */
  readonly admittedInTimePercent: number | null
}

/** Said on arrival; every other reason meets a request that was taken. */
const ON_ARRIVAL = ['refused', 'queue-full']

/** @param deadlineMs from the intended moment */
export function refusalsOf(answers: readonly Answer[], deadlineMs: number): Refusals {
  const sent = answers.filter(({ lagMs }) => lagMs !== undefined)
  const dropped = sent.filter(({ outcome }) => outcome.kind === 'dropped')
  const timesMs = dropped.map(({ responseTimeMs }) => responseTimeMs)
  const admitted = sent.filter(
    ({ outcome }) => !(outcome.kind === 'dropped' && ON_ARRIVAL.includes(outcome.reason)),
  )
  const inTime = admitted.filter(
    ({ outcome, responseTimeMs }) => outcome.kind === 'answered' && responseTimeMs <= deadlineMs,
  )
  return {
    count: dropped.length,
    medianMs: timesMs.length > 0 ? quantile(timesMs, 0.5) : null,
    p99Ms: timesMs.length > 0 ? quantile(timesMs, 0.99) : null,
    beforeDeadlinePercent: percent(timesMs.filter((ms) => ms < deadlineMs).length, timesMs.length),
    admittedInTimePercent: percent(inTime.length, admitted.length),
  }
}

function percent(part: number, whole: number): number | null {
  return whole > 0 ? (100 * part) / whole : null
}

/** One policy a row; nothing where nobody was refused. */
export function refusalsTable(
  outcomes: readonly { readonly policy: string; readonly refusals: Refusals }[],
): string[] {
  if (outcomes.every(({ refusals }) => refusals.count === 0)) return []
  const shown = (value: number | null) => value?.toFixed(1) ?? '–'
  const rows = outcomes.map(({ policy, refusals }) => [
    policy,
    String(refusals.count),
    shown(refusals.medianMs),
    shown(refusals.p99Ms),
    shown(refusals.beforeDeadlinePercent),
    shown(refusals.admittedInTimePercent),
  ])
  const head = ['number', 'p50 ms', 'p99 ms', 'before the deadline %', 'admitted in time %']
  return [textTable(['refusals, live', ...head], rows)]
}
