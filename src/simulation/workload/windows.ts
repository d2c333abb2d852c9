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

/** InfAdapter (Salmani et al. 2023): 21 minutes of the same stream's sixteenth day. */
const INFADAPTER_BURSTY: readonly Stretch[] = [
  [10.5, 45],
  [0.5, 180],
  [1, 220],
  [1.5, 228],
  [2.5, 206],
  [0.5, 166],
  [1, 115],
  [0.5, 88],
  [3, 50],
]

/** Proteus (Ahmad et al. 2024): five minutes, all its models together; for each of them gaps are of a CV of about 1.8. */
const PROTEUS_PER_S: readonly number[] = [
  103, 104, 143, 180, 272, 369, 485, 602, 690, 715, 574, 457, 324, 211, 152, 124, 100, 109, 107,
  100, 144, 162, 229, 281, 266, 222, 146, 66, 88,
]

/** Its bursty five minutes: two levels. */
const PROTEUS_BURSTY_PER_S: readonly number[] = [
  151, 151, 151, 151, 423, 1087, 1087, 1087, 1087, 522, 151, 151, 151, 151, 992, 1087, 1087, 1087,
  914, 151, 151, 151, 151, 622, 1087, 1087, 1087, 1087, 336,
]

/** RAMSIS (Mendoza et al. 2024): four and a half minutes of the same stream's 25th day, brought to its cluster's size. */
const RAMSIS_PER_S: readonly number[] = [
  1850, 1617, 1880, 1729, 1747, 1839, 1786, 2070, 1992, 2227, 2343, 2344, 2838, 2857, 3191, 3248,
  3418, 3613, 3596, 3875, 3778, 3905, 3738, 3512, 3495, 3459, 3295,
]

/** Rates of ten seconds each. */
function tens(ratesPerS: readonly number[]): Stretch[] {
  return ratesPerS.map((ratePerS) => [1 / 6, ratePerS])
}

const SHAPES: Readonly<Record<string, readonly Stretch[]>> = {
  'ipa-bursty': [[6.5, 5.5], ...IPA_BURST, [6.5, 6]],
  'ipa-fluctuating': [[3, 5.5], ...IPA_BURST],
  'ipa-steady-low': [[20, 5.5]],
  'ipa-steady-high': [[10, 29.3]],
  'infadapter-bursty': INFADAPTER_BURSTY,
  proteus: tens(PROTEUS_PER_S),
  'proteus-bursty': tens(PROTEUS_BURSTY_PER_S),
  ramsis: tens(RAMSIS_PER_S),
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
