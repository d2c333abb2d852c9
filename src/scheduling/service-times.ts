/** How long a service is planned to take, for every variant and batch size: the profile times a margin. */
import type { Ladder } from './ladder.ts'
import { Recalibration } from './recalibration.ts'

/** Planned ÷ mean service time as long as nothing is measured: two standard deviations of 3 %. */
const DEFAULT_MARGIN = 1.06

export interface ServiceTimesOptions {
  readonly margin?: number
  /** Learn the margin from finished services; otherwise it stays as it is. Default: true. */
  readonly recalibrate?: boolean
}

export class ServiceTimes {
  readonly ladder: Ladder
  readonly variants: number
  readonly batches: number
  /** Planned times. Shape [variants, batchSizes]. */
  readonly plannedMs: Float64Array
  private readonly recalibration: Recalibration
  private readonly recalibrate: boolean

  constructor(
    ladder: Ladder,
    { margin = DEFAULT_MARGIN, recalibrate = true }: ServiceTimesOptions = {},
  ) {
    this.ladder = ladder
    this.variants = ladder.variants.length
    this.batches = ladder.batchSizes.length
    this.plannedMs = new Float64Array(this.variants * this.batches)
    this.recalibration = new Recalibration(this.plannedMs.length, margin)
    this.recalibrate = recalibrate
    this.plan()
  }

  /** Planned time of one batch. @param batch index of the batch size */
  ms(variant: number, batch: number): number {
    return this.plannedMs[variant * this.batches + batch] as number
  }

  /** Mean time of one batch, as profiled. @param batch index of the batch size */
  profiledMs(variant: number, batch: number): number {
    return this.ladder.variants[variant]?.serviceTimesMs[batch] as number
  }

  /** Index of the largest batch size that so many requests fill. @param requests ≥ 1 */
  largestBatch(requests: number): number {
    let batch = this.batches - 1
    while (batch > 0 && this.batchSize(batch) > requests) batch--
    return batch
  }

  batchSize(batch: number): number {
    return this.ladder.batchSizes[batch] as number
  }

  /** A service has finished after so long. */
  observe(variant: number, batch: number, measuredMs: number): void {
    if (!this.recalibrate) return
    const entry = variant * this.batches + batch
    this.recalibration.observe(entry, measuredMs / this.profiledMs(variant, batch))
    this.plan()
  }

  private plan(): void {
    for (let variant = 0; variant < this.variants; variant++) {
      for (let batch = 0; batch < this.batches; batch++) {
        const entry = variant * this.batches + batch
        this.plannedMs[entry] = this.profiledMs(variant, batch) * this.recalibration.ratio(entry)
      }
    }
  }
}
