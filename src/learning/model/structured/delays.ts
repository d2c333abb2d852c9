/**
 * What links add to response times, ms: one delay for each device and pool. A pool is one kind of way in one state of its links;
 * its devices share a mean, which is learned as well.
 */
import type { Random } from '../../../random.ts'
import type { DelaySums, Normal } from './cell.ts'

/** What is known of a pool before anything is observed. */
export interface DelayPrior {
  readonly meanMs: number
  /** Deviation of the mean; 0 where it is known. */
  readonly deviationMs: number
  /** Deviation of the devices from their mean. */
  readonly spreadMs: number
}

/** Plain data. */
export interface Pool {
  readonly prior: DelayPrior
  /** Shape [devices]. */
  readonly precision: Float64Array
  /** Shape [devices]. */
  readonly sum: Float64Array
  /** Of the mean. */
  meanMs: number
  variance: number
}

export class Delays implements DelaySums {
  /** By pool; those without a sample are missing. */
  pools: (Pool | undefined)[]
  private readonly devices: number
  private readonly priors: readonly DelayPrior[]

  constructor(devices: number, priors: readonly DelayPrior[]) {
    this.devices = devices
    this.priors = priors
    this.pools = priors.map(() => undefined)
  }

  /** The number a delay goes by. */
  indexOf(pool: number, device: number): number {
    return pool * this.devices + device
  }

  add(delay: number, precision: number, sum: number): void {
    const index = Math.floor(delay / this.devices)
    const device = delay % this.devices
    const pool = this.pools[index] ?? this.created(index)
    pool.precision[device] = Math.max(0, pool.precision[device] + precision)
    pool.sum[device] = pool.sum[device] + sum
  }

  /** Learns the means of all pools anew from what was added. */
  refresh(): void {
    for (const pool of this.pools) {
      if (pool === undefined || pool.prior.deviationMs === 0) continue
      const { prior, precision, sum } = pool
      let total = 1 / prior.deviationMs ** 2
      let weighted = prior.meanMs * total
      for (let device = 0; device < this.devices; device++) {
        const own = precision[device]
        if (own <= 0) continue
        const share = 1 / (prior.spreadMs ** 2 + 1 / own)
        total += share
        weighted += (share * sum[device]) / own
      }
      pool.meanMs = weighted / total
      pool.variance = 1 / total
    }
  }

  estimate(index: number, device: number): Normal {
    const pool = this.pools[index]
    if (pool === undefined) {
      const { meanMs, deviationMs, spreadMs } = this.priorOf(index)
      return { mean: meanMs, variance: deviationMs ** 2 + spreadMs ** 2 }
    }
    const own = within(pool, device, pool.meanMs)
    const share = own.variance / pool.prior.spreadMs ** 2
    return { mean: own.mean, variance: own.variance + share * share * pool.variance }
  }

  /** Draws a mean for every pool; a device's delay is then drawn with `drawDelay`. */
  drawMeans(random: Random): Float64Array {
    return Float64Array.from(this.priors, (prior, index) => {
      const { meanMs, variance } = this.pools[index] ?? {
        meanMs: prior.meanMs,
        variance: prior.deviationMs ** 2,
      }
      return meanMs + Math.sqrt(variance) * random.normal()
    })
  }

  drawDelay(index: number, device: number, meanMs: number, random: Random): number {
    const pool = this.pools[index]
    const { spreadMs } = this.priorOf(index)
    const own = pool ? within(pool, device, meanMs) : { mean: meanMs, variance: spreadMs ** 2 }
    return own.mean + Math.sqrt(own.variance) * random.normal()
  }

  private priorOf(index: number): DelayPrior {
    return this.priors[index]
  }

  private created(index: number): Pool {
    const prior = this.priorOf(index)
    const pool = {
      prior,
      precision: new Float64Array(this.devices),
      sum: new Float64Array(this.devices),
      meanMs: prior.meanMs,
      variance: prior.deviationMs ** 2,
    }
    this.pools[index] = pool
    return pool
  }
}

/** A device's delay if the pool's mean is known. */
function within({ prior, precision, sum }: Pool, device: number, meanMs: number): Normal {
  const shared = 1 / prior.spreadMs ** 2
  const variance = 1 / (shared + precision[device])
  return { mean: variance * (shared * meanMs + sum[device]), variance }
}
