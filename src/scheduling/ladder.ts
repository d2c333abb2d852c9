/** The variants that a serving node may choose between: accuracy against service time, the smallest first. */
import { ConfigError } from '../errors.ts'

/** One variant to choose. */
export interface LadderVariant {
  readonly name: string
  readonly accuracyPercent: number
  /**
   * Mean time of one batch on one worker, for the batch sizes of the ladder up to the largest that this variant is served in.
   * Shape [1 … batchSizes].
   */
  readonly serviceTimesMs: readonly number[]
}

/** Ascending in accuracy and in service time: nothing on it is dominated. */
export interface Ladder {
  readonly variants: readonly LadderVariant[]
  /** Ascending; the first is 1. [1] where a batch is no faster than its requests one by one. */
  readonly batchSizes: readonly number[]
}

/**
 * Sorts the variants and leaves out those that another beats or equals in accuracy and in service time.
 * @throws ConfigError for an empty or unusable list
 */
export function createLadder(
  variants: readonly LadderVariant[],
  batchSizes: readonly number[] = [1],
): Ladder {
  checkBatchSizes(batchSizes)
  if (variants.length === 0) throw new ConfigError('a ladder needs at least one variant')
  for (const variant of variants) checkVariant(variant, batchSizes)
  const mostAccurateFirst = variants.toSorted(
    (a, b) => b.accuracyPercent - a.accuracyPercent || loneMs(a) - loneMs(b),
  )
  const kept: LadderVariant[] = []
  for (const variant of mostAccurateFirst) {
    const [smaller] = kept
    if (smaller === undefined || loneMs(variant) < loneMs(smaller)) kept.unshift(variant)
  }
  return { variants: kept, batchSizes: [...batchSizes] }
}

/** Index of the smallest variant at least this accurate. @throws ConfigError when none is */
export function lowestVariantFor({ variants }: Ladder, accuracyPercent: number): number {
  const index = variants.findIndex((variant) => variant.accuracyPercent >= accuracyPercent)
  if (index >= 0) return index
  const best = variants.at(-1)?.accuracyPercent
  throw new ConfigError(`no variant reaches ${accuracyPercent} %: the most accurate has ${best} %`)
}

function loneMs({ serviceTimesMs }: LadderVariant): number {
  return serviceTimesMs[0] ?? Number.NaN
}

function checkBatchSizes(batchSizes: readonly number[]): void {
  const ascends = batchSizes.every((size, index) => {
    return Number.isInteger(size) && size > (batchSizes[index - 1] ?? 0)
  })
  if (batchSizes[0] !== 1 || !ascends) {
    throw new ConfigError(
      `batch sizes [${batchSizes}] cannot be used: give ascending integers, 1 first`,
    )
  }
}

function checkVariant(
  { name, accuracyPercent, serviceTimesMs }: LadderVariant,
  batchSizes: readonly number[],
): void {
  if (!(accuracyPercent > 0 && accuracyPercent <= 100)) {
    throw new ConfigError(`accuracy ${accuracyPercent} of ${name} is not a percentage above 0`)
  }
  const usable = serviceTimesMs.every((ms) => ms > 0 && ms < Infinity)
  const { length } = serviceTimesMs
  if (!usable || length === 0 || length > batchSizes.length) {
    throw new ConfigError(
      `service times [${serviceTimesMs}] ms of ${name} cannot be used: give one above 0 for each batch size [${batchSizes}] that it is served in`,
    )
  }
}
