/** Devices that asked nothing in a round: their response time is not a number. */
import { mean } from 'simple-statistics'
import type { Outcome } from '../learning/environment/environment.ts'

/** The outcome for an agent that can do nothing without a number: a device that asked nothing took as long as a round may. */
export function withNumbers(outcome: Outcome, missingMs: number): Outcome {
  if (!outcome.responseTimesMs.some(Number.isNaN)) return outcome
  const responseTimesMs = outcome.responseTimesMs.map((time) =>
    Number.isNaN(time) ? missingMs : time,
  )
  return { ...outcome, responseTimesMs, cost: mean(responseTimesMs) }
}

/** Mean over the devices that asked something; not a number where none did. */
export function meanAnsweredMs(responseTimesMs: readonly number[]): number {
  const answered = responseTimesMs.filter((time) => !Number.isNaN(time))
  return answered.length === 0 ? Number.NaN : mean(answered)
}
