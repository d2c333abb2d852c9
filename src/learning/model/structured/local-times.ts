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
import { cholesky, inverse, solve, times } from '../../linear-algebra.ts'
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

/** Variances of s, q and d. Plain data. */
export interface Spread {
  readonly speed: number
  readonly family: number
  readonly pair: number
}

export interface GroupPrior extends GroupMeans {
  readonly spread: Spread
}

/** What a row's cells say, the group's means given. */
interface Evidence {
  /** Variants observed. Shape [seen]. */
  readonly seen: readonly number[]
  /** Cholesky factor of their covariance. Shape [seen, seen]. */
  readonly lower: Float64Array
  /** Their covariance inverted, times what was observed less what was expected. Shape [seen]. */
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

export class LocalTimes {
  groups: GroupMeans[]
  spreads: Spread[]
  private readonly kinds: readonly GroupPrior[]
  private readonly familyOf: readonly number[]
  private readonly spreadWeight: number
  private readonly variants: number
  private readonly precisions: readonly Float64Array[]

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
    this.precisions = kinds.map(({ covariance }) => inverse(covariance))
  }

  /** Begins with what is known of other devices of the same variants. */
  takeOver({ groups, spreads }: LocalTimes): void {
    // Groups that have no device now stay: those absent may be of them.
    this.groups = [...groups, ...this.groups.slice(groups.length)]
    this.spreads = [...spreads, ...this.spreads.slice(spreads.length)]
  }

  /** Learns group means and spreads anew. @param rows of all devices in all states */
  refresh(rows: readonly Row[]): void {
    this.spreads = this.learnedSpreads(rows)
    const { variants } = this
    const kindOf = (g: number) => g % this.kinds.length
    const precisions = this.groups.map((_, g) => this.precisions[kindOf(g)].slice())
    const weighted = precisions.map((precision, g) => times(precision, this.kinds[kindOf(g)].means))
    for (const row of rows) {
      const precision = precisions[row.group]
      const vector = weighted[row.group]
      const { seen, lower } = this.evidence(row)
      const unit = new Float64Array(seen.length)
      const values = Float64Array.from(seen, (k) => observed(row, k) - row.offsets[k])
      const shares = solve(lower, values)
      for (const [a, k] of seen.entries()) {
        vector[k] += shares[a]
        unit.fill(0)
        unit[a] = 1
        const column = solve(lower, unit)
        for (const [b, j] of seen.entries()) precision[k * variants + j] += column[b]
      }
    }
    this.groups = precisions.map((precision, g) => {
      const covariance = inverse(precision)
      return { means: times(covariance, weighted[g]), covariance }
    })
  }

  /** Writes expectation and variance of every variant, offsets included. Shapes [variants], from `offset` */
  estimate(row: Row, means: Float64Array, variances: Float64Array, offset = 0): void {
    const { variants } = this
    const { means: shared, covariance } = this.groups[row.group]
    const { seen, lower, weights } = this.evidence(row)
    const count = seen.length
    for (let k = 0; k < variants; k++) {
      let mean = row.offsets[k] + shared[k]
      let variance = this.own(row, k, k) + covariance[k * variants + k]
      if (count > 0) {
        const crossed = Float64Array.from(seen, (j) => this.own(row, k, j))
        const gains = solve(lower, crossed)
        for (let a = 0; a < count; a++) {
          const toShared = seen[a] * variants
          mean += crossed[a] * weights[a]
          variance -= gains[a] * (crossed[a] + 2 * covariance[toShared + k])
          for (let b = 0; b < count; b++) {
            variance += gains[a] * gains[b] * covariance[toShared + seen[b]]
          }
        }
      }
      means[offset + k] = mean
      variances[offset + k] = Math.max(variance, 1e-12)
    }
  }

  /** What is known of a row's deviations from its group: s + q + d and o. Shape [variants]. */
  deviations(row: Row): Float64Array {
    const means = new Float64Array(this.variants)
    this.estimate(row, means, new Float64Array(this.variants))
    return means.map((mean, k) => mean - this.groups[row.group].means[k])
  }

  /** A draw of what the groups' means may be. Shape [groups][variants]. */
  drawGroups(random: Random): readonly Float64Array[] {
    return this.groups.map(({ means, covariance }) => draw(means, covariance, random))
  }

  /** Writes a draw of what a device's times may be, the groups' means given. @param logs shape [variants], from `offset` */
  drawTimes(
    row: Row,
    groupMeans: readonly Float64Array[],
    random: Random,
    logs: Float64Array,
    offset: number,
  ): void {
    const { variants } = this
    const shared = groupMeans[row.group]
    const { seen, lower, weights } = this.evidence(row, shared)
    const gains = Array.from({ length: variants }, (_, k) =>
      solve(
        lower,
        Float64Array.from(seen, (j) => this.own(row, k, j)),
      ),
    )
    const covariance = new Float64Array(variants * variants)
    for (let k = 0; k < variants; k++) {
      let mean = row.offsets[k] + shared[k]
      for (const [a, j] of seen.entries()) mean += this.own(row, k, j) * weights[a]
      logs[offset + k] = mean
      for (let l = 0; l < variants; l++) {
        let rest = this.own(row, k, l)
        for (const [a, j] of seen.entries()) rest -= gains[k][a] * this.own(row, l, j)
        covariance[k * variants + l] = rest
      }
    }
    const factor = cholesky(covariance)
    const normals = Float64Array.from({ length: variants }, () => random.normal())
    const deviations = times(factor, normals)
    for (let k = 0; k < variants; k++) logs[offset + k] += deviations[k]
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
    const lower = cholesky(covariance)
    return { seen, lower, weights: solve(lower, errors) }
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
    const { seen, lower, weights } = this.evidence(row, undefined, covariance)
    if (seen.length === 0) return
    const { speed, family, pair } = this.spreads[row.group]
    /** @param among which of the observed variants share the component */
    const square = (variance: number, among: Float64Array) => {
      let mean = 0
      for (let a = 0; a < among.length; a++) mean += among[a] * weights[a]
      const explained = solve(lower, among).reduce((sum, gain, a) => sum + gain * among[a], 0)
      return (variance * mean) ** 2 + variance - variance * variance * explained
    }
    sums.speed += square(speed, new Float64Array(seen.length).fill(1))
    sums.rows += 1
    for (const f of new Set(seen.map((k) => this.familyOf[k]))) {
      const among = Float64Array.from(seen, (k) => (this.familyOf[k] === f ? 1 : 0))
      sums.family += square(family, among)
      sums.families += 1
    }
    for (const k of seen) {
      sums.pair += square(
        pair,
        Float64Array.from(seen, (j) => (j === k ? 1 : 0)),
      )
      sums.pairs += 1
    }
  }
}

/** Mean of a variant's samples. */
function observed(row: Row, variant: number): number {
  const cell = row.cells[variant]
  return cell && cell.precision > 0 ? cell.sum / cell.precision : 0
}
