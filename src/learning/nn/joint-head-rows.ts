/**
 * The output layer of the joint head: one row of weights and a bias for every joint decision. Of up to a million rows few are
 * ever learned from, so a row is stored from its first update on, and an update moves the rows of its minibatch alone ("lazy"
 * Adam): moments of the others stand still, where Adam would let them fade and move their rows a little further.
 */
import { adamRates } from './adam.ts'
import type { TrainingOptions } from './engine.ts'

/** Parameters with all that Adam and the moving average keep of each. Arrays of one length. */
export interface Moments {
  values: Float32Array
  firstMoment: Float32Array
  secondMoment: Float32Array
  /** Exponential moving average of the values. */
  average: Float32Array
}

export interface JointHeadRowsState extends Readonly<Moments> {
  /** Joint decision of each stored row, in the order of their first update. [rows] */
  readonly actions: Uint32Array
  /** Updates of each row. [rows] */
  readonly updates: Uint32Array
  /** The update of the network that moved each row last. [rows] */
  readonly movedAt: Uint32Array
}

/** One step of Adam on the parameters from `offset` on. `rates` as of `adamRates`. */
export function adamStep(
  { values, firstMoment, secondMoment }: Moments,
  offset: number,
  gradient: Float32Array,
  { beta1, beta2 }: TrainingOptions,
  [stepSize, epsilon]: readonly [number, number, number],
): void {
  for (let k = 0; k < gradient.length; k++) {
    const i = offset + k
    const g = gradient[k]
    const m = beta1 * firstMoment[i] + (1 - beta1) * g
    const v = beta2 * secondMoment[i] + (1 - beta2) * g * g
    firstMoment[i] = m
    secondMoment[i] = v
    values[i] = values[i] - (stepSize * m) / (Math.sqrt(v) + epsilon)
  }
}

export function newMoments(values: Float32Array): Moments {
  const zeros = () => new Float32Array(values.length)
  return { values, firstMoment: zeros(), secondMoment: zeros(), average: values.slice() }
}

export class JointHeadRows {
  /** Weights of the hidden units, then the bias. */
  private readonly width: number
  private readonly options: TrainingOptions
  /** Bias of every row before its first update; its weights are 0. [decisions] */
  private readonly startBias: Float32Array
  private readonly slots = new Map<number, number>()
  private actions: number[] = []
  private updates: number[] = []
  private movedAt: number[] = []
  /** Twice as long as needed at most. [slots, width] */
  private moments = newMoments(new Float32Array(0))

  constructor(hidden: number, options: TrainingOptions, startBias: Float32Array) {
    this.width = hidden + 1
    this.options = options
    this.startBias = startBias
  }

  /** The value of one joint decision. @param units [hidden] */
  value(action: number, units: Float32Array): number {
    const slot = this.slots.get(action)
    if (slot === undefined) return this.startBias[action]
    const start = slot * this.width
    let sum = this.moments.values[start + units.length]
    for (let h = 0; h < units.length; h++) {
      sum += units[h] * this.moments.values[start + h]
    }
    return sum
  }

  /** The weights of one joint decision, without its bias. [hidden] */
  weights(action: number): Float32Array {
    const slot = this.slots.get(action)
    if (slot === undefined) return new Float32Array(this.width - 1)
    return this.moments.values.subarray(slot * this.width, (slot + 1) * this.width - 1)
  }

  /**
   * The network's update `t`, from 1, of these rows.
   * @param gradients by joint decision, each [hidden + 1]
   */
  update(gradients: ReadonlyMap<number, Float32Array>, t: number): void {
    const { learningRate, learningRateHalfLife, averageDecay } = this.options
    const rate = learningRate / (1 + (t - 1) / learningRateHalfLife)
    const own = { ...this.options, learningRate: rate, learningRateHalfLife: Infinity }
    for (const [action, gradient] of gradients) {
      const slot = this.slotOf(action, t)
      const count = this.updates[slot] + 1
      const rested = averageDecay ** (t - 1 - this.movedAt[slot])
      const start = slot * this.width
      const before = this.moments.values.slice(start, start + this.width)
      adamStep(this.moments, start, gradient, own, adamRates(own, count))
      for (let k = 0; k < this.width; k++) {
        const i = start + k
        const old = before[k]
        const average = old + (this.moments.average[i] - old) * rested
        const value = this.moments.values[i]
        this.moments.average[i] = averageDecay * average + (1 - averageDecay) * value
      }
      this.updates[slot] = count
      this.movedAt[slot] = t
    }
  }

  /**
   * Writes the value of every joint decision after `t` updates, by the averaged parameters.
   * @param units by the averaged trunk [hidden]
   * @param scores [decisions]
   */
  score(units: Float32Array, t: number, scores: Float32Array): void {
    const { values, average } = this.moments
    const bias = this.width - 1
    scores.set(this.startBias)
    for (const [slot, action] of this.actions.entries()) {
      const start = slot * this.width
      const rested = this.options.averageDecay ** (t - this.movedAt[slot])
      const averaged = (i: number) => values[i] + (average[i] - values[i]) * rested
      let sum = averaged(start + bias)
      for (let h = 0; h < bias; h++) sum += units[h] * averaged(start + h)
      scores[action] = sum
    }
  }

  save(): JointHeadRowsState {
    const used = this.actions.length * this.width
    const { values, firstMoment, secondMoment, average } = this.moments
    return {
      actions: Uint32Array.from(this.actions),
      updates: Uint32Array.from(this.updates),
      movedAt: Uint32Array.from(this.movedAt),
      values: values.slice(0, used),
      firstMoment: firstMoment.slice(0, used),
      secondMoment: secondMoment.slice(0, used),
      average: average.slice(0, used),
    }
  }

  restore(state: JointHeadRowsState): void {
    const { values, firstMoment, secondMoment, average } = state
    this.actions = [...state.actions]
    this.updates = [...state.updates]
    this.movedAt = [...state.movedAt]
    this.slots.clear()
    for (const [slot, action] of this.actions.entries()) this.slots.set(action, slot)
    this.moments = {
      values: values.slice(),
      firstMoment: firstMoment.slice(),
      secondMoment: secondMoment.slice(),
      average: average.slice(),
    }
  }

  /** Where the row lies; it is stored from now on. */
  private slotOf(action: number, t: number): number {
    const known = this.slots.get(action)
    if (known !== undefined) return known
    const slot = this.actions.length
    const end = (slot + 1) * this.width
    if (end > this.moments.values.length) this.grow(2 * end)
    this.slots.set(action, slot)
    this.actions.push(action)
    this.updates.push(0)
    this.movedAt.push(t - 1)
    const bias = this.startBias[action]
    this.moments.values[end - 1] = bias
    this.moments.average[end - 1] = bias
    return slot
  }

  private grow(length: number): void {
    const longer = (array: Float32Array) => {
      const copy = new Float32Array(length)
      copy.set(array)
      return copy
    }
    const { values, firstMoment, secondMoment, average } = this.moments
    this.moments = {
      values: longer(values),
      firstMoment: longer(firstMoment),
      secondMoment: longer(secondMoment),
      average: longer(average),
    }
  }
}
