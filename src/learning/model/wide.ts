/**
 * The wide part of System: response times are linear in who takes what, in how many take the same, and in how the state differs
 * from the first one met. It is solved in closed form, with an exact posterior, so it knows what it does not know.
 *
 * The response time of device j under decision a has the weights of 1, of the choice a_j, of (j, a_j), and of (a_j, k) where k devices take
 * a_j; each of the first three again times every feature of the state that ever moved. The cost of a round is their mean over the devices.
 */
import type { Decision, Problem } from '../environment/environment.ts'
import { cholesky } from '../linear-algebra.ts'
import { LinearPosterior, type LinearPosteriorState, type SparseVector } from './linear-posterior.ts'

/** Deviations are shares of the first cost. */
export interface WideOptions {
  /** Prior standard deviations of weights. */
  readonly base: number
  readonly choice: number
  readonly own: number
  readonly occupancy: number
  /** The same for a feature of the state that moves from 0 to 1, as a share of those above. */
  readonly state: number
  readonly noise: number
  readonly noiseRows: number
  readonly memory: number
  readonly clip: number
}

export interface WideState {
  readonly posterior: LinearPosteriorState
  readonly scaleMs: number
  readonly origin: Float32Array
  readonly moved: readonly number[]
}

/** Lowest response time that a row is weighed by, as a share of the first cost. */
const LEAST = 0.02

export class WideModel {
  private readonly problem: Problem
  private readonly options: WideOptions
  private readonly posterior: LinearPosterior
  /** The first cost, ms. */
  private scaleMs = 0
  /** The first state met. [stateSize] */
  private origin = new Float32Array(0)
  /** Features of the state that were seen to differ from it, in that order. */
  private moved: number[] = []

  constructor(problem: Problem, options: WideOptions) {
    this.problem = problem
    this.options = options
    const { noise, noiseRows, memory, clip } = options
    this.posterior = new LinearPosterior({ noise: { deviation: noise, rows: noiseRows }, memory, clip })
  }

  get noise(): number { return this.posterior.noiseDeviation }

  observe(features: Float32Array, decision: Decision, costMs: number): void {
    this.begin(features, costMs)
    this.learn(this.inState(this.roundRow(decision), features), costMs)
  }

  observeDevices(features: Float32Array, decision: Decision, responseTimesMs: readonly number[]): void {
    this.begin(features, responseTimesMs.reduce((s, x) => s + x, 0) / responseTimesMs.length)
    const row = this.usersOf(decision)
    for (const [device, ms] of responseTimesMs.entries()) {
      this.learn(this.inState(this.deviceRow(decision, device, row), features), ms)
    }
  }

  private begin(features: Float32Array, costMs: number): void {
    if (this.scaleMs > 0) return this.meet(features)
    this.scaleMs = costMs > 0 ? costMs : 1
    this.origin = features.slice()
    const { base, choice, own, occupancy } = this.options
    const { devices, choices } = this.problem
    const n = devices * choices.length
    const of = (deviation: number, count: number, mean = 0) => Array.from({ length: count }, () => ({ mean, deviation }))
    this.posterior.grow([...of(base, 1, 1), ...of(choice, choices.length), ...of(own, n), ...of(occupancy, n)])
  }

  private meet(features: Float32Array): void {
    for (const [i, value] of features.entries()) {
      if (value === this.origin[i] || this.moved.includes(i)) continue
      this.moved.push(i)
      const { base, choice, own, state } = this.options
      const { devices, choices } = this.problem
      const of = (deviation: number, count: number) => Array.from({ length: count }, () => ({ mean: 0, deviation: state * deviation }))
      this.posterior.grow([...of(base, 1), ...of(choice, choices.length), ...of(own, devices * choices.length)])
    }
  }

  private learn({ indices, values }: SparseVector, ms: number): void {
    const value = Math.max(ms / this.scaleMs, LEAST)
    this.posterior.observe({ indices, values: values.map((x) => x / value) }, ms / this.scaleMs / value)
  }

  private get plainSize(): number {
    const { devices, choices } = this.problem
    return 1 + choices.length + 2 * devices * choices.length
  }

  private get blockSize(): number {
    const { devices, choices } = this.problem
    return 1 + choices.length + devices * choices.length
  }

  private inState({ indices, values }: SparseVector, features: Float32Array): SparseVector {
    const all = [...indices]
    const allValues = [...values]
    for (const [b, i] of this.moved.entries()) {
      const x = features[i] - this.origin[i]
      if (x === 0) continue
      const start = this.plainSize + b * this.blockSize
      for (const [k, index] of indices.entries()) {
        if (index >= this.blockSize) continue
        all.push(start + index)
        allValues.push(values[k] * x)
      }
    }
    return { indices: all, values: allValues }
  }

  private usersOf(decision: Decision): number[] {
    const users = this.problem.choices.map(() => 0)
    for (const choice of decision) users[choice]++
    return users
  }

  private deviceRow(decision: Decision, device: number, users: number[]): SparseVector {
    const { devices, choices } = this.problem
    const C = choices.length
    const choice = decision[device]
    const first = 1 + C + devices * C + choice * devices
    const steps = Array.from({ length: users[choice] - 1 }, (_, i) => first + i + 1)
    const indices = [0, 1 + choice, 1 + C + device * C + choice, ...steps]
    return { indices, values: indices.map(() => 1) }
  }

  roundRow(decision: Decision): SparseVector {
    const users = this.usersOf(decision)
    const rows = decision.map((_, device) => this.deviceRow(decision, device, users))
    const sums = new Map<number, number>()
    for (const { indices } of rows) for (const i of indices) sums.set(i, (sums.get(i) ?? 0) + 1 / decision.length)
    return { indices: [...sums.keys()], values: [...sums.values()] }
  }

  /** As seen in one state. */
  in(features: Float32Array): WideView {
    const size = this.scaleMs > 0 ? this.plainSize : 0
    const rows = Array.from({ length: size }, (_, index) => this.inState({ indices: [index], values: [1] }, features))
    const { mean, covariance } = this.posterior.project(rows)
    return new WideView(this, this.problem, mean, covariance, this.scaleMs, this.posterior.noiseDeviation)
  }

  save(): WideState {
    const { scaleMs, origin, moved } = this
    return { posterior: this.posterior.save(), scaleMs, origin: origin.slice(), moved: [...moved] }
  }

  restore({ posterior, scaleMs, origin, moved }: WideState): void {
    this.posterior.restore(posterior)
    this.scaleMs = scaleMs
    this.origin = origin.slice()
    this.moved = [...moved]
  }
}

export class WideView {
  private lower: Float64Array | undefined
  readonly model: WideModel
  readonly problem: Problem
  readonly mean: Float64Array
  readonly covariance: Float64Array
  readonly scaleMs: number
  readonly noise: number
  constructor(model: WideModel, problem: Problem, mean: Float64Array, covariance: Float64Array, scaleMs: number, noise: number) {
    this.model = model
    this.problem = problem
    this.mean = mean
    this.covariance = covariance
    this.scaleMs = scaleMs
    this.noise = noise
  }

  /** ms [choices^devices] */
  means(): Float32Array { return this.scores(this.mean) }

  draw(normals: Float64Array, spread = 1): Float32Array {
    this.lower ??= cholesky(this.covariance)
    const size = this.mean.length
    const k = spread * this.noise
    const { lower } = this
    return this.scores(this.mean.map((m, i) => {
      let s = 0
      for (let j = 0; j <= i; j++) s += lower[i * size + j] * normals[j]
      return m + k * s
    }))
  }

  expected(decision: Decision): number {
    const { indices, values } = this.model.roundRow(decision)
    return this.scaleMs * indices.reduce((s, i, k) => s + values[k] * this.mean[i], 0)
  }

  /** sd of cost(a) - cost(b), ms. */
  deviation(a: Decision, b?: Decision): number {
    const row = this.model.roundRow(a)
    const sums = new Map<number, number>()
    row.indices.forEach((i, k) => sums.set(i, row.values[k]))
    if (b) { const r = this.model.roundRow(b); r.indices.forEach((i, k) => sums.set(i, (sums.get(i) ?? 0) - r.values[k])) }
    const size = this.mean.length
    let v = 0
    for (const [i, x] of sums) for (const [j, y] of sums) v += x * y * this.covariance[i * size + j]
    return this.scaleMs * this.noise * Math.sqrt(Math.max(0, v))
  }

  private scores(weights: Float64Array): Float32Array {
    const { devices, choices } = this.problem
    const C = choices.length
    const scores = new Float32Array(C ** devices)
    const own = new Float64Array(devices * C)
    const marginal = new Float64Array(C * devices)
    const k = this.scaleMs / devices
    for (let j = 0; j < devices; j++) for (let c = 0; c < C; c++) own[j * C + c] = k * (weights[1 + c] + weights[1 + C + j * C + c])
    const occ = 1 + C + devices * C
    for (let c = 0; c < C; c++) {
      let level = 0
      for (let u = 0; u < devices; u++) {
        const step = u === 0 ? 0 : weights[occ + c * devices + u]
        marginal[c * devices + u] = k * (level + (u + 1) * step)
        level += step
      }
    }
    const users = new Int32Array(C)
    let index = 0
    // The last device's choices in a loop of their own: it is nearly all of the work.
    const last = devices - 1
    const visit = (device: number, sum: number) => {
      for (let c = 0; c < C; c++) {
        const next = sum + own[device * C + c] + marginal[c * devices + users[c]]
        if (device === last) scores[index++] = next
        else {
          users[c]++
          visit(device + 1, next)
          users[c]--
        }
      }
    }
    visit(0, this.scaleMs * (weights[0] ?? 0))
    return scores
  }
}
