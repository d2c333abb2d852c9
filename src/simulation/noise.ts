/** How measured response times scatter around the expected ones. */
import { ConfigError } from '../errors.ts'
import type { Tier } from '../fleet/placement.ts'
import type { Random } from '../random.ts'
import { RESPONSE_TIME_NOISE } from './worlds/paper-world.ts'

/** A law of noise. */
export interface Noise {
  /** Begins a run: what the law remembers from response to response, of one device or of all, is of this run alone. */
  begin(): NoiseRun
}

/**
 * The factor on the expected time of one response, of average 1. Asked once per response, with the tier that served it; in
 * a round device by device, from 0. Whatever is random comes from `random`, a stream that only responses draw from.
 */
export type NoiseRun = (device: number, random: Random, tier: Tier) => number

/** @param noise relative standard deviation of independent normal noise, or a law @throws ConfigError for no deviation */
export function noiseOf(noise: number | Noise = RESPONSE_TIME_NOISE): Noise {
  if (typeof noise !== 'number') return noise
  checkShare('noise', noise)
  return { begin: () => (_, random) => 1 + noise * random.normal() }
}

/** @throws ConfigError naming what is no share */
export function checkShare(name: string, value: number): void {
  if (value >= 0 && value < 1) return
  throw new ConfigError(`${name} is ${value}: give a share from 0 to below 1`)
}
