/**
 * Q(s, ·) of one state: only decisions taken are stored, all others have the initial value. The lowest is always at hand,
 * because a scan of 10^5 decisions per step would cost hundreds of times the update: decisions taken lie in a binary heap, and
 * those never taken, all equal, follow one another in a given order.
 */

export interface QTableState {
  /** Decisions taken, in order of their first time. [taken] */
  readonly actions: Uint32Array
  readonly values: Float64Array
  readonly visits: Uint32Array
}

export interface QTableOptions {
  /** Q of what was never taken. */
  readonly initial: number
  /** The n-th update of a value moves it by this times n^-learningRateExponent of its error. */
  readonly learningRate: number
  readonly learningRateExponent: number
}

/** The decisions allowed now, in random order: among equals the first is the best. */
export interface Allowed {
  /** [allowed] */
  readonly order: Uint32Array
  /** Place of each joint decision in the order; `NOT_ALLOWED` where it is none. [decisions] */
  readonly rank: Uint32Array
}

export const NOT_ALLOWED = 0xffffffff

export class QTable {
  private readonly options: QTableOptions
  private readonly slots = new Map<number, number>()
  /** Per slot: decision, value, updates, place in the heap (-1: not in it). [taken] */
  private readonly actions: number[] = []
  private readonly values: number[] = []
  private readonly visits: number[] = []
  private readonly places: number[] = []
  /** Slots allowed now; none has a lower value than its parent. */
  private heap: number[] = []
  private allowed: Allowed = { order: new Uint32Array(0), rank: new Uint32Array(0) }
  /** Everything before it in the order has been taken. */
  private untried = 0

  constructor(options: QTableOptions) {
    this.options = options
  }

  /** Makes `best` and `lowest` speak of these decisions. Cheap while they stay the same object. */
  allow(allowed: Allowed): void {
    if (allowed === this.allowed) return
    this.allowed = allowed
    this.untried = 0
    this.heap = []
    this.places.fill(-1)
    for (let slot = 0; slot < this.actions.length; slot++) this.enter(slot)
  }

  /** The allowed decision of lowest value. */
  best(): number {
    const untried = this.firstUntried()
    const top = this.heap[0]
    if (top === undefined) return untried as number
    if (untried !== undefined && this.options.initial <= this.values[top]) {
      return untried
    }
    return this.actions[top]
  }

  /** Its value. */
  lowest(): number {
    return this.value(this.best())
  }

  value(action: number): number {
    const slot = this.slots.get(action)
    return slot === undefined ? this.options.initial : this.values[slot]
  }

  /** Moves the value of a decision that was taken towards its target. */
  update(action: number, target: number): void {
    const slot = this.slots.get(action) ?? this.add(action)
    const visits = this.visits[slot] + 1
    const { learningRate, learningRateExponent } = this.options
    const value = this.values[slot]
    this.visits[slot] = visits
    this.values[slot] = value + learningRate * visits ** -learningRateExponent * (target - value)
    const place = this.places[slot]
    if (place >= 0) this.sink(this.rise(place))
    else this.enter(slot)
  }

  save(): QTableState {
    return {
      actions: Uint32Array.from(this.actions),
      values: Float64Array.from(this.values),
      visits: Uint32Array.from(this.visits),
    }
  }

  /** Only into a table where nothing was taken yet. */
  restore({ actions, values, visits }: QTableState): void {
    for (const [slot, action] of actions.entries()) {
      this.add(action)
      this.values[slot] = values[slot]
      this.visits[slot] = visits[slot]
    }
    this.allowed = { order: new Uint32Array(0), rank: new Uint32Array(0) }
  }

  private firstUntried(): number | undefined {
    const { order } = this.allowed
    while (this.untried < order.length && this.slots.has(order[this.untried])) {
      this.untried += 1
    }
    return order[this.untried]
  }

  /** A slot that is not in the heap yet: it enters once, with its first value. */
  private add(action: number): number {
    const slot = this.actions.length
    this.slots.set(action, slot)
    this.actions.push(action)
    this.values.push(this.options.initial)
    this.visits.push(0)
    this.places.push(-1)
    return slot
  }

  private enter(slot: number): void {
    const rank = this.allowed.rank[this.actions[slot]]
    if (rank === undefined || rank === NOT_ALLOWED) return
    this.places[slot] = this.heap.length
    this.heap.push(slot)
    this.rise(this.heap.length - 1)
  }

  /** Moves a slot up while it precedes its parent. @returns its new place */
  private rise(start: number): number {
    let place = start
    while (place > 0) {
      const parent = (place - 1) >> 1
      if (!this.precedes(place, parent)) break
      this.swap(place, parent)
      place = parent
    }
    return place
  }

  /** Moves a slot down while a child precedes it. */
  private sink(start: number): void {
    let place = start
    for (;;) {
      const left = 2 * place + 1
      if (left >= this.heap.length) return
      const right = left + 1
      const child = right < this.heap.length && this.precedes(right, left) ? right : left
      if (!this.precedes(child, place)) return
      this.swap(child, place)
      place = child
    }
  }

  /** Lower value first; among equals the earlier in the order. */
  private precedes(place: number, other: number): boolean {
    const a = this.heap[place]
    const b = this.heap[other]
    const difference = this.values[a] - this.values[b]
    if (difference !== 0) return difference < 0
    const { rank } = this.allowed
    return rank[this.actions[a]] < rank[this.actions[b]]
  }

  private swap(place: number, other: number): void {
    const a = this.heap[place]
    const b = this.heap[other]
    this.heap[place] = b
    this.heap[other] = a
    this.places[b] = place
    this.places[a] = other
  }
}
