/**
 * What a policy sees when a worker is free and a request with a deadline waits: all that a serving node can know. The phase of the
 * arrival process (is this a burst, how long will it last) is hidden, so the decision process is partially observable.
 */
import type { ActionSpace } from './action.ts'
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
  readonly workers: number
  /** Planned time until each worker is free, ascending; the first is free. Shape [workers]. */
  readonly workerResidualMs: Float64Array
  /** Requests that have arrived since the start. */
  readonly arrivals: number
  readonly sinceArrivalMs: number
  /** Shape [windows], see `rateWindowsMs`. */
  readonly arrivalRatesPerS: Float64Array
  readonly rateWindowsMs: readonly number[]
  readonly times: ServiceTimes
  readonly actions: ActionSpace
}

/** Averaging windows of the arrival rate, in service times of the largest variant. */
export const RATE_WINDOWS: readonly number[] = [2, 8, 40, 200]
