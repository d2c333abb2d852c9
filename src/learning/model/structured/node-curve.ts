/**
 * Response time of a node that devices share, as the logarithm of ms by its number of users m: f ~ GP over the load x = log(1 + m),
 *
 *     E f = a + b (x - x_1)      cov(f, f') = level² + slope² (x - x_1)(x' - x_1) + walk² min(x - x_1, x' - x_1)
 *
 * at knots, linear in between. Nothing but a rising trend is assumed, and that loosely: it may fall, jump and saturate.
 */
import type { Random } from '../../../random.ts'
import { inverse, times as product } from '../../linear-algebra.ts'
import type { Cell, Normal } from './cell.ts'
import { NODE } from './constants.ts'
import { draw } from './gaussian.ts'
import type { Watch } from './watch.ts'

/** What is believed of a node in one state of its processor. Plain data. */
export interface Curve {
  readonly priorMean: Float64Array
  /** Shape [knots, knots]. */
  readonly priorCovariance: Float64Array
  mean: Float64Array
  covariance: Float64Array
  /** By number of users. */
  readonly cells: Map<number, Cell>
  readonly watch: Watch<Curve>
}

/** Numbers of users at the knots: 1, 2, … up to `most` at least. For fewer users they begin alike. */
export function knotsUpTo(most: number): Int32Array {
  const knots = [1]
  for (let users = 1; users < most; ) {
    users = users < NODE.denseKnots ? users + 1 : Math.ceil(users * NODE.knotGrowth)
    knots.push(users)
  }
  return Int32Array.from(knots)
}

/** Before anything is known of the node. @param levelMs what a lone user takes, about */
export function freshCurve(knots: Int32Array, levelMs: number, watch: Watch<Curve>): Curve {
  const loads = Float64Array.from(knots, (users) => Math.log((1 + users) / 2))
  const { level, slope, walkDeviation } = NODE
  const priorMean = loads.map((load) => Math.log(levelMs) + slope.mean * load)
  const priorCovariance = new Float64Array(knots.length ** 2)
  for (const [i, a] of loads.entries()) {
    for (const [j, b] of loads.entries()) {
      priorCovariance[i * knots.length + j] =
        level.deviation ** 2 + slope.deviation ** 2 * a * b + walkDeviation ** 2 * Math.min(a, b)
    }
  }
  return curveOf(priorMean, priorCovariance, watch)
}

/** The same curve raised by `shift`, less certain by `variance` at every number of users alike, and with no samples. */
export function shifted(
  { mean, covariance }: Curve,
  shift: number,
  variance: number,
  watch: Watch<Curve>,
): Curve {
  return curveOf(
    mean.map((value) => value + shift),
    covariance.map((value) => value + variance),
    watch,
  )
}

function curveOf(
  priorMean: Float64Array,
  priorCovariance: Float64Array,
  watch: Watch<Curve>,
): Curve {
  return {
    priorMean,
    priorCovariance,
    mean: priorMean.slice(),
    covariance: priorCovariance.slice(),
    cells: new Map(),
    watch,
  }
}

/**
 * The same curve over more knots: what is believed of the new ones follows from the old ones by the prior of a fresh curve.
 * @param fresh over all knots, of which `curve` has the first
 */
export function extended(curve: Curve, fresh: Curve, knots: Int32Array): Curve {
  const size = curve.priorMean.length
  const all = fresh.priorMean.length
  const of = (i: number, j: number) => fresh.priorCovariance[i * all + j]
  const known = inverse(
    Float64Array.from({ length: size * size }, (_, at) => of(Math.floor(at / size), at % size)),
  )
  const priorMean = fresh.priorMean.slice()
  const differences = curve.priorMean.map((mean, i) => mean - fresh.priorMean[i])
  // Row i: what each old knot weighs in knot i.
  const weights = Array.from({ length: all }, (_, i) =>
    i < size
      ? differences.map((_, j) => (i === j ? 1 : 0))
      : product(
          known,
          Float64Array.from({ length: size }, (_, j) => of(i, j)),
        ),
  )
  const weighed = (i: number, values: (j: number) => number) =>
    weights[i].reduce((sum, weight, j) => sum + weight * values(j), 0)
  const priorCovariance = new Float64Array(all * all)
  for (let i = 0; i < all; i++) {
    priorMean[i] = priorMean[i] + weighed(i, (j) => differences[j])
    for (let k = 0; k < all; k++) {
      const inherited = weighed(i, (j) => weighed(k, (l) => curve.priorCovariance[j * size + l]))
      const own = i < size || k < size ? 0 : of(i, k) - weighed(i, (j) => of(j, k))
      priorCovariance[i * all + k] = inherited + own
    }
  }
  const { cells, watch } = curve
  const longer = { ...curveOf(priorMean, priorCovariance, watch), cells }
  rebuild(longer, knots)
  return longer
}

/** Learns the curve anew from its cells. */
export function rebuild(curve: Curve, knots: Int32Array): void {
  curve.mean = curve.priorMean.slice()
  curve.covariance = curve.priorCovariance.slice()
  for (const [users, { precision, sum }] of curve.cells) {
    if (precision > 0) learn(curve, knots, users, sum / precision, 1 / precision)
  }
}

/** The belief for a number of users, whole or between. */
export function estimate({ mean, covariance }: Curve, knots: Int32Array, users: number): Normal {
  const { left, share } = between(knots, users)
  const right = Math.min(left + 1, knots.length - 1)
  const at = (i: number, j: number) => covariance[i * knots.length + j]
  return {
    mean: (1 - share) * mean[left] + share * mean[right],
    variance:
      (1 - share) ** 2 * at(left, left) +
      2 * share * (1 - share) * at(left, right) +
      share ** 2 * at(right, right),
  }
}

/** One observation of the logarithm (a Kalman update). */
function learn(curve: Curve, knots: Int32Array, users: number, value: number, noise: number): void {
  const { mean, covariance } = curve
  const size = knots.length
  const { left, share } = between(knots, users)
  const right = Math.min(left + 1, size - 1)
  const gains = mean.map(
    (_, i) => (1 - share) * covariance[i * size + left] + share * covariance[i * size + right],
  )
  const variance = (1 - share) * gains[left] + share * gains[right] + noise
  const error = value - (1 - share) * mean[left] - share * mean[right]
  for (let i = 0; i < size; i++) {
    const gain = gains[i] / variance
    mean[i] = mean[i] + gain * error
    for (let j = 0; j < size; j++) {
      covariance[i * size + j] = covariance[i * size + j] - gain * gains[j]
    }
  }
}

/**
 * Logarithms at the knots: the expectation less `optimism` deviations, or a draw. What was never seen is not taken for much faster than
 * what is seen with fewer users: else every node would be filled up to see whether it gets faster.
 */
export function knotValues(
  { mean, covariance, cells }: Curve,
  knots: Int32Array,
  how: { readonly optimism: number } | { readonly random: Random },
): Float64Array {
  if ('optimism' in how && how.optimism === 0) return mean
  const values =
    'random' in how
      ? draw(mean, covariance, how.random)
      : mean.map(
          (value, i) =>
            value - how.optimism * Math.sqrt(Math.max(0, covariance[i * (mean.length + 1)])),
        )
  for (let i = 1; i < values.length; i++) {
    const isSeen = (cells.get(knots[i])?.precision ?? 0) > 0
    if (!isSeen) values[i] = Math.max(values[i], values[i - 1] - NODE.mostGain)
  }
  return values
}

/** Response times for 1, 2, …, `most` users, ms. */
export function times(values: Float64Array, knots: Int32Array, most: number): Float64Array {
  return Float64Array.from({ length: most }, (_, index) => {
    const { left, share } = between(knots, index + 1)
    const right = Math.min(left + 1, knots.length - 1)
    return Math.exp((1 - share) * values[left] + share * values[right])
  })
}

function between(knots: Int32Array, users: number): { left: number; share: number } {
  let left = Math.max(1, Math.min(Math.floor(users), knots.length)) - 1
  while (left > 0 && knots[left] > users) left--
  const from = knots[left]
  const to = knots[left + 1]
  const share = to === undefined ? 0 : (users - from) / (to - from)
  return { left, share: Math.min(1, Math.max(0, share)) }
}
