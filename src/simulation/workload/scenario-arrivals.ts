/** The arrivals of a scenario, about as many as wanted. */
import type { Random } from '../../random.ts'
import { cutSegments, drawArrivals, scaleSegments } from './rate-segments.ts'
import { type NodeScale, type Scenario, scenarioRates, unitRatePerS } from './scenarios.ts'
import { publishedWindow, WINDOW_NAMES } from './windows.ts'

const WINDOW_LOADS: readonly number[] = [0.6, 1.5]

/** Every published window at a load below 1 and one above; its time is what the wanted number of requests takes. */
export const WINDOW_SCENARIOS: readonly Scenario[] = WINDOW_NAMES.flatMap((window) =>
  WINDOW_LOADS.map((load) => ({
    name: `${window}-${load}`,
    family: 'shapes' as const,
    load,
    gapCv: 1,
    segments: () => publishedWindow(window),
  })),
)

/**
 * Shapes are told in the time that so many requests take, other families for so long.
 * @returns ms from the start, ascending
 */
export function scenarioArrivals(
  scenario: Scenario,
  scale: NodeScale,
  requests: number,
  random: Random,
): Float64Array {
  const rates = [...scenarioRates(scenario, scale, random)]
  const wantedMs = (1000 * requests) / (scenario.load * unitRatePerS(scale))
  const wholeMs = rates.reduce((sum, { durationMs }) => sum + durationMs, 0)
  const segments =
    scenario.family === 'shapes'
      ? scaleSegments(rates, { speed: wholeMs / wantedMs })
      : cutSegments(rates, wantedMs)
  return drawArrivals(segments, random.fork('arrivals'), scenario.gapCv)
}
