/**
 * Times of inference at the devices, as logarithms of ms:
 *
 *     log t_ik = mean of class c, variant k + speed of device i + deviation of (i, k),   all normal.
 *
 * What one device shows of one variant tells of its other variants, and of the other devices of its class. How much devices and
 * variants deviate is learned too (empirical Bayes).
 */
import type { Random } from '../../../random.ts'
import { inverse, times } from '../../linear-algebra.ts'
import type { Cell } from './cell.ts'
import { draw } from './gaussian.ts'
import type { Watch } from './watch.ts'

/** One device in one state of its processor. Plain data. */
export interface Row {
  /** The class whose means it shares; -1: it has its own, and shares nothing. */
  readonly classIndex: number
  /** What the variants take where it shares nothing. Shape [variants]. */
  readonly means: Float64Array
  /** Variance of the speed where it shares nothing. */
  readonly speedVariance: number
  /** Variants never observed have none. Shape [variants]. */
  readonly cells: (Cell | undefined)[]
  readonly watch: Watch<Row>
}

/** Plain data. */
export interface ClassMeans {
  /** Shape [variants]. */
  readonly means: Float64Array
  /** Shape [variants, variants]. */
  readonly covariance: Float64Array
}

/** Plain data. */
export interface Spread {
  /** Variance of a device's speed within its class. */
  readonly speed: number
  /** Variance of a variant's time beside what speed and class say. */
  readonly deviation: number
}

export interface LocalPrior {
  /** Shape [variants]. */
  readonly means: Float64Array
  /** Shape [variants, variants]. */
  readonly covariance: Float64Array
}

const PRIOR_SPREAD: Spread = { speed: 0.4 ** 2, deviation: 0.15 ** 2 }
/** How many devices or cells the prior spread counts like. */
const PRIOR_COUNT = 10

/** What a row's estimates are computed from. */
interface Summary {
  /** Expected speed of the device and its variance, its class means given. */
  readonly speed: number
  readonly speedVariance: number
  /** 1 / variance of each variant's observed mean around what class and speed say; 0 where there is none. Shape [variants]. */
  readonly shares: Float64Array
}

export class LocalTimes {
  classes: ClassMeans[]
  spread = PRIOR_SPREAD
  private readonly variants: number
  private readonly precision: Float64Array
  private readonly weighted: Float64Array
  private readonly zeros: Float64Array
  private readonly crossed: Float64Array
  private readonly shares: Float64Array

  constructor(prior: LocalPrior, classes: number) {
    this.variants = prior.means.length
    this.classes = Array.from({ length: classes }, () => prior)
    this.precision = inverse(prior.covariance)
    this.weighted = times(this.precision, prior.means)
    this.zeros = new Float64Array(this.variants * this.variants)
    this.shares = new Float64Array(this.variants)
    this.crossed = new Float64Array(this.variants)
  }

  /** Begins with what is known of other devices of the same variants. */
  takeOver({ classes, spread }: LocalTimes): void {
    // Also classes that have no device now: those absent may be of them.
    this.classes = [...classes, ...this.classes.slice(classes.length)]
    this.spread = spread
  }

  /** Learns class means and spread anew. @param rows of all devices in all states */
  refresh(rows: readonly Row[]): void {
    this.spread = this.learnedSpread(rows)
    const { variants } = this
    const precisions = this.classes.map(() => this.precision.slice())
    const weighted = this.classes.map(() => this.weighted.slice())
    for (const row of rows) {
      const precision = precisions[row.classIndex]
      const vector = weighted[row.classIndex]
      if (precision === undefined || vector === undefined) continue
      const { shares, speedVariance } = this.summarise(row)
      let total = 0
      for (let k = 0; k < variants; k++) total += shares[k] * observed(row, k)
      for (let k = 0; k < variants; k++) {
        const share = shares[k]
        if (share === 0) continue
        vector[k] = vector[k] + share * (observed(row, k) - speedVariance * total)
        const start = k * variants
        precision[start + k] = precision[start + k] + share
        for (let j = 0; j < variants; j++) {
          precision[start + j] = precision[start + j] - speedVariance * share * shares[j]
        }
      }
    }
    this.classes = precisions.map((precision, index) => {
      const covariance = inverse(precision)
      return { means: times(covariance, weighted[index]), covariance }
    })
  }

  /** By the class means there are: what follows from it is exact only if they are learned after it. */
  private learnedSpread(rows: readonly Row[]): Spread {
    const sums = { speeds: 0, rows: 0, deviations: 0, cells: 0 }
    for (const row of rows) {
      if (row.classIndex >= 0) this.addSquares(row, this.summarise(row), sums)
    }
    return {
      speed: (PRIOR_COUNT * PRIOR_SPREAD.speed + sums.speeds) / (PRIOR_COUNT + sums.rows),
      deviation:
        (PRIOR_COUNT * PRIOR_SPREAD.deviation + sums.deviations) / (PRIOR_COUNT + sums.cells),
    }
  }

  /** Writes expectation and variance of every variant. @param means @param variances shape [variants], from `offset` */
  estimate(row: Row, means: Float64Array, variances: Float64Array, offset = 0): void {
    const { variants, spread, crossed } = this
    const { means: prior, covariance } = this.meansOf(row)
    const { shares, speed, speedVariance } = this.summarise(row)
    // Σ d and d'Σd, where speed = constant - d'means.
    let quadratic = 0
    for (let j = 0; j < variants; j++) {
      let sum = 0
      for (let k = 0; k < variants; k++) {
        const share = shares[k]
        if (share !== 0) sum += covariance[j * variants + k] * share * speedVariance
      }
      crossed[j] = sum
      quadratic += sum * shares[j] * speedVariance
    }
    for (let k = 0; k < variants; k++) {
      const cell = row.cells[k]
      const own = 1 / spread.deviation + (cell?.precision ?? 0)
      const inherited = 1 / spread.deviation / own
      const shared = speedVariance + covariance[k * variants + k] - 2 * crossed[k] + quadratic
      means[offset + k] = inherited * (prior[k] + speed) + (cell?.sum ?? 0) / own
      variances[offset + k] = 1 / own + inherited * inherited * Math.max(0, shared)
    }
  }

  /** A draw of what the classes' means may be. */
  drawClasses(random: Random): readonly Float64Array[] {
    return this.classes.map(({ means, covariance }) => draw(means, covariance, random))
  }

  /** Writes a draw of what a device's times may be, the classes' means given. @param times shape [variants], from `offset` */
  drawTimes(
    row: Row,
    classMeans: readonly Float64Array[],
    random: Random,
    times: Float64Array,
    offset: number,
  ): void {
    const prior = classMeans[row.classIndex] ?? row.means
    const { speed, speedVariance } = this.summarise(row, prior)
    const drawn = speed + Math.sqrt(speedVariance) * random.normal()
    for (let k = 0; k < this.variants; k++) {
      const cell = row.cells[k]
      const own = 1 / this.spread.deviation + (cell?.precision ?? 0)
      const mean = ((prior[k] + drawn) / this.spread.deviation + (cell?.sum ?? 0)) / own
      times[offset + k] = mean + random.normal() / Math.sqrt(own)
    }
  }

  private meansOf(row: Row): ClassMeans {
    return this.classes[row.classIndex] ?? { means: row.means, covariance: this.zeros }
  }

  /** @param prior means of the variants for a device of usual speed */
  private summarise(row: Row, prior: Float64Array = this.meansOf(row).means): Summary {
    const { shares, spread } = this
    const speedVariance = row.classIndex < 0 ? row.speedVariance : spread.speed
    let total = 1 / speedVariance
    let weighted = 0
    for (let k = 0; k < this.variants; k++) {
      const precision = row.cells[k]?.precision ?? 0
      const share = precision > 0 ? 1 / (spread.deviation + 1 / precision) : 0
      shares[k] = share
      if (share === 0) continue
      total += share
      weighted += share * (observed(row, k) - prior[k])
    }
    return { shares, speed: weighted / total, speedVariance: 1 / total }
  }

  /** Expected squares of speed and deviations. */
  private addSquares(
    row: Row,
    { shares, speed, speedVariance }: Summary,
    sums: { speeds: number; rows: number; deviations: number; cells: number },
  ): void {
    const { deviation } = this.spread
    const { means } = this.meansOf(row)
    let isObserved = false
    for (let k = 0; k < this.variants; k++) {
      const share = shares[k]
      if (share === 0) continue
      isObserved = true
      const gain = deviation * share
      const expected = gain * (observed(row, k) - means[k] - speed)
      sums.deviations += expected ** 2 + deviation * (1 - gain) + gain * gain * speedVariance
      sums.cells++
    }
    if (!isObserved) return
    sums.speeds += speed ** 2 + speedVariance
    sums.rows++
  }
}

function observed(row: Row, variant: number): number {
  const cell = row.cells[variant]
  return cell && cell.precision > 0 ? cell.sum / cell.precision : 0
}
