import { DeadlineError, OverloadedError, type TierwiseError } from '../errors.ts'
import type { DropReason } from '../scheduling/tally.ts'

/** A request that will not be served, and how the queue is without it. */
export interface Refused {
  readonly reason: DropReason
  readonly waitedMs: number
  /** From its arrival to its deadline; infinite without one. */
  readonly withinMs: number
  /** What it may wait without a deadline. */
  readonly waitLimitMs: number
  /** Other requests that wait. */
  readonly queued: number
  /** The smallest variant that it accepts, and what that is planned to take. */
  readonly smallest: string
  readonly neededMs: number
  readonly retryAfterMs: number
}

/** What its client is told: what happened, and what to do. */
export function refusalOf(refused: Refused): TierwiseError {
  const { reason, waitedMs, withinMs, waitLimitMs, queued, retryAfterMs } = refused
  const again = `try again in ${Math.ceil(retryAfterMs)} ms`
  if (reason === 'queue-full') {
    const full = `the queue is full: ${queued} requests wait already; ${again}`
    return new OverloadedError(full, { retryAfterMs })
  }
  const waited = `it waited ${waitedMs.toFixed(1)} ms for a worker`
  const limit = `${waitLimitMs} ms (scheduling.waitLimitMs)`
  if (withinMs === Infinity) {
    const why =
      reason === 'refused'
        ? `it would wait longer than ${limit}`
        : `${waited}, and may wait ${limit}`
    const text = `dropped (${reason}): ${why}: ${queued} requests wait; ${again}`
    return new OverloadedError(text, { retryAfterMs })
  }
  const within = `${Math.abs(withinMs).toFixed(1)} ms`
  const why =
    reason === 'refused'
      ? `the deadline ${withinMs < 0 ? `had passed ${within} before` : `was ${within} away and cannot be met`}`
      : `${waited}, and its deadline was ${within} after it came`
  const { smallest, neededMs } = refused
  return new DeadlineError(
    `dropped (${reason}): ${why}: ${queued} requests wait, and ${smallest}, the smallest variant allowed, takes ${neededMs.toFixed(1)} ms; allow more time (deadline_ms) or less accuracy (min_accuracy), or ${again}`,
    { retryAfterMs },
  )
}
