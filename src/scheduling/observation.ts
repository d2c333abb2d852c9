/**
 * What a policy sees when a worker is free and a request with a deadline waits: all that a serving node can know. The phase of the
 * arrival process (is this a burst, how long will it last) is hidden, so the decision process is partially observable.
 */
import { type Action, ActionSpace } from './action.ts'
import { type Forecast, NO_FORECAST } from './arrival-forecast.ts'
import { type Congestion, NO_CONGESTION } from './congestion.ts'
import type { ServiceTimes } from './service-times.ts'

/** Arrays are filled anew for every decision: copy what shall outlive it. */
export interface Observation {
  readonly nowMs: number
  /** Requests waiting, ≥ 1; as all here, of those with a deadline. */
  readonly queued: number
  /**
   * Time left to the deadline less the reserve for hold-ups, but at least what the request's smallest variant takes; in
   * order of service; only the first `queued` count.
   */
  readonly slackMs: Float64Array
  /** Smallest variant each waiting request accepts, in order of service; only the first `queued` count. */
  readonly lowestVariant: Uint8Array
  /** 1 where a waiting request cannot share a batch with the one before it, in order of service; only the first `queued` count. */
  readonly apart: Uint8Array
  readonly workers: number
  /** Planned time until each worker is free, ascending; the first is free. Shape [workers]. */
  readonly workerResidualMs: Float64Array
  /** Requests that have arrived since the start. */
  readonly arrivals: number
  readonly sinceArrivalMs: number
  /** Averaged over each of `RATE_WINDOWS`. Shape [windows]. */
  readonly arrivalRatesPerS: Float64Array
  /** Of requests with a deadline. */
  readonly forecast: Forecast
  /** The same, as of this decision. */
  readonly congestion: Congestion
  readonly times: ServiceTimes
  readonly actions: ActionSpace
}

/** Averaging windows of the arrival rate, in service times of the largest variant. */
export const RATE_WINDOWS: readonly number[] = [2, 8, 40, 200]

/** Without requests and with free workers, to be filled; `times` may be exchanged. @param most requests that can wait */
export function emptyObservation(
  times: ServiceTimes,
  workers: number,
  most: number,
): { -readonly [Key in keyof Observation]: Observation[Key] } {
  return {
    nowMs: 0,
    queued: 0,
    slackMs: new Float64Array(most),
    lowestVariant: new Uint8Array(most),
    apart: new Uint8Array(most),
    workers,
    workerResidualMs: new Float64Array(workers),
    arrivals: 0,
    sinceArrivalMs: Infinity,
    arrivalRatesPerS: new Float64Array(RATE_WINDOWS.length),
    forecast: NO_FORECAST,
    congestion: NO_CONGESTION,
    times,
    actions: new ActionSpace(times.variants, times.batches),
  }
}

/** Time before a request's last moment at which a waiting worker is woken: timers are late. */
const WAKE_EARLY_MS = 1

/** Until when a free worker may stay so without costing a waiting request its deadline. */
export function waitUntilMs({ queued, nowMs, slackMs, lowestVariant, times }: Observation): number {
  let spareMs = Infinity
  for (let i = 0; i < queued; i++) {
    const needsMs = times.ms(lowestVariant[i], 0)
    spareMs = Math.min(spareMs, slackMs[i] - needsMs)
  }
  return nowMs + spareMs - WAKE_EARLY_MS
}

/**
 * Whether the scheduler accepts this action: a batch must be full, of requests that can share one, in time for all in it as planned, and
 * large enough a variant for all in it; a wait must not cost a deadline; the head may always be dropped.
 */
export function isAllowed(observation: Observation, action: Action): boolean {
  if (action.kind === 'drop') return true
  if (action.kind === 'wait') return waitUntilMs(observation) > observation.nowMs
  return canServe(observation, action.variant, action.batch)
}

/** Whether a batch of this size at the head of the queue can be served by this variant. */
export function canServe(observation: Observation, variant: number, batch: number): boolean {
  const { queued, slackMs, lowestVariant, apart, times } = observation
  const batchSize = times.batchSize(batch)
  if (batchSize > queued) return false
  const plannedMs = times.ms(variant, batch)
  for (let i = 0; i < batchSize; i++) {
    if (plannedMs > slackMs[i] || variant < lowestVariant[i]) return false
    if (i > 0 && apart[i] === 1) return false
  }
  return true
}

/**
 * Largest batch at the head of the queue that this variant can serve.
 * @returns index of the batch size, −1 if not even the head alone
 */
export function largestBatch(observation: Observation, variant: number): number {
  let batch = observation.times.largestBatch(variant, observation.queued)
  while (batch >= 0 && !canServe(observation, variant, batch)) batch--
  return batch
}
