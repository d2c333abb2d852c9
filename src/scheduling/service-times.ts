import { HoldUps } from './hold-ups.ts'
import type { Ladder, LadderVariant } from './ladder.ts'
import { Recalibration } from './recalibration.ts'

/** Planned ÷ usual service time: two standard deviations of 3 %. */
const DEFAULT_MARGIN = 1.06

/** Services from which on usual times are known well, however noisy the profile was. */
const SETTLED_SERVICES = 200

/** How times are planned. */
export interface ServiceTimesOptions {
  readonly margin?: number
  /** Learn from finished services what they usually take, and how long some are held up. Default: true. */
  readonly recalibrate?: boolean
  /** Variants off the ladder: never chosen, served when asked for. Their indices follow the ladder's. Default: none. */
  readonly others?: readonly LadderVariant[]
}

/**
 * How long a service is planned to take, for every variant and batch size: what it usually takes, times a margin; and what
 * is to be kept in hand for one that is held up.
 */
export class ServiceTimes {
  readonly ladder: Ladder
  readonly others: readonly LadderVariant[]
  /** Of the ladder. */
  readonly variants: number
  readonly batches: number
  /** Planned times. Shape [variants + others, batchSizes]. */
  readonly plannedMs: Float64Array
  private readonly margin: number
  private readonly recalibration: Recalibration
  private readonly holdUps = new HoldUps()
  private readonly recalibrate: boolean
  private observed = 0

  constructor(
    ladder: Ladder,
    { margin = DEFAULT_MARGIN, recalibrate = true, others = [] }: ServiceTimesOptions = {},
  ) {
    this.ladder = ladder
    this.others = others
    this.variants = ladder.variants.length
    this.batches = ladder.batchSizes.length
    this.plannedMs = new Float64Array((this.variants + others.length) * this.batches)
    this.margin = margin
    this.recalibration = new Recalibration(this.plannedMs.length)
    this.recalibrate = recalibrate
    this.plan()
  }

  /** Planned time of one batch. @param batch index of the batch size */
  ms(variant: number, batch: number): number {
    return this.plannedMs[variant * this.batches + batch]
  }

  /** What one batch usually takes. @param batch index of the batch size */
  usualMs(variant: number, batch: number): number {
    return this.usually(this.ms(variant, batch))
  }

  /** A planned time without its margin. */
  usually(plannedMs: number): number {
    return plannedMs / this.margin
  }

  /** Whether usual times are those of many services, no longer those of the profile. */
  get isSettled(): boolean {
    return this.observed >= SETTLED_SERVICES
  }

  /** To be kept in hand, once for all that wait. */
  get reserveMs(): number {
    return this.holdUps.reserveMs
  }

  /** Mean time of one batch, as profiled; infinite for a size that the variant is not served in. @param batch index of the batch size */
  profiledMs(variant: number, batch: number): number {
    return this.profile(variant)[batch] ?? Infinity
  }

  /** Index of the largest batch size that this variant is served in and so many requests fill. @param requests ≥ 1 */
  largestBatch(variant: number, requests: number): number {
    let batch = this.profile(variant).length - 1
    while (batch > 0 && this.batchSize(batch) > requests) batch--
    return batch
  }

  /** Planned time of a worker for each of so many requests, in the largest batch. @param requests ≥ 1 */
  shareMs(variant: number, requests: number): number {
    const batch = this.largestBatch(variant, requests)
    return this.ms(variant, batch) / this.batchSize(batch)
  }

  /** The least that it can be, in the best batch. */
  leastShareMs(variant: number): number {
    let leastMs = Infinity
    for (let batch = 0; batch < this.batches; batch++) {
      leastMs = Math.min(leastMs, this.ms(variant, batch) / this.batchSize(batch))
    }
    return leastMs
  }

  batchSize(batch: number): number {
    return this.ladder.batchSizes[batch]
  }

  /** A service has finished after so long. */
  observe(variant: number, batch: number, measuredMs: number): void {
    this.observed += 1
    if (!this.recalibrate) return
    const entry = variant * this.batches + batch
    // Up to the margin once more it is the usual spread, which every planned time allows for, and no hold-up.
    this.holdUps.observe(measuredMs - this.margin * this.ms(variant, batch))
    this.recalibration.observe(entry, measuredMs / this.profiledMs(variant, batch))
    this.plan()
  }

  private profile(variant: number): readonly number[] {
    const { serviceTimesMs } = this.ladder.variants[variant] ?? this.others[variant - this.variants]
    return serviceTimesMs
  }

  private plan(): void {
    for (let entry = 0; entry < this.plannedMs.length; entry++) {
      const batch = entry % this.batches
      const profiledMs = this.profiledMs((entry - batch) / this.batches, batch)
      this.plannedMs[entry] = profiledMs * this.recalibration.ratio(entry) * this.margin
    }
  }
}
