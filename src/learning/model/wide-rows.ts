/**
 * What response times are linear in, whatever the names and places of the choices: the response time of device j under decision a has
 * the weights of 1, of its choice a_j, of (j, a_j), and of (a_j, 2) to (a_j, k) where k devices take a_j. That of a round is their
 * mean over the devices.
 */
import type { Decision, Problem } from '../environment/environment.ts'
import type { SparseVector } from './linear-posterior.ts'

/** Rows of the linear model, and its values for all joint decisions. */
export class WideRows {
  private readonly problem: Problem
  /** Weights that do not tell how many take the same; they come first. */
  readonly ownSize: number
  /** All weights. */
  readonly size: number

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

  /** Of the average response time. */
  ofRound(decision: Decision): SparseVector {
    const sums = new Map<number, number>()
    for (const { indices } of this.ofDevices(decision)) {
      for (const i of indices) sums.set(i, (sums.get(i) ?? 0) + 1 / decision.length)
    }
    return { indices: [...sums.keys()], values: [...sums.values()] }
  }

  /** Average response times of all joint decisions. @param weights [size] @returns [choices^devices] */
  costs(weights: Float64Array): Float32Array {
    const { devices, choices } = this.problem
    const count = choices.length
    const costs = new Float32Array(count ** devices)
    const own = this.ownTerms(weights)
    const shared = this.sharedTerms(weights)
    const users = new Int32Array(count)
    let index = 0
    const last = devices - 1
    const visit = (device: number, sum: number) => {
      for (let choice = 0; choice < count; choice++) {
        const next = sum + own[device * count + choice] + shared[choice * devices + users[choice]]
        if (device === last) {
          costs[index++] = next
          continue
        }
        users[choice]++
        visit(device + 1, next)
        users[choice]--
      }
    }
    visit(0, weights[0])
    return costs
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
