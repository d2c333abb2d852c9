/**
 * What ways add to response times, ms: l_ip ~ N(λ_p, ω_p²), one delay for each device and pool. A pool is one kind of way in one state of
 * its links. λ and ω are learned; before, both are shares of the typical response of this fleet.
 */
import type { Random } from '../../../random.ts'
import type { DelaySums, Normal } from './cell.ts'

/** What is known of a pool before anything is observed, as shares of the typical response. */
export interface DelayPrior {
  readonly mean: number
  /** Of the mean; 0 where it is known. */
  readonly deviation: number
  /** Of the devices from their mean. */
  readonly spread: number
}

/** Plain data. */
export interface Pool {
  /** Shape [devices]. */
  readonly precision: Float64Array
  /** Shape [devices]. */
  readonly sum: Float64Array
  /** Of λ. */
  meanMs: number
  variance: number
  /** ω². */
  spreadVariance: number
}

/** The belief in all delays of all devices. */
export class Delays implements DelaySums {
  /** By pool; those without a sample are missing. */
  pools: (Pool | undefined)[]
  /** S: the typical response of this fleet. */
  typicalMs: number
  private readonly devices: number
  private readonly priors: readonly DelayPrior[]
  private readonly spreadWeight: number

  /** @param spreadWeight how many devices the prior spread counts like */
  constructor(
    devices: number,
    priors: readonly DelayPrior[],
    spreadWeight: number,
    typicalMs: number,
  ) {
    this.devices = devices
    this.priors = priors
    this.spreadWeight = spreadWeight
    this.typicalMs = typicalMs
    this.pools = priors.map(() => undefined)
  }

  /** The number a delay goes by. */
  indexOf(pool: number, device: number): number {
    return pool * this.devices + device
  }

  add(delay: number, precision: number, sum: number): void {
    const index = Math.floor(delay / this.devices)
    const device = delay % this.devices
    this.pools[index] ??= this.fresh(index)
    const pool = this.pools[index]
    pool.precision[device] = Math.max(0, pool.precision[device] + precision)
    pool.sum[device] += sum
  }

  /** Learns λ and ω of all pools anew from what was added: one step of expectation and maximisation. */
  refresh(): void {
    for (const [index, pool] of this.pools.entries()) {
      if (pool === undefined) continue
      const prior = this.believed(index)
      pool.spreadVariance = this.learnedSpread(pool, prior.spreadVariance)
      if (prior.variance === 0) {
        pool.meanMs = prior.meanMs
        continue
      }
      let total = 1 / prior.variance
      let weighted = prior.meanMs * total
      for (let device = 0; device < this.devices; device++) {
        const own = pool.precision[device]
        if (own <= 0) continue
        const share = 1 / (pool.spreadVariance + 1 / own)
        total += share
        weighted += (share * pool.sum[device]) / own
      }
      pool.meanMs = weighted / total
      pool.variance = 1 / total
    }
  }

  /** All that was told of a pool counts so many times as much as before. */
  scale(index: number, ratio: number): void {
    const pool = this.pools[index]
    if (!pool) return
    for (let device = 0; device < this.devices; device++) {
      pool.precision[device] *= ratio
      pool.sum[device] *= ratio
    }
  }

  estimate(index: number, device: number): Normal {
    const pool = this.pools[index] ?? this.believed(index)
    const own = within(pool, device, pool.meanMs)
    const share = own.variance / pool.spreadVariance
    return { mean: own.mean, variance: own.variance + share * share * pool.variance }
  }

  /** Draws λ for every pool; a device's delay is then drawn with `drawDelay`. Shape [pools]. */
  drawMeans(random: Random): Float64Array {
    return Float64Array.from(this.priors, (_, index) => {
      const { meanMs, variance } = this.pools[index] ?? this.believed(index)
      return meanMs + Math.sqrt(variance) * random.normal()
    })
  }

  drawDelay(index: number, device: number, meanMs: number, random: Random): number {
    const own = within(this.pools[index] ?? this.believed(index), device, meanMs)
    return own.mean + Math.sqrt(own.variance) * random.normal()
  }

  private learnedSpread({ precision, sum, meanMs, spreadVariance, variance }: Pool, prior: number) {
    let squares = this.spreadWeight * prior
    let weight = this.spreadWeight
    for (let device = 0; device < this.devices; device++) {
      const own = precision[device]
      if (own <= 0) continue
      const share = spreadVariance / (spreadVariance + variance + 1 / own)
      squares += (share * (sum[device] / own - meanMs)) ** 2 + spreadVariance * (1 - share)
      weight += 1
    }
    return squares / weight
  }

  /** A pool without devices' sums: what is believed of it before any sample. */
  private believed(index: number): Pool {
    const { mean, deviation, spread } = this.priors[index]
    return {
      precision: NO_SUMS,
      sum: NO_SUMS,
      meanMs: mean * this.typicalMs,
      variance: (deviation * this.typicalMs) ** 2,
      spreadVariance: (spread * this.typicalMs) ** 2,
    }
  }

  private fresh(index: number): Pool {
    const { devices } = this
    return {
      ...this.believed(index),
      precision: new Float64Array(devices),
      sum: new Float64Array(devices),
    }
  }
}

const NO_SUMS = new Float64Array(0)

/** A device's delay if λ is known. */
function within({ precision, sum, spreadVariance }: Pool, device: number, meanMs: number): Normal {
  const shared = 1 / spreadVariance
  const variance = 1 / (shared + (precision[device] ?? 0))
  return { mean: variance * (shared * meanMs + (sum[device] ?? 0)), variance }
}
