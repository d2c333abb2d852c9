/** The simulated node: its variants, and what batches cost. */
import { createLadder, type Ladder } from '../../src/scheduling/ladder.ts'
import type { SchedulingNode } from './settings.ts'

/** MobileNet at four widths, FP32: measured in a browser-class runtime on one core; accuracies are ImageNet top-1. */
const VARIANTS = [
  { name: 'mobilenet-0.25', accuracyPercent: 49.8, loneMs: 0.46 },
  { name: 'mobilenet-0.50', accuracyPercent: 63.3, loneMs: 1.26 },
  { name: 'mobilenet-0.75', accuracyPercent: 68.4, loneMs: 2.83 },
  { name: 'mobilenet-1.00', accuracyPercent: 70.9, loneMs: 4.99 },
]
/** Assumption: a batch of b takes 0.75 + 0.25 b times one request; load 1 is three times that without batches. */
const BATCHING = { perRequest: 0.25, fixed: 0.75, sizes: [1, 2, 4, 8, 16], loadFactor: 3 }

/** Rate of load 1 ÷ that which the workers sustain without batches. */
export function loadFactorOf({ profile }: SchedulingNode): number {
  return profile === 'batching' ? BATCHING.loadFactor : 1
}

export function ladderOf({ profile }: SchedulingNode): Ladder {
  const sizes = profile === 'batching' ? BATCHING.sizes : [1]
  const variants = VARIANTS.map(({ loneMs, ...variant }) => {
    const serviceTimesMs = sizes.map(
      (size) => loneMs * (BATCHING.fixed + BATCHING.perRequest * size),
    )
    return { ...variant, serviceTimesMs }
  })
  return createLadder(variants, sizes)
}
