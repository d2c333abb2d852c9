/**
 * The evaluation windows that published systems use, as shapes: rate against time at one second's granularity, in the
 * requests per second of the original. Scale them to a node with `scaleSegments`.
 */
import { ConfigError } from '../../errors.ts'
import type { RateSegment } from './rate-segments.ts'

const MINUTE_MS = 60_000

/** A rate held for so many minutes. */
type Stretch = readonly [minutes: number, ratePerS: number]

/** IPA (Ghafouri et al. 2024): cuts of the Twitter stream of April 2018, divided by 8. */
const IPA_BURST: readonly Stretch[] = [
  [0.5, 22.5],
  [4.5, 27],
  [0.5, 20.7],
  [0.5, 14.9],
  [0.5, 13.8],
  [0.5, 11],
]

/** Azure LLM inference 2023, coding: whole minutes of silence, then 8 to 10 requests a second; 2.6 on average. */
const AZURE_CODE: readonly Stretch[] = [
  [2.8, 0],
  [1.2, 8.7],
]

const SHAPES: Readonly<Record<string, readonly Stretch[]>> = {
  'ipa-bursty': [[6.5, 5.5], ...IPA_BURST, [6.5, 6]],
  'ipa-fluctuating': [[3, 5.5], ...IPA_BURST],
  'ipa-steady-low': [[20, 5.5]],
  'ipa-steady-high': [[10, 29.3]],
  'azure-code': Array.from({ length: 15 }, () => AZURE_CODE).flat(),
  // Azure LLM inference 2023, conversation: near Poisson, 5.5 a second, with a slow drift.
  'azure-conversation': [
    [15, 5],
    [15, 5.7],
    [15, 6],
    [13, 5.3],
  ],
}

/** All that `publishedWindow` takes. */
export const WINDOW_NAMES: readonly string[] = Object.keys(SHAPES)

/** @throws ConfigError for a name that is not known */
export function publishedWindow(name: string): RateSegment[] {
  const shape = SHAPES[name]
  if (shape === undefined) {
    throw new ConfigError(`no window is named "${name}": choose one of ${WINDOW_NAMES.join(', ')}`)
  }
  return shape.map(([minutes, ratePerS]) => ({ durationMs: minutes * MINUTE_MS, ratePerS }))
}
