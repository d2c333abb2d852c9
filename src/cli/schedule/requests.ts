/** The requests of a simulation: when they come, and what sets each apart. */
import type { Random } from '../../random.ts'
import { type Ladder, lowestVariantFor } from '../../scheduling/ladder.ts'
import { requestsOf, type SimulatedRequest } from '../../simulation/node/serving-node.ts'
import { using } from '../../yaml.ts'
import { type ArrivalOptions, readArrivals, readTrace } from './arrivals.ts'

/** When requests come, and what is asked of them. */
export interface RequestOptions extends ArrivalOptions {
  readonly ladder: Ladder
  /** Of requests that state none. */
  readonly deadlineMs: number
}

/**
 * @returns ascending in arrival time
 * @throws ConfigError for what makes no requests
 */
export async function readRequests(
  options: RequestOptions,
  random: Random,
): Promise<SimulatedRequest[]> {
  const { trace, traceFormat, ladder, deadlineMs } = options
  if (trace === undefined) return requestsOf(await readArrivals(options, random), deadlineMs)
  const traced = await readTrace(trace, traceFormat)
  return traced.map(({ arrivalMs, deadlineMs: own, priority = 0, minAccuracyPercent = 0 }) => {
    return {
      arrivalMs,
      deadlineMs: arrivalMs + (own ?? deadlineMs),
      priority,
      lowestVariant: using(trace, () => lowestVariantFor(ladder, minAccuracyPercent)),
    }
  })
}
