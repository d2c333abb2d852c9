/**
 * What response times are linear in, whatever the names and places of the choices: the response time of device j under decision a has
 * the weights of 1, of its choice a_j, of (j, a_j), and of (a_j, 2) to (a_j, k) where k devices take a_j. That of a round is their
 * mean over the devices.
 */
import { sumPerDecision } from '../environment/decision-sums.ts'
import type { Decision, Problem } from '../environment/environment.ts'
import type { SparseVector } from './linear-posterior.ts'

/** Rows of the linear model, and its values for all joint decisions. */
export class WideRows {
  private readonly problem: Problem
  /** Weights that do not tell how many take the same; they come first. */
  readonly ownSize: number
  /** All weights. */
  readonly size: number
  private found: Crowds | undefined
  private readonly rounds = new WeakMap<Decision, SparseVector>()

  constructor(problem: Problem) {
    const { devices, choices } = problem
    this.problem = problem
    this.ownSize = 1 + choices.length + devices * choices.length
    this.size = this.ownSize + choices.length * devices
  }

  /** Of each device's response time. Shape [devices] */
  ofDevices(decision: Decision): SparseVector[] {
    const { devices, choices } = this.problem
    const users = choices.map(() => 0)
    for (const choice of decision) users[choice]++
    return decision.map((choice, device) => {
      const first = this.ownSize + choice * devices
      const steps = Array.from({ length: users[choice] - 1 }, (_, step) => first + step + 1)
      const own = 1 + choices.length + device * choices.length + choice
      const indices = [0, 1 + choice, own, ...steps]
      return { indices, values: indices.map(() => 1) }
    })
  }

  /** Of the average response time; remembered for as long as the decision lives. */
  ofRound(decision: Decision): SparseVector {
    const known = this.rounds.get(decision)
    if (known) return known
    const sums = new Map<number, number>()
    for (const { indices } of this.ofDevices(decision)) {
      for (const i of indices) sums.set(i, (sums.get(i) ?? 0) + 1 / decision.length)
    }
    const row = { indices: [...sums.keys()], values: [...sums.values()] }
    this.rounds.set(decision, row)
    return row
  }

  /** Average response times of all joint decisions. @param weights [size] @returns [choices^devices] */
  costs(weights: Float64Array): Float32Array {
    const { heads, tails, ofCrowd } = this.terms(weights)
    const { ofDecision } = this.crowds()
    const costs = new Float32Array(ofDecision.length)
    let index = 0
    for (let head = 0; head < heads.length; head++) {
      const start = heads[head]
      for (let tail = 0; tail < tails.length; tail++, index++) {
        costs[index] = start + tails[tail] + ofCrowd[ofDecision[index]]
      }
    }
    return costs
  }

  /**
   * The joint decision of lowest average response time, without a list of all.
   * @param weights [size]
   * @param allowed indices of decisions, ascending
   * @param more what is added to the average of each decision, times `share` [choices^devices]
   */
  best(weights: Float64Array, allowed: Uint32Array, more?: Float32Array, share = 1): number {
    const { heads, tails, ofCrowd } = this.terms(weights)
    const { ofDecision } = this.crowds()
    let best = allowed[0]
    let lowest = Infinity
    let head = 0
    let start = 0
    for (let i = 0; i < allowed.length; i++) {
      const index = allowed[i]
      while (index - start >= tails.length) {
        head++
        start += tails.length
      }
      const wide = heads[head] + tails[index - start] + ofCrowd[ofDecision[index]]
      const cost = more ? wide + share * more[index] : wide
      if (cost < lowest) {
        lowest = cost
        best = index
      }
    }
    return best
  }

  /** Of a decision: the own terms of its first devices, those of its last ones, and what its crowd adds. */
  private terms(weights: Float64Array) {
    const { devices, choices } = this.problem
    const own = this.ownTerms(weights)
    const last = Math.min(3, devices)
    const first = devices - last
    const middle = first * choices.length
    return {
      heads: sumPerDecision({ devices: first, choices }, own.subarray(0, middle), weights[0]),
      tails: sumPerDecision({ devices: last, choices }, own.subarray(middle)),
      ofCrowd: this.crowdTerms(weights),
    }
  }

  /** What a crowd adds to the average. [crowds] */
  private crowdTerms(weights: Float64Array): Float64Array {
    const { devices } = this.problem
    const { parts } = this.crowds()
    const shared = this.sharedTerms(weights)
    const terms = new Float64Array(parts.length / devices)
    for (let crowd = 0; crowd < terms.length; crowd++) {
      for (let part = crowd * devices; part < (crowd + 1) * devices; part++) {
        terms[crowd] += shared[parts[part]]
      }
    }
    return terms
  }

  /** How many take each choice, of every joint decision; found once, since it depends on nothing that is learned. */
  private crowds(): Crowds {
    this.found ??= crowdsOf(this.problem)
    return this.found
  }

  /** What a choice of a device adds to the average, however many take it. [devices, choices] */
  private ownTerms(weights: Float64Array): Float64Array {
    const { devices, choices } = this.problem
    const count = choices.length
    return Float64Array.from({ length: devices * count }, (_, pair) => {
      return (weights[1 + (pair % count)] + weights[1 + count + pair]) / devices
    })
  }

  /** What those on a choice add to the average together, because they are so many; nothing of one alone. [choices, devices] */
  private sharedTerms(weights: Float64Array): Float64Array {
    const { devices, choices } = this.problem
    const terms = new Float64Array(choices.length * devices)
    for (let choice = 0; choice < choices.length; choice++) {
      let level = 0
      for (let users = 2; users <= devices; users++) {
        level += weights[this.ownSize + choice * devices + users - 1]
        terms[choice * devices + users - 1] = (users * level) / devices
      }
    }
    return terms
  }
}

/** How many take each choice: decisions that differ only in who takes what are one crowd. */
interface Crowds {
  /** Index of the crowd. [choices^devices] */
  readonly ofDecision: Uint32Array
  /** Indices of `sharedTerms`, for each choice that is taken; 0, which is nothing, beside. [crowds, devices] */
  readonly parts: Uint32Array
}

function crowdsOf({ devices, choices }: Problem): Crowds {
  const count = choices.length
  const found = new Map<string, number>()
  const parts: number[] = []
  const ofDecision = new Uint32Array(count ** devices)
  const users = new Uint8Array(count)
  let decision = 0
  const visit = (device: number) => {
    if (device === devices) {
      const key = users.join()
      const crowd = found.get(key) ?? found.size
      if (crowd === found.size) {
        const own = [...users.keys()].filter((choice) => users[choice] > 0)
        const indices = own.map((choice) => choice * devices + users[choice] - 1)
        parts.push(...Array.from({ length: devices }, (_, part) => indices[part] ?? 0))
        found.set(key, crowd)
      }
      ofDecision[decision++] = crowd
      return
    }
    for (let choice = 0; choice < count; choice++) {
      users[choice]++
      visit(device + 1)
      users[choice]--
    }
  }
  visit(0)
  return { ofDecision, parts: Uint32Array.from(parts) }
}
