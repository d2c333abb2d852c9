/** The simulated node: its variants, and what batches cost. */
import { createLadder, type Ladder, type LadderVariant } from '../../src/scheduling/ladder.ts'
import { LADDER } from '../escalation/fleet.ts'
import type { SchedulingNode } from './settings.ts'

interface Variant {
  readonly name: string
  readonly accuracyPercent: number
  /** Of one request alone. */
  readonly loneMs: number
}

/** MobileNet at four widths, FP32: measured in a browser-class runtime on one core; accuracies are ImageNet top-1. */
const MOBILENET: readonly Variant[] = [
  { name: 'mobilenet-0.25', accuracyPercent: 49.8, loneMs: 0.46 },
  { name: 'mobilenet-0.50', accuracyPercent: 63.3, loneMs: 1.26 },
  { name: 'mobilenet-0.75', accuracyPercent: 68.4, loneMs: 2.83 },
  { name: 'mobilenet-1.00', accuracyPercent: 70.9, loneMs: 4.99 },
]
/** Of either ladder: the other was measured on a machine so much quicker, and only ratios count. */
const LARGEST_MS = 4.99
/** Assumption: a batch of b takes 0.75 + 0.25 b times one request; load 1 is three times that without batches. */
const BATCHING = { perRequest: 0.25, fixed: 0.75, sizes: [1, 2, 4, 8, 16], loadFactor: 3 }

/** Rate of load 1 ÷ that which the workers sustain without batches. */
export function loadFactorOf({ profile }: Pick<SchedulingNode, 'profile'>): number {
  return profile === 'batching' ? BATCHING.loadFactor : 1
}

/** Of every request, relative to its arrival. */
export function deadlineMsOf({ deadlineServices }: SchedulingNode): number {
  return deadlineServices * LARGEST_MS
}

/** Its variants, with times for batches of up to 16 where those are cheaper. */
export function ladderOf({ ladder, profile }: Pick<SchedulingNode, 'ladder' | 'profile'>): Ladder {
  const sizes = profile === 'batching' ? BATCHING.sizes : [1]
  const variants = (ladder === 'mobilenet' ? MOBILENET : fashion()).map(
    ({ loneMs, ...variant }) => {
      const serviceTimesMs = sizes.map(
        (size) => loneMs * (BATCHING.fixed + BATCHING.perRequest * size),
      )
      return { ...variant, serviceTimesMs }
    },
  )
  return createLadder(variants, sizes)
}

/** As its catalogue and `tierwise profile` measured it; what another variant beats in both is left out. */
function fashion(): Variant[] {
  const measured: LadderVariant[] = LADDER.variants.map((variant) => {
    const { name, accuracyPercent, inferenceMicroseconds } = variant
    return { name, accuracyPercent, serviceTimesMs: [inferenceMicroseconds / 1000] }
  })
  const kept = createLadder(measured).variants.map(({ name, accuracyPercent, serviceTimesMs }) => {
    return { name, accuracyPercent, loneMs: serviceTimesMs[0] ?? Number.NaN }
  })
  const largestMs = kept.at(-1)?.loneMs ?? Number.NaN
  return kept.map((variant) => ({ ...variant, loneMs: (variant.loneMs * LARGEST_MS) / largestMs }))
}
