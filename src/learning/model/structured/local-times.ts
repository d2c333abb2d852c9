/**
 * Times of inference at the devices, as logarithms of ms:
 *
 *     log t_ik = o_ik + θ_gk + s_i + q_if + d_ik      all normal; f is the precision family of variant k, g the group of device i
 *
 * o is what the device told of itself (0 where it told nothing), θ what a variant takes in the group, s the device's speed, q its way with
 * a family, d with a single variant. What one device shows of one variant tells of its other variants, most of those of its family, and of
 * the other devices of its group. How much devices deviate is learned too (empirical Bayes, one EM step at every refresh).
 */
import type { Random } from '../../../random.ts'
import { inverse, times } from '../../linear-algebra.ts'
import type { Cell } from './cell.ts'
import { draw } from './gaussian.ts'
import type { Watch } from './watch.ts'

/** One device in one state of its processor. Plain data. */
export interface Row {
  /** The group whose means it shares. */
  readonly group: number
  /** o_ik, and what was known of its deviations from the group before it changed. Shape [variants]. */
  readonly offsets: Float64Array
  /** Variance of its speed, where that is not the group's: since it changed. */
  readonly speedVariance?: number
  /** Variants never observed have none. Shape [variants]. */
  readonly cells: (Cell | undefined)[]
  readonly watch: Watch<Row>
}

/** θ of a group. Plain data. */
export interface GroupMeans {
  /** Shape [variants]. */
  readonly means: Float64Array
  /** Shape [variants, variants]. */
  readonly covariance: Float64Array
}

/** What is believed of a device's variants, offsets included. */
export interface RowEstimate {
  /** Shape [variants]. */
  readonly means: Float64Array
  /** Shape [variants]. */
  readonly variances: Float64Array
}

/** Variances of s, q and d. Plain data. */
export interface Spread {
  readonly speed: number
  readonly family: number
  readonly pair: number
}

/** What is believed of a group before anything is observed. Plain data. */
export interface GroupPrior extends GroupMeans {
  readonly spread: Spread
}

/** What a row's cells say, the group's means given. */
interface Evidence {
  /** Variants observed. Shape [seen]. */
  readonly seen: readonly number[]
  /** Their covariance inverted. Shape [seen, seen]. */
  readonly precision: Float64Array
  /** The same times what was observed less what was expected. Shape [seen]. */
  readonly weights: Float64Array
}

/** Sums of expected squares over all rows of a group, for one EM step. */
interface Squares {
  speed: number
  family: number
  pair: number
  rows: number
  families: number
  pairs: number
}

/** The belief in all devices' own times, the groups' means and spreads learned. */
export class LocalTimes {
  groups: GroupMeans[]
  spreads: Spread[]
  private readonly kinds: readonly GroupPrior[]
  private readonly familyOf: readonly number[]
  private readonly spreadWeight: number
  private readonly variants: number
  private readonly precisions: readonly Float64Array[]
  private readonly gained: Float64Array
  /** Those asked for since the groups were last learned, and the row's samples last weighed. */
  private estimates = new WeakMap<Row, RowEstimate>()

  /**
   * @param kinds what is believed of groups before anything is observed: of group g by kind g modulo the number of kinds. Shape [kinds]
   * @param groups how many there are
   * @param familyOf precision family of each variant, from 0. Shape [variants]
   * @param spreadWeight how many devices the prior spreads count like
   */
  constructor(
    kinds: readonly GroupPrior[],
    groups: number,
    familyOf: readonly number[],
    spreadWeight: number,
  ) {
    this.kinds = kinds
    const priors = Array.from({ length: groups }, (_, g) => kinds[g % kinds.length])
    this.groups = priors
    this.spreads = priors.map(({ spread }) => spread)
    this.familyOf = familyOf
    this.spreadWeight = spreadWeight
    this.variants = familyOf.length
    this.gained = new Float64Array(this.variants)
    this.precisions = kinds.map(({ covariance }) => inverse(covariance))
  }

  /** Begins with what is known of other devices of the same variants. */
  takeOver({ groups, spreads }: LocalTimes): void {
    // Groups that have no device now stay: those absent may be of them.
    this.restore(
      [...groups, ...this.groups.slice(groups.length)],
      [...spreads, ...this.spreads.slice(spreads.length)],
    )
  }

  /** @param groups their means, as learned before */
  restore(groups: readonly GroupMeans[], spreads: readonly Spread[]): void {
    this.groups = [...groups]
    this.spreads = [...spreads]
    this.estimates = new WeakMap()
  }

  /** A row's samples have been weighed anew: what was believed of it is no longer true. */
  forget(row: Row): void {
    this.estimates.delete(row)
  }

  /** Learns group means and spreads anew. @param rows of all devices in all states */
  refresh(rows: readonly Row[]): void {
    this.spreads = this.learnedSpreads(rows)
    const { variants } = this
    const kindOf = (g: number) => g % this.kinds.length
    const precisions = this.groups.map((_, g) => this.precisions[kindOf(g)].slice())
    const weighted = precisions.map((precision, g) => times(precision, this.kinds[kindOf(g)].means))
    for (const row of rows) {
      const sums = precisions[row.group]
      const vector = weighted[row.group]
      const { seen, precision } = this.evidence(row)
      const count = seen.length
      for (let a = 0; a < count; a++) {
        const k = seen[a]
        for (let b = 0; b < count; b++) {
          const j = seen[b]
          const share = precision[a * count + b]
          sums[k * variants + j] += share
          vector[k] += share * (observed(row, j) - row.offsets[j])
        }
      }
    }
    this.groups = precisions.map((precision, g) => {
      const covariance = inverse(precision)
      return { means: times(covariance, weighted[g]), covariance }
    })
    this.estimates = new WeakMap()
  }

  /** Not to be changed by the caller. */
  estimate(row: Row): RowEstimate {
    const known = this.estimates.get(row)
    if (known) return known
    const estimate = this.computed(row)
    this.estimates.set(row, estimate)
    return estimate
  }

  private computed(row: Row): RowEstimate {
    const { variants } = this
    const means = new Float64Array(variants)
    const variances = new Float64Array(variants)
    const { means: shared, covariance } = this.groups[row.group]
    const { seen, precision, weights } = this.evidence(row)
    const count = seen.length
    for (let k = 0; k < variants; k++) {
      const gains = this.gains(row, k, seen, precision)
      let mean = row.offsets[k] + shared[k]
      let variance = this.own(row, k, k) + covariance[k * variants + k]
      for (let a = 0; a < count; a++) {
        const toShared = seen[a] * variants
        const crossed = this.own(row, k, seen[a])
        mean += crossed * weights[a]
        variance -= gains[a] * (crossed + 2 * covariance[toShared + k])
        for (let b = 0; b < count; b++) {
          variance += gains[a] * gains[b] * covariance[toShared + seen[b]]
        }
      }
      means[k] = mean
      variances[k] = Math.max(variance, 1e-12)
    }
    return { means, variances }
  }

  /** What is known of a row's deviations from its group: s + q + d and o. Shape [variants]. */
  deviations(row: Row): Float64Array {
    return this.estimate(row).means.map((mean, k) => mean - this.groups[row.group].means[k])
  }

  /** A draw of what the groups' means may be. Shape [groups][variants]. */
  drawGroups(random: Random): readonly Float64Array[] {
    return this.groups.map(({ means, covariance }) => draw(means, covariance, random))
  }

  /** A draw of the logarithms of a device's times, the groups' means given. Shape [variants]. */
  drawTimes(row: Row, groupMeans: readonly Float64Array[], random: Random): Float64Array {
    const { variants } = this
    const shared = groupMeans[row.group]
    const { seen, precision, weights } = this.evidence(row, shared)
    const means = new Float64Array(variants)
    const covariance = new Float64Array(variants * variants)
    for (let k = 0; k < variants; k++) {
      const gains = this.gains(row, k, seen, precision)
      means[k] = row.offsets[k] + shared[k]
      for (let a = 0; a < seen.length; a++) means[k] += this.own(row, k, seen[a]) * weights[a]
      for (let l = 0; l < variants; l++) {
        let rest = this.own(row, k, l)
        for (let a = 0; a < seen.length; a++) rest -= gains[a] * this.own(row, l, seen[a])
        covariance[k * variants + l] = rest
      }
    }
    return draw(means, covariance, random)
  }

  /** Covariance of s + q + d of two variants of one device. */
  private own({ group, speedVariance }: Row, k: number, j: number): number {
    const { speed, family, pair } = this.spreads[group]
    return (
      (speedVariance ?? speed) +
      (this.familyOf[k] === this.familyOf[j] ? family : 0) +
      (k === j ? pair : 0)
    )
  }

  /** What each observed variant tells of variant k. Shape [seen], for the caller to read before the next call. */
  private gains(
    row: Row,
    k: number,
    seen: readonly number[],
    precision: Float64Array,
  ): Float64Array {
    const { gained } = this
    const count = seen.length
    gained.fill(0)
    for (let b = 0; b < count; b++) {
      const crossed = this.own(row, k, seen[b])
      for (let a = 0; a < count; a++) gained[a] += precision[a * count + b] * crossed
    }
    return gained
  }

  /** @param shared θ; what is known of it is added to the covariance where `uncertain` is given. Shape [variants, variants] */
  private evidence(
    row: Row,
    shared: Float64Array = this.groups[row.group].means,
    uncertain?: Float64Array,
  ): Evidence {
    const seen: number[] = []
    for (let k = 0; k < this.variants; k++) if ((row.cells[k]?.precision ?? 0) > 0) seen.push(k)
    const count = seen.length
    const covariance = new Float64Array(count * count)
    const errors = new Float64Array(count)
    for (let a = 0; a < count; a++) {
      const k = seen[a]
      for (let b = 0; b < count; b++) {
        const extra = uncertain ? uncertain[k * this.variants + seen[b]] : 0
        covariance[a * count + b] = this.own(row, k, seen[b]) + extra
      }
      covariance[a * count + a] += 1 / (row.cells[k]?.precision ?? 1)
      errors[a] = observed(row, k) - row.offsets[k] - shared[k]
    }
    const precision = inverse(covariance)
    return { seen, precision, weights: times(precision, errors) }
  }

  private learnedSpreads(rows: readonly Row[]): Spread[] {
    const sums = this.spreads.map(
      (): Squares => ({ speed: 0, family: 0, pair: 0, rows: 0, families: 0, pairs: 0 }),
    )
    for (const row of rows)
      if (row.speedVariance === undefined) this.addSquares(row, sums[row.group])
    return sums.map((squares, g) => {
      const { spread } = this.kinds[g % this.kinds.length]
      const { speed, family, pair, rows, families, pairs } = squares
      const weight = this.spreadWeight
      return {
        speed: (weight * spread.speed + speed) / (weight + rows),
        family: (weight * spread.family + family) / (weight + families),
        pair: (weight * spread.pair + pair) / (weight + pairs),
      }
    })
  }

  /**
   * Adds E[s²], E[q²] and E[d²] given the row's cells. What is not known of θ counts as noise: as if it were known, the spreads would
   * shrink to nothing in a fleet of one device.
   */
  private addSquares(row: Row, sums: Squares): void {
    const { covariance } = this.groups[row.group]
    const { seen, precision, weights } = this.evidence(row, undefined, covariance)
    const count = seen.length
    if (count === 0) return
    const spread = this.spreads[row.group]
    /** E[x²] of a component x of some of the observed variants. @param isOf whether it is one of them */
    const square = (variance: number, isOf: (variant: number) => boolean) => {
      let mean = 0
      let explained = 0
      for (let a = 0; a < count; a++) {
        if (!isOf(seen[a])) continue
        mean += weights[a]
        for (let b = 0; b < count; b++) if (isOf(seen[b])) explained += precision[a * count + b]
      }
      return (variance * mean) ** 2 + variance - variance * variance * explained
    }
    sums.speed += square(spread.speed, () => true)
    sums.rows += 1
    const { familyOf } = this
    for (const f of new Set(seen.map((k) => familyOf[k]))) {
      sums.family += square(spread.family, (k) => familyOf[k] === f)
      sums.families += 1
    }
    for (const k of seen) sums.pair += square(spread.pair, (j) => j === k)
    sums.pairs += count
  }
}

/** Mean of a variant's samples. */
function observed(row: Row, variant: number): number {
  const cell = row.cells[variant]
  return cell && cell.precision > 0 ? cell.sum / cell.precision : 0
}
