/** Variants of a model: other numbers of them, other names, other accuracies than the paper's. */
import type { Choice, Precision } from '../../../src/fleet/choice.ts'
import type { Random } from '../../../src/random.ts'
import { distinct } from '../../runs.ts'
import { between, logBetween, shuffled } from './draws.ts'

export interface Variant {
  readonly name: string
  readonly accuracyPercent: number
  readonly megaMacs: number
  readonly bytes: number
  readonly precision: Precision
}

const NAMES = ['wren', 'robin', 'heron', 'osprey', 'condor', 'petrel', 'plover', 'siskin', 'teal']
const FEWEST = 4
const PRECISIONS = ['FP32', 'FP16', 'INT8'] as const
const BYTES_PER_WEIGHT = { FP32: 4, FP16: 2, INT8: 1 } as const

/** Four to nine, the most accurate one first; a less accurate one is smaller. */
export function drawnLadder(random: Random): Variant[] {
  const count = FEWEST + random.integer(NAMES.length - FEWEST + 1)
  let accuracyPercent = between(60, 97, random)
  let megaMacs = logBetween(200, 9000, random)
  return shuffled(NAMES, random)
    .slice(0, count)
    .map((name) => {
      const precision = PRECISIONS[random.integer(PRECISIONS.length)] ?? 'FP32'
      const weights = megaMacs * logBetween(2000, 20_000, random)
      const variant = {
        name,
        accuracyPercent: Math.round(100 * accuracyPercent) / 100,
        megaMacs: Math.round(megaMacs),
        bytes: Math.round(weights * BYTES_PER_WEIGHT[precision]),
        precision,
      }
      accuracyPercent -= logBetween(0.2, 6, random)
      megaMacs *= between(0.4, 0.9, random)
      return variant
    })
}

/** What devices may do, in any order: every variant on the device; at edge and cloud the most accurate one, or another one too. */
export function choicesOf(
  ladder: readonly Variant[],
  { tellsFacts, offersTwo }: { tellsFacts: boolean; offersTwo: boolean },
  random: Random,
): Choice[] {
  const [best, ...others] = ladder
  const second = offersTwo ? others[random.integer(others.length)] : undefined
  const shared = [best, second].flatMap((variant) => variant ?? [])
  const choice = (
    tier: Choice['placement']['tier'],
    { name, accuracyPercent, ...facts }: Variant,
  ): Choice => ({ placement: { tier, variant: name }, accuracyPercent, ...(tellsFacts && facts) })
  return shuffled(
    [
      ...ladder.map((variant) => choice('end', variant)),
      ...shared.flatMap((variant) => [choice('edge', variant), choice('cloud', variant)]),
    ],
    random,
  )
}

/** By the accuracies there are. none: no goal. middle: their median. high: the average of the best two. */
export const GOAL_LEVELS = ['none', 'middle', 'high'] as const
export type GoalLevel = (typeof GOAL_LEVELS)[number]

/** Percent, in whole hundredths. */
export function goalPercentOf(level: GoalLevel, choices: readonly Choice[]): number {
  if (level === 'none') return 0
  const accuracies = distinct(choices.map(({ accuracyPercent }) => accuracyPercent)).toSorted(
    (one, other) => other - one,
  )
  const half = (accuracies.length - 1) / 2
  const [one = 0, other = 0] =
    level === 'high'
      ? accuracies
      : [accuracies[Math.floor(half)] ?? 0, accuracies[Math.ceil(half)] ?? 0]
  return Math.floor(50 * (one + other) + 1e-6) / 100
}
