/** Closed rounds for the tests of this folder. */
import type { ClosedRound } from '../../control/messages.ts'

/** @param responseTimesMs by device, as are the placements */
export function closedRound(
  round: number,
  placements: Readonly<Record<string, string>>,
  responseTimesMs: Readonly<Record<string, number>>,
  rest: Partial<ClosedRound> = {},
): ClosedRound {
  const times = Object.values(responseTimesMs)
  return {
    round,
    agent: 'hybrid',
    goalPercent: 85,
    placements: { ...placements },
    responseTimesMs: { ...responseTimesMs },
    responseTimeMs: times.reduce((sum, ms) => sum + ms, 0) / times.length,
    accuracyPercent: 89.9,
    violated: false,
    ...rest,
  }
}
