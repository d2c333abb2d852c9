/**
 * A cell: the observations of one quantity, such as one device's time for one variant. Each is nominal or slow (a hiccup that
 * tells nothing), and how likely it is nominal is its weight. Few samples are labelled anew whenever more is known; many settle.
 */
import { SLOW } from './constants.ts'
import { normalCumulative, normalDensity } from './gaussian.ts'

/** Variance of a median over that of a mean, of many normal samples: π / 2. */
export const MEDIAN_VARIANCE = 1.57

/** Plain data. Logarithms of ms throughout. */
export interface Cell {
  /** The round of its first sample. */
  readonly since: number
  /** Shape of each list: [samples]. They are replaced, not extended: lists that grow keep room for many more, in every cell of every device. */
  values: readonly number[]
  variances: readonly number[]
  weights: number[]
  /** The delay each sample also tells of (see `Delays`), and what it tells: ms and ms². -1, or beyond the end: none. */
  delays: number[]
  delayValues: number[]
  delayVariances: number[]
  foldedPrecision: number
  foldedSum: number
  /** Weighted sums over all samples: of 1 / variance, and of value / variance. */
  precision: number
  sum: number
  /** How likely no sample is nominal. */
  allSlow: number
}

/** A normal distribution. */
export interface Normal {
  readonly mean: number
  readonly variance: number
}

/** A slow response takes longer by a factor of e^from to e^SLOW.to, on a logarithmic scale any as likely. */
export interface SlowResponses {
  /** How often a response is one; 0: never. */
  readonly rate: number
  readonly from: number
}

/** Where the weights of samples count as well. */
export interface DelaySums {
  add(delay: number, precision: number, sum: number): void
}

/** Without samples. @param since the round of the first one to come */
export function emptyCell(since: number): Cell {
  return {
    since,
    values: [],
    variances: [],
    weights: [],
    delays: [],
    delayValues: [],
    delayVariances: [],
    foldedPrecision: 0,
    foldedSum: 0,
    precision: 0,
    sum: 0,
    allSlow: 0,
  }
}

/** Below, a likelihood is nothing but rounding. */
const LEAST_LIKELIHOOD = 1e-250

/** A new sample counts for nothing until it is labelled. */
export function addSample(cell: Cell, value: number, variance: number): void {
  cell.values = [...cell.values, value]
  cell.variances = [...cell.variances, variance]
  cell.weights = [...cell.weights, 0]
}

/**
 * Weighs every stored sample anew.
 * @param now what is believed of the quantity, this cell's samples included
 * @param leastVariance of the belief without them, so that a wrong one cannot reject them all
 */
export function label(
  cell: Cell,
  now: Normal,
  leastVariance: number,
  slow: SlowResponses,
  sums: DelaySums,
): void {
  const count = cell.values.length
  if (count === 0) return
  if (slow.rate === 0) trustAll(cell, sums)
  else if (cell.foldedPrecision > 0) weighEach(cell, without(cell, now, 0), slow, sums)
  else if (count > SLOW.kept) weighEach(cell, median(cell), slow, sums)
  else weighAll(cell, without(cell, now, leastVariance), slow, sums)
}

/** Whether what else is known may label its samples anew: they are few, and some may be nominal or slow. */
export function isDoubtful({ weights, allSlow, foldedPrecision }: Cell): boolean {
  if (foldedPrecision > 0) return false
  // Whether one of two is slow depends on what else is known alone.
  if (weights.length < 3) return true
  if (allSlow > SLOW.doubt) return true
  for (const weight of weights) if (weight > SLOW.doubt && weight < 1 - SLOW.doubt) return true
  return false
}

/** Adds up the oldest samples beyond those kept. @returns how many, and how many of them were slow */
export function fold(cell: Cell): { folded: number; slow: number } {
  const folded = Math.max(0, cell.values.length - SLOW.kept)
  let slow = 0
  for (let s = 0; s < folded; s++) {
    const weight = cell.weights[s]
    const precision = weight / cell.variances[s]
    cell.foldedPrecision += precision
    cell.foldedSum += precision * cell.values[s]
    slow += 1 - weight
  }
  if (folded === 0) return { folded, slow }
  cell.values = cell.values.slice(folded)
  cell.variances = cell.variances.slice(folded)
  cell.weights = cell.weights.slice(folded)
  cell.delays = cell.delays.slice(folded)
  cell.delayValues = cell.delayValues.slice(folded)
  cell.delayVariances = cell.delayVariances.slice(folded)
  return { folded, slow }
}

/** What is believed without the stored samples. */
export function without(cell: Cell, now: Normal, leastVariance: number): Normal {
  const precision = 1 / now.variance - (cell.precision - cell.foldedPrecision)
  if (precision < 1e-6) return { mean: now.mean, variance: 1e6 }
  const mean = (now.mean / now.variance - (cell.sum - cell.foldedSum)) / precision
  return { mean, variance: Math.max(leastVariance, 1 / precision) }
}

/** Likelihood of a slow response, `deviation` above the belief. */
function slowDensity(deviation: number, variance: number, from: number): number {
  const spread = Math.sqrt(variance)
  return (
    (normalCumulative((deviation - from) / spread) -
      normalCumulative((deviation - SLOW.to) / spread)) /
    (SLOW.to - from)
  )
}

function trustAll(cell: Cell, sums: DelaySums): void {
  for (let s = 0; s < cell.values.length; s++) setWeight(cell, s, 1, sums)
  cell.allSlow = 0
  addUp(cell)
}

/** Sums the likelihoods of all labellings. */
function weighAll(cell: Cell, belief: Normal, slow: SlowResponses, sums: DelaySums): void {
  const count = cell.values.length
  const nominal = new Float64Array(count)
  const isNominal = new Array<boolean>(count).fill(false)
  let total = 0
  let allSlow = 0
  const visit = (sample: number, mean: number, variance: number, likelihood: number): void => {
    if (sample === count) {
      total += likelihood
      for (let s = 0; s < count; s++) {
        if (isNominal[s]) nominal[s] = nominal[s] + likelihood
      }
      if (!isNominal.includes(true)) allSlow += likelihood
      return
    }
    const noise = cell.variances[sample]
    const deviation = cell.values[sample] - mean
    const spread = variance + noise
    const gain = variance / spread
    isNominal[sample] = true
    visit(
      sample + 1,
      mean + gain * deviation,
      variance * (1 - gain),
      likelihood * (1 - slow.rate) * normalDensity(deviation, spread),
    )
    isNominal[sample] = false
    visit(
      sample + 1,
      mean,
      variance,
      likelihood * slow.rate * slowDensity(deviation, spread, slow.from),
    )
  }
  visit(0, belief.mean, belief.variance, 1)
  // Nothing explains what is far below the belief: then the belief is wrong.
  const isLost = !(total > LEAST_LIKELIHOOD)
  for (let s = 0; s < count; s++) setWeight(cell, s, isLost ? 1 : nominal[s] / total, sums)
  cell.allSlow = isLost ? 0 : allSlow / total
  addUp(cell)
}

/** Of many samples at once: most are nominal. */
function median({ values, variances }: Cell): Normal {
  const sorted = Float64Array.from(values).sort()
  const mean = sorted[sorted.length >> 1]
  return { mean, variance: (MEDIAN_VARIANCE * variances[0]) / sorted.length }
}

/** Each by itself: what was added up says so much that the others hardly matter. */
function weighEach(cell: Cell, belief: Normal, slow: SlowResponses, sums: DelaySums): void {
  for (let s = 0; s < cell.values.length; s++) {
    const spread = belief.variance + cell.variances[s]
    const deviation = cell.values[s] - belief.mean
    const nominal = (1 - slow.rate) * normalDensity(deviation, spread)
    const isSlow = deviation > 0 ? slow.rate * slowDensity(deviation, spread, slow.from) : 0
    // Nothing explains what is far below the belief: then the belief is wrong.
    setWeight(cell, s, nominal + isSlow > LEAST_LIKELIHOOD ? nominal / (nominal + isSlow) : 1, sums)
  }
  cell.allSlow = 0
  addUp(cell)
}

function setWeight(cell: Cell, sample: number, weight: number, sums: DelaySums): void {
  const change = weight - cell.weights[sample]
  cell.weights[sample] = weight
  const delay = cell.delays[sample] ?? -1
  if (delay < 0 || change === 0) return
  const precision = change / cell.delayVariances[sample]
  sums.add(delay, precision, precision * cell.delayValues[sample])
}

function addUp(cell: Cell): void {
  let precision = cell.foldedPrecision
  let sum = cell.foldedSum
  for (let s = 0; s < cell.values.length; s++) {
    const share = cell.weights[s] / cell.variances[s]
    precision += share
    sum += share * cell.values[s]
  }
  cell.precision = precision
  cell.sum = sum
}

/** The newest sample also tells of a delay. Counts with the weight it has now. */
export function tellDelay(
  cell: Cell,
  sample: number,
  delay: number,
  { mean, variance }: Normal,
  sums: DelaySums,
): void {
  cell.delays = replaced(cell.delays, sample, delay, -1)
  cell.delayValues = replaced(cell.delayValues, sample, mean, 0)
  cell.delayVariances = replaced(cell.delayVariances, sample, variance, 1)
  const precision = cell.weights[sample] / variance
  sums.add(delay, precision, precision * mean)
}

/** @param none what entries missing before it are */
function replaced(list: readonly number[], at: number, value: number, none: number): number[] {
  const length = Math.max(list.length, at + 1)
  return Array.from({ length }, (_, i) => (i === at ? value : (list[i] ?? none)))
}
