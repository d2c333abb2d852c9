/** What a simulated environment is asked for. */
import { ConfigError } from '../errors.ts'
import { checkShare, type Noise, normalNoise } from './noise.ts'
import type { Wander } from './wander.ts'
import type { World } from './world.ts'
import { RESPONSE_TIME_NOISE } from './worlds/calibration.ts'
import type { PaperFleet } from './worlds/paper-world.ts'

/** What happens in a fleet, whichever it is. */
export interface EnvironmentOptions {
  /** Lowest allowed average accuracy, percent; 0 for none (the paper's Min). */
  readonly goalPercent: number
  /** Of the first run; `reset` begins others. Default 0. */
  readonly seed?: number
  /** Relative standard deviation of one response time, from 0 to below 1; or another law. Default 0.04. */
  readonly noise?: number | Noise
  /** Share of the responses that are slow, from 0 to below 1, and how many times as long they take. */
  readonly slow?: { readonly share: number; readonly factor: number }
  /** Share of the responses that never come, from 0 to below 1. Their time is not a number. */
  readonly lost?: number
  /** How the state moves by itself from round to round. Absent: it stays. */
  readonly wander?: Wander
  /** Cost of a round that breaks the goal, ms: the paper's regime. Absent: the cost is always the average response time. */
  readonly penaltyMs?: number
  /** Whether states tell which links are weak. Default: they do. */
  readonly tellsLinks?: boolean
  /** Accuracies that are told but need not be true, percent; answers then tell whether they are right. Default: the true ones. Shape [choices]. */
  readonly toldAccuracies?: readonly number[]
}

/** The paper's fleet, and what happens in it. */
export interface SimulationOptions extends EnvironmentOptions, PaperFleet {}

/** Another fleet, and what happens in it. */
export interface WorldSimulationOptions extends EnvironmentOptions {
  readonly world: World
}

/** @throws ConfigError for a deviation that is none */
export function noiseOf({ noise = RESPONSE_TIME_NOISE }: Pick<EnvironmentOptions, 'noise'>): Noise {
  return typeof noise === 'number' ? normalNoise(noise) : noise
}

/** @throws ConfigError for a share that is none */
export function checkShares({ slow, lost = 0 }: Pick<EnvironmentOptions, 'slow' | 'lost'>): void {
  checkShare('slow', slow?.share ?? 0)
  checkShare('lost', lost)
}

/** @throws ConfigError for a goal that no average accuracy can be */
export function checkedGoal(goalPercent: number): number {
  if (goalPercent >= 0 && goalPercent <= 100) return goalPercent
  throw new ConfigError(`goalPercent is ${goalPercent}: give an average accuracy from 0 to 100`)
}
