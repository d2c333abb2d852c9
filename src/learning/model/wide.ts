/**
 * The wide part of System: response times are linear in who takes what, in how many take the same (`WideRows`), and in how the
 * state differs from the first one met. It is solved in closed form, with an exact posterior, so it knows what it does not know.
 */
import { mean } from 'simple-statistics'
import type { Random } from '../../random.ts'
import type { Decision, Problem } from '../environment/environment.ts'
import { cholesky } from '../linear-algebra.ts'
import {
  LinearPosterior,
  type LinearPosteriorState,
  type SparseVector,
} from './linear-posterior.ts'
import { WideRows } from './wide-rows.ts'

/** Deviations are shares of the mean of the first `scaleRows` costs. */
export interface WideOptions {
  /** One cost alone may be far below the others, and would make all that is far above it hard to believe. */
  readonly scaleRows: number
  /** Prior standard deviations of the weights: of 1, of a choice, of a device's choice, of one more device on a choice. */
  readonly base: number
  readonly choice: number
  readonly own: number
  readonly occupancy: number
  /** Those of a feature of the state that moves from 0 to 1, as a share of those above. */
  readonly state: number
  /** First guess of the noise, as a share of what is observed, and how many rows it counts as: from then on it is estimated. */
  readonly noise: number
  readonly noiseRows: number
  /** What the noise is never believed to be below. */
  readonly leastNoise: number
  /** As in `LinearPosteriorOptions`. */
  readonly memory: number
  readonly clip: number
}

/** For a checkpoint. */
export interface WideState {
  readonly posterior: LinearPosteriorState
  readonly first: readonly Observation[]
  readonly scaleMs: number
  readonly origin: Float32Array
  readonly moved: readonly number[]
}

/** One round: its average response time, or [devices] every device's own. */
interface Observation {
  readonly features: Float32Array
  readonly decision: Decision
  readonly responseTimesMs: number | readonly number[]
}

/** Lowest response time that a row is weighed by, as a share of the first costs. */
const LEAST = 0.02

/** A Bayesian linear model of response times. */
export class WideModel {
  private readonly problem: Problem
  private readonly options: WideOptions
  private readonly rows: WideRows
  private posterior: LinearPosterior
  /** What the scale is taken from: all that was observed, up to `scaleRows` rounds. */
  private first: Observation[] = []
  /** The mean of the first costs, ms; 0 before. */
  private scaleMs = 0
  /** The first state met. [stateSize] */
  private origin = new Float32Array(0)
  /** Features of the state that were seen to differ from it, in that order; each has a weight for each of `WideRows.ownSize`. */
  private moved: number[] = []

  constructor(problem: Problem, options: WideOptions) {
    this.problem = problem
    this.options = options
    this.rows = new WideRows(problem)
    this.posterior = this.prior()
  }

  /** Whether it has learned nothing. */
  get isEmpty(): boolean {
    return this.scaleMs === 0
  }

  /**
   * Learns a round. What came first is learned anew as long as it moves the scale.
   * @param responseTimesMs the average of the round, or every device's own [devices]
   */
  observe(
    features: Float32Array,
    decision: Decision,
    responseTimesMs: number | readonly number[],
  ): void {
    const observation = { features: features.slice(), decision, responseTimesMs }
    if (this.first.length >= this.options.scaleRows) {
      this.learn(observation)
      return
    }
    this.first.push(observation)
    this.scaleMs = mean(this.first.map((row) => mean([row.responseTimesMs].flat()))) || 1
    this.origin = this.first[0].features.slice()
    this.moved = []
    this.posterior = this.prior()
    for (const row of this.first) this.learn(row)
  }

  /** What is believed in one state. */
  in(features: Float32Array): WideView {
    const { rows, scaleMs, posterior } = this
    const all = Array.from({ length: rows.size }, (_, index) =>
      this.inState({ indices: [index], values: [1] }, features),
    )
    const { mean, covariance } = posterior.project(all)
    // The posterior is in units of the noise: where answers happen to agree, what was never seen would be believed as well.
    const noise = Math.max(this.options.leastNoise, posterior.noiseDeviation)
    return new WideView(rows, { mean, covariance, scaleMs, noise })
  }

  /** Expected average in one state, ms: what `in` would tell, without the covariance of all weights. */
  expected(features: Float32Array, decision: Decision): number {
    const weight = (index: number) =>
      this.posterior.expected(this.inState({ indices: [index], values: [1] }, features))
    return this.scaleMs * sumOf(this.rows.ofRound(decision), weight)
  }

  save(): WideState {
    const { first, scaleMs, origin, moved } = this
    return {
      posterior: this.posterior.save(),
      first: structuredClone(first),
      scaleMs,
      origin: origin.slice(),
      moved: [...moved],
    }
  }

  restore({ posterior, first, scaleMs, origin, moved }: WideState): void {
    this.first = structuredClone([...first])
    this.posterior.restore(posterior)
    this.scaleMs = scaleMs
    this.origin = origin.slice()
    this.moved = [...moved]
  }

  private learn({ features, decision, responseTimesMs }: Observation): void {
    this.meet(features)
    if (typeof responseTimesMs === 'number') {
      this.learnRow(this.inState(this.rows.ofRound(decision), features), responseTimesMs)
      return
    }
    for (const [device, row] of this.rows.ofDevices(decision).entries()) {
      this.learnRow(this.inState(row, features), responseTimesMs[device])
    }
  }

  /** What moves in the state gets weights. */
  private meet(features: Float32Array): void {
    for (const [i, value] of features.entries()) {
      if (value === this.origin[i] || this.moved.includes(i)) continue
      this.moved.push(i)
      this.posterior.grow(this.ownPrior(0))
    }
  }

  /** Before anything is observed. */
  private prior(): LinearPosterior {
    const { noise, noiseRows, memory, clip, occupancy } = this.options
    const { devices, choices } = this.problem
    const posterior = new LinearPosterior({
      noise: { deviation: noise, rows: noiseRows },
      memory,
      clip,
    })
    const shared = repeat(choices.length * devices, { mean: 0, deviation: occupancy })
    posterior.grow([...this.ownPrior(1), ...shared])
    return posterior
  }

  /** Of the weights that do not tell how many take the same. @param level 1: of the response times; 0: of what a feature adds */
  private ownPrior(level: 0 | 1) {
    const { devices, choices } = this.problem
    const { base, choice, own, state } = this.options
    const share = level === 1 ? 1 : state
    const weight = (deviation: number) => ({ mean: 0, deviation: share * deviation })
    return [
      { mean: level, deviation: share * base },
      ...repeat(choices.length, weight(choice)),
      ...repeat(devices * choices.length, weight(own)),
    ]
  }

  /** Noise is a share of what is observed, so each row is divided by it. */
  private learnRow({ indices, values }: SparseVector, ms: number): void {
    const value = ms / this.scaleMs
    const weight = 1 / Math.max(value, LEAST)
    this.posterior.observe({ indices, values: values.map((x) => x * weight) }, value * weight)
  }

  /** The row and, once more for each feature that moved, its part that does not tell how many take the same. */
  private inState(row: SparseVector, features: Float32Array): SparseVector {
    if (this.moved.length === 0) return row
    const { indices, values } = row
    const { ownSize, size } = this.rows
    const all = [...indices]
    const allValues = [...values]
    for (const [block, i] of this.moved.entries()) {
      const change = features[i] - this.origin[i]
      if (change === 0) continue
      for (const [k, index] of indices.entries()) {
        if (index >= ownSize) continue
        all.push(size + block * ownSize + index)
        allValues.push(values[k] * change)
      }
    }
    return { indices: all, values: allValues }
  }
}

/** Weights of `WideRows` in one state. */
interface Belief {
  /** [size] */
  readonly mean: Float64Array
  /** In units of noise². [size, size] */
  readonly covariance: Float64Array
  readonly scaleMs: number
  readonly noise: number
}

/** The model in one state. */
export class WideView {
  private readonly rows: WideRows
  private readonly belief: Belief
  private lower: Float64Array | undefined

  constructor(rows: WideRows, belief: Belief) {
    this.rows = rows
    this.belief = belief
  }

  /** Expected averages, ms. [choices^devices] */
  means(): Float32Array {
    return this.costs(this.belief.mean)
  }

  /** The same by weights drawn from the posterior. @param spread standard deviations that they spread */
  draw(random: Random, spread: number): Float32Array {
    return this.costs(this.drawn(random, spread))
  }

  /** The decision that a draw holds best. @param allowed indices, ascending @param more added to the average of each decision, × `ms` */
  drawBest(
    random: Random,
    spread: number,
    allowed: Uint32Array,
    more?: Float32Array,
    ms = 1,
  ): number {
    return this.rows.best(this.inMs(this.drawn(random, spread)), allowed, more, ms)
  }

  private drawn(random: Random, spread: number): Float64Array {
    const { mean, covariance, noise } = this.belief
    const size = mean.length
    this.lower ??= cholesky(covariance)
    const { lower } = this
    const normals = Float64Array.from(mean, () => random.normal())
    return mean.map((expected, i) => {
      let deviation = 0
      for (let j = 0; j <= i; j++) deviation += lower[i * size + j] * normals[j]
      return expected + spread * noise * deviation
    })
  }

  /** Expected average, ms. */
  expected(decision: Decision): number {
    return this.expectedOf(this.rows.ofRound(decision))
  }

  /** Of every device what it is expected to take, and how unsure that is: one standard deviation. Shape [devices], ms. */
  ofDevices(decision: Decision) {
    const rows = this.rows.ofDevices(decision)
    return {
      expectedMs: Float64Array.from(rows, (row) => this.expectedOf(row)),
      deviationsMs: Float64Array.from(rows, ({ indices, values }) =>
        this.deviationOf(new Map(indices.map((index, k) => [index, values[k]]))),
      ),
    }
  }

  /** Standard deviation of the average, or of its difference to that of another decision, ms. */
  deviation(decision: Decision, other?: Decision): number {
    const { indices, values } = this.rows.ofRound(decision)
    const row = new Map(indices.map((index, k) => [index, values[k]]))
    const less = other && this.rows.ofRound(other)
    for (const [k, index] of less?.indices.entries() ?? []) {
      row.set(index, (row.get(index) ?? 0) - (less?.values[k] ?? 0))
    }
    return this.deviationOf(row)
  }

  private expectedOf(row: SparseVector): number {
    const { mean, scaleMs } = this.belief
    return scaleMs * sumOf(row, (index) => mean[index])
  }

  /** @param row by index */
  private deviationOf(row: ReadonlyMap<number, number>): number {
    const { covariance, mean, scaleMs, noise } = this.belief
    let variance = 0
    for (const [i, x] of row) {
      for (const [j, y] of row) variance += x * y * covariance[i * mean.length + j]
    }
    return scaleMs * noise * Math.sqrt(Math.max(0, variance))
  }

  private costs(weights: Float64Array): Float32Array {
    return this.rows.costs(this.inMs(weights))
  }

  private inMs(weights: Float64Array): Float64Array {
    const { scaleMs } = this.belief
    return weights.map((weight) => weight * scaleMs)
  }
}

/** A row times the weights that it names. */
function sumOf({ indices, values }: SparseVector, weight: (index: number) => number): number {
  return indices.reduce((sum, index, k) => sum + values[k] * weight(index), 0)
}

function repeat<T>(count: number, value: T): T[] {
  return Array.from({ length: count }, () => value)
}
