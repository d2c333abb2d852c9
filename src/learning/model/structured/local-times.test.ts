import { expect, it } from 'vitest'
import { Random } from '../../../random.ts'
import { inverse, times } from '../../linear-algebra.ts'
import { type Cell, emptyCell } from './cell.ts'
import { type GroupPrior, LocalTimes, type Row, type Spread } from './local-times.ts'
import { freshWatch } from './watch.ts'

const SPREAD: Spread = { speed: 0.16, family: 0.05, pair: 0.02 }
/** Two kinds of groups: those that told nothing, and those that told their own times. */
const UNTOLD: GroupPrior = {
  means: Float64Array.of(5, 4, 4.5),
  covariance: Float64Array.of(0.8, 0.5, 0.5, 0.5, 0.9, 0.4, 0.5, 0.4, 0.7),
  spread: SPREAD,
}
const TOLD: GroupPrior = {
  means: Float64Array.of(0, 0, 0),
  covariance: Float64Array.of(0.3, 0.2, 0.2, 0.2, 0.3, 0.2, 0.2, 0.2, 0.3),
  spread: { speed: 0.04, family: 0.01, pair: 0.005 },
}
const KINDS = [UNTOLD, TOLD]
const FAMILIES = [0, 1, 0]
const VARIANTS = 3
const WEIGHT = 4

function localOf(groups = 2): LocalTimes {
  return new LocalTimes(KINDS, groups, FAMILIES, WEIGHT)
}

function cellOf(precision: number, mean: number): Cell {
  return { ...emptyCell(1), precision, sum: precision * mean }
}

function rowOf(cells: (Cell | undefined)[], group = 0, own: Partial<Row> = {}): Row {
  const offsets = new Float64Array(VARIANTS)
  return { group, offsets, cells, watch: freshWatch<Row>(), ...own }
}

function estimateOf(local: LocalTimes, row: Row) {
  return local.estimate(row)
}

/** Devices of groups 0 to 3, some that told times, some that changed, some of which nothing was seen. */
function randomRows(random: Random, count: number): Row[] {
  return Array.from({ length: count }, () => {
    const group = random.integer(4)
    const cells = Array.from({ length: VARIANTS }, () =>
      random.uniform() < 0.4 ? undefined : cellOf(5 + 200 * random.uniform(), 5 + random.normal()),
    )
    const offsets = Float64Array.from({ length: VARIANTS }, () =>
      group % 2 === 1 ? 4 + random.normal() : 0,
    )
    const hasChanged = random.uniform() < 0.3
    return rowOf(cells, group, { offsets, ...(hasChanged && { speedVariance: 0.49 }) })
  })
}

it('starts with the prior, widened by what devices, families and variants deviate', () => {
  const local = localOf()
  const { means, variances } = estimateOf(local, rowOf([]))
  expect([...means]).toEqual([5, 4, 4.5])
  expect(variances[1]).toBeCloseTo(0.9 + 0.16 + 0.05 + 0.02, 12)
  const told = rowOf([], 1, { offsets: Float64Array.of(3, 2, 1) })
  expect([...estimateOf(local, told).means]).toEqual([3, 2, 1])
  expect(estimateOf(local, told).variances[2]).toBeCloseTo(0.3 + 0.04 + 0.01 + 0.005, 12)
})

it('agrees with the joint normal distribution of all devices and variants (fuzz)', () => {
  const random = new Random(7)
  for (let round = 0; round < 30; round++) {
    const rows = randomRows(random, 1 + random.integer(5))
    const local = localOf(4)
    for (let step = 0; step < 1 + random.integer(3); step++) local.refresh(rows)
    const expected = jointPosterior(rows, local.spreads)
    for (const [index, row] of rows.entries()) {
      const { means, variances } = estimateOf(local, row)
      const deviations = local.deviations(row)
      for (let k = 0; k < VARIANTS; k++) {
        expect(means[k]).toBeCloseTo(expected.mean(index, k), 6)
        expect(variances[k]).toBeCloseTo(expected.variance(index, k), 6)
        expect(deviations[k]).toBeCloseTo(means[k] - local.groups[row.group].means[k], 9)
      }
    }
  }
})

it('learns spreads by one EM step of that distribution (fuzz)', () => {
  const random = new Random(8)
  for (let round = 0; round < 20; round++) {
    const rows = randomRows(random, 1 + random.integer(4))
    const local = localOf(4)
    local.refresh(rows)
    const expected = emStep(rows, local)
    local.refresh(rows)
    for (const [g, spread] of local.spreads.entries()) {
      expect(spread.speed).toBeCloseTo(expected[g]?.speed ?? Number.NaN, 9)
      expect(spread.family).toBeCloseTo(expected[g]?.family ?? Number.NaN, 9)
      expect(spread.pair).toBeCloseTo(expected[g]?.pair ?? Number.NaN, 9)
    }
  }
})

it('carries what one device shows to the others of its group alone', () => {
  const local = localOf(4)
  const seen = rowOf([cellOf(150, 6)])
  local.refresh([seen])
  expect(estimateOf(local, rowOf([])).means[0]).toBeGreaterThan(5.5)
  expect(estimateOf(local, rowOf([])).means[1]).toBeGreaterThan(4.3)
  // Group 2 is of the same kind.
  for (const [k, mean] of UNTOLD.means.entries()) {
    expect(estimateOf(local, rowOf([], 2)).means[k]).toBeCloseTo(mean, 9)
  }
})

it('tells more of variants of the same family than of others', () => {
  const local = localOf()
  const seen = rowOf([cellOf(1000, 6)])
  const { means, variances } = estimateOf(local, seen)
  // Speed and family against speed alone, over all that a device deviates.
  const total = 0.16 + 0.05 + 0.02 + 0.001
  expect(means[2] - 4.5).toBeCloseTo(0.21 / total, 9)
  expect(means[1] - 4).toBeCloseTo(0.16 / total, 9)
  expect(variances[2]).toBeLessThan(variances[1])
})

it('begins with the deviations of a device that changed, and with a speed of its own', () => {
  const local = localOf()
  const changed = rowOf([], 0, { offsets: Float64Array.of(2, 1, 0), speedVariance: 0.49 })
  const { means, variances } = estimateOf(local, changed)
  expect([...means]).toEqual([7, 5, 4.5])
  expect(variances[0]).toBeCloseTo(0.8 + 0.49 + 0.05 + 0.02, 12)
  // What it shows moves all variants together.
  const seen = { ...changed, cells: [cellOf(1e6, 8)] }
  expect(estimateOf(local, seen).means[1] - 5).toBeCloseTo(0.49 / (0.49 + 0.07), 4)
})

it('does not learn how devices differ from one that changed', () => {
  const local = localOf()
  const rows = [rowOf([cellOf(1000, 9), cellOf(1000, 3)], 0, { speedVariance: 0.49 })]
  local.refresh(rows)
  for (const component of ['speed', 'family', 'pair'] as const) {
    expect(local.spreads[0]?.[component]).toBeCloseTo(SPREAD[component], 12)
  }
})

it.each([
  [0.6, 0.05, 0.05],
  [0.1, 0.5, 0.05],
  [0.1, 0.05, 0.4],
])('learns that devices differ by %d, in families by %d, in variants by %d', (...deviations) => {
  const random = new Random(9)
  const [speed = 0, family = 0, pair = 0] = deviations
  const rows = Array.from({ length: 200 }, () => {
    const own = speed * random.normal()
    const families = [family * random.normal(), family * random.normal()]
    const cells = FAMILIES.map((f, k) =>
      cellOf(1000, UNTOLD.means[k] + own + (families[f] ?? 0) + pair * random.normal()),
    )
    return rowOf(cells)
  })
  const local = localOf()
  for (let round = 0; round < 120; round++) local.refresh(rows)
  const learned = local.spreads[0]
  expect(Math.abs(Math.sqrt(learned?.speed ?? 0) - speed)).toBeLessThan(0.15)
  expect(Math.abs(Math.sqrt(learned?.family ?? 0) - family)).toBeLessThan(0.15)
  expect(Math.abs(Math.sqrt(learned?.pair ?? 0) - pair)).toBeLessThan(0.15)
})

it('does not take itself for sure of how devices differ where there is one', () => {
  const local = localOf()
  const row = rowOf([cellOf(1000, 7), cellOf(1000, 6), cellOf(1000, 6.5)])
  for (let round = 0; round < 200; round++) local.refresh([row])
  // Four devices' worth of prior against one.
  expect(local.spreads[0]?.speed).toBeGreaterThan(0.5 * SPREAD.speed)
})

it('draws as often above as it believes', () => {
  const local = localOf()
  const row = rowOf([cellOf(100, 5.4), undefined, cellOf(20, 4.2)])
  const other = rowOf([cellOf(30, 5), cellOf(80, 4.4)])
  local.refresh([row, other])
  const random = new Random(9)
  const drawn = Array.from({ length: 20_000 }, () => {
    return local.drawTimes(row, local.drawGroups(random), random)
  })
  const { means, variances } = estimateOf(local, row)
  for (let k = 0; k < VARIANTS; k++) {
    const mean = drawn.reduce((sum, values) => sum + values[k], 0) / drawn.length
    const squares = drawn.reduce((sum, values) => sum + (values[k] - mean) ** 2, 0)
    expect(Math.abs(mean - means[k])).toBeLessThan(0.02)
    expect(Math.abs(squares / drawn.length / variances[k] - 1)).toBeLessThan(0.06)
  }
})

it('goes on with what is known of groups, also of those that have no device now', () => {
  const many = localOf(6)
  const rows = [rowOf([cellOf(150, 6)], 0), rowOf([cellOf(150, 2)], 4)]
  many.refresh(rows)
  const few = localOf(2)
  few.takeOver(many)
  for (const row of rows) expect(estimateOf(few, row)).toEqual(estimateOf(many, row))
  // A row of the fifth group may be among those absent.
  few.refresh(rows)
  many.refresh(rows)
  expect(few.groups).toEqual(many.groups)
  // More groups than before: the new ones begin with their kind.
  const more = localOf(8)
  more.takeOver(few)
  expect([...estimateOf(more, rowOf([], 6)).means]).toEqual([5, 4, 4.5])
  expect([...estimateOf(more, rowOf([], 7)).means]).toEqual([0, 0, 0])
})

/** All (device, variant) at once, as one normal distribution conditioned on every cell. */
function jointPosterior(rows: readonly Row[], spreads: readonly Spread[]) {
  const size = rows.length * VARIANTS
  const covarianceOf = (a: number, b: number) => {
    const [i, k, j, l] = [Math.floor(a / VARIANTS), a % VARIANTS, Math.floor(b / VARIANTS), b % 3]
    const [row, other] = [rows[i], rows[j]]
    if (row?.group !== other?.group) return 0
    const { covariance } = KINDS[(row?.group ?? 0) % 2]
    const shared = covariance[k * VARIANTS + l]
    return shared + (i === j ? ownCovariance(row, spreads, k, l) : 0)
  }
  const prior = Float64Array.from({ length: size * size }, (_, at) =>
    covarianceOf(Math.floor(at / size), at % size),
  )
  const means = Float64Array.from({ length: size }, (_, a) => {
    const row = rows[Math.floor(a / VARIANTS)]
    const k = a % VARIANTS
    return KINDS[row.group % 2].means[k] + row.offsets[k]
  })
  const precision = inverse(prior)
  const weighted = times(precision, means)
  for (const [index, row] of rows.entries()) {
    for (const [k, cell] of row.cells.entries()) {
      const at = index * VARIANTS + k
      precision[at * size + at] = precision[at * size + at] + (cell?.precision ?? 0)
      weighted[at] = weighted[at] + (cell?.sum ?? 0)
    }
  }
  const covariance = inverse(precision)
  const posterior = times(covariance, weighted)
  const at = (index: number, k: number) => index * VARIANTS + k
  return {
    mean: (index: number, k: number) => posterior[at(index, k)],
    variance: (index: number, k: number) => covariance[at(index, k) * (size + 1)],
  }
}

function ownCovariance(
  { group, speedVariance }: Row,
  spreads: readonly Spread[],
  k: number,
  l: number,
): number {
  const { speed, family, pair } = spreads[group]
  return (
    (speedVariance ?? speed) + (FAMILIES[k] === FAMILIES[l] ? family : 0) + (k === l ? pair : 0)
  )
}

/**
 * E[s²], E[q²] and E[d²] of each row by conditioning (s, q_0, q_1, d_0, d_1, d_2) on its cells, with θ's posterior as a prior; then the
 * mean with the prior that counts like four.
 */
function emStep(rows: readonly Row[], local: LocalTimes): Spread[] {
  const components = 1 + 2 + VARIANTS
  return local.spreads.map((spread, g) => {
    const sums = { speed: 0, family: 0, pair: 0, rows: 0, families: 0, pairs: 0 }
    for (const row of rows) {
      const seen = [0, 1, 2].filter((k) => row.cells[k])
      if (row.group !== g || row.speedVariance !== undefined || seen.length === 0) continue
      const variances = [
        spread.speed,
        spread.family,
        spread.family,
        ...Array<number>(VARIANTS).fill(spread.pair),
      ]
      const holds = (component: number, k: number) =>
        component === 0 || component - 1 === FAMILIES[k] || component - 3 === k ? 1 : 0
      const { means, covariance } = local.groups[g]
      const gram = inverse(
        Float64Array.from(
          seen.flatMap((k) =>
            seen.map(
              (l) =>
                covariance[k * VARIANTS + l] +
                ownCovariance(row, local.spreads, k, l) +
                (k === l ? 1 / (row.cells[k]?.precision ?? 1) : 0),
            ),
          ),
        ),
      )
      const errors = Float64Array.from(seen, (k) => {
        const { sum, precision } = row.cells[k] ?? emptyCell(1)
        return sum / precision - row.offsets[k] - means[k]
      })
      const squares = Array.from({ length: components }, (_, c) => {
        const crossed = Float64Array.from(seen, (k) => (variances[c] ?? 0) * holds(c, k))
        const dot = (a: Float64Array, b: Float64Array) => a.reduce((sum, v, i) => sum + v * b[i], 0)
        const mean = dot(crossed, times(gram, errors))
        return mean ** 2 + (variances[c] ?? 0) - dot(crossed, times(gram, crossed))
      })
      sums.speed += squares[0] ?? 0
      sums.rows++
      for (const f of new Set(seen.map((k) => FAMILIES[k]))) {
        sums.family += squares[1 + (f ?? 0)] ?? 0
        sums.families++
      }
      for (const k of seen) {
        sums.pair += squares[3 + k] ?? 0
        sums.pairs++
      }
    }
    const prior = KINDS[g % 2].spread
    return {
      speed: (WEIGHT * prior.speed + sums.speed) / (WEIGHT + sums.rows),
      family: (WEIGHT * prior.family + sums.family) / (WEIGHT + sums.families),
      pair: (WEIGHT * prior.pair + sums.pair) / (WEIGHT + sums.pairs),
    }
  })
}
