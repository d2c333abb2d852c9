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
    const { devices, choices } = this.problem
    const { ofDecision, users } = this.crowds()
    const own = this.ownTerms(weights)
    // A decision's own terms are those of its first devices and those of its last ones: two short tables.
    const last = Math.min(3, devices)
    const first = devices - last
    const middle = first * choices.length
    const heads = sumPerDecision({ devices: first, choices }, own.subarray(0, middle), weights[0])
    const tails = sumPerDecision({ devices: last, choices }, own.subarray(middle))
    const shared = this.sharedTerms(weights)
    const ofCrowd = Float64Array.from(users, (counts) => {
      let sum = 0
      for (let choice = 0; choice < choices.length; choice++) {
        for (let user = 1; user < counts[choice]; user++) sum += shared[choice * devices + user]
      }
      return sum
    })
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

  /** What one more device on a choice adds to the average beside, by how many there are already. [choices, devices] */
  private sharedTerms(weights: Float64Array): Float64Array {
    const { devices, choices } = this.problem
    const terms = new Float64Array(choices.length * devices)
    for (let choice = 0; choice < choices.length; choice++) {
      let level = 0
      for (let users = 1; users < devices; users++) {
        const step = weights[this.ownSize + choice * devices + users]
        // The new device bears all steps so far and this one; each of the others this one.
        terms[choice * devices + users] = (level + (users + 1) * step) / devices
        level += step
      }
    }
    return terms
  }
}

/** How many take each choice: decisions that differ only in who takes what are one crowd. */
interface Crowds {
  /** Index of the crowd. [choices^devices] */
  readonly ofDecision: Uint32Array
  /** [crowds][choices] */
  readonly users: readonly Uint8Array[]
}

function crowdsOf({ devices, choices }: Problem): Crowds {
  const count = choices.length
  const indexOf = new Map<string, number>()
  const users: Uint8Array[] = []
  const ofDecision = new Uint32Array(count ** devices)
  const counts = new Uint8Array(count)
  let decision = 0
  const visit = (device: number) => {
    if (device === devices) {
      const key = counts.join()
      const crowd = indexOf.get(key) ?? users.push(counts.slice()) - 1
      indexOf.set(key, crowd)
      ofDecision[decision++] = crowd
      return
    }
    for (let choice = 0; choice < count; choice++) {
      counts[choice]++
      visit(device + 1)
      counts[choice]--
    }
  }
  visit(0)
  return { ofDecision, users }
}
