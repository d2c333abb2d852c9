import type { Outcome } from '../learning/environment/environment.ts'

/** The outcome for an agent that can do nothing without a number: a device that asked nothing took as long as a round may. */
export function withNumbers(outcome: Outcome, missingMs: number): Outcome {
  if (!outcome.responseTimesMs.some(Number.isNaN)) return outcome
  const responseTimesMs = outcome.responseTimesMs.map((time) =>
    Number.isNaN(time) ? missingMs : time,
  )
  const cost = responseTimesMs.reduce((sum, time) => sum + time, 0) / responseTimesMs.length
  return { ...outcome, responseTimesMs, cost }
}

/** Mean over the devices that asked something. */
export function meanAnsweredMs(responseTimesMs: readonly number[]): number {
  const answered = responseTimesMs.filter((time) => !Number.isNaN(time))
  return answered.reduce((sum, time) => sum + time, 0) / answered.length
}
