import { Gains } from './gains.ts'
import type { Instance } from './instance.ts'
import type { Reduced } from './reduced.ts'

/** The lowest bits of a number's lower half: room for the units of a segment, and too little to matter. */
const UNIT_BITS = 31
/** Which half of a number is the lower one in memory. */
const LOWER = new Uint8Array(Uint16Array.of(1).buffer)[0] === 1 ? 0 : 1

/** A device that the relaxation splits: so much of it is at its next level. */
export interface Split {
  readonly row: number
  /** 0: not at the edge; else 1 + its level. */
  readonly from: number
  readonly to: number
  readonly share: number
}

/**
 * One edge's part of the relaxation where loads are fractions: a fractional knapsack for every load, the curve exactly as it is. Loads below
 * a user are looked at by themselves, without whole requests.
 */
export class FractionalEdge {
  /** Of the last edge; undefined: no device is split. */
  split: Split | undefined
  private readonly instance: Instance
  private readonly gains: Gains
  /** Segments of all rows of the edge: what a unit of each costs, its units in the lowest bits, so that sorting keeps them. */
  private readonly keys: Float64Array
  private readonly sorted: Float64Array
  private readonly words: Uint32Array
  private readonly levels: Uint8Array
  /** First segment of each row of the edge. */
  private readonly starts: Int32Array

  /** @param most rows of the largest edge */
  constructor(instance: Instance, reduced: Reduced, most: number) {
    const segments = most * instance.levels.length
    this.instance = instance
    this.gains = new Gains(instance, reduced)
    this.keys = new Float64Array(segments)
    this.words = new Uint32Array(this.keys.buffer)
    this.sorted = new Float64Array(segments)
    this.levels = new Uint8Array(segments)
    this.starts = new Int32Array(most + 1)
  }

  /**
   * @param curve totals of the edge, by units
   * @param outside least cost of each row without the edge. Shape [devices]
   * @param usesEdge gets what attains it, a split device at its lower level
   * @returns what the edge changes
   */
  solve(
    from: number,
    to: number,
    curve: Float64Array,
    outside: Float64Array,
    usesEdge: Uint8Array,
  ): number {
    const { perUser } = this.instance
    const most = curve.length - 1
    let found = this.search(from, to, curve, outside, { first: 0, most })
    if (found.units > 0 && found.units < perUser) {
      // Less than a user is nobody's whole request.
      const more = this.search(from, to, curve, outside, { first: perUser, most })
      found = this.search(from, to, curve, outside, { first: 0, most: perUser - 1 })
      if (more.best < found.best) {
        found = more
        this.collect(from, to, outside, most)
      }
    }
    this.take(from, to, found.units, found.lastKey, usesEdge)
    return found.best
  }

  /** The best of the loads in a range. */
  private search(
    from: number,
    to: number,
    curve: Float64Array,
    outside: Float64Array,
    { first, most }: { readonly first: number; readonly most: number },
  ): { readonly best: number; readonly units: number; readonly lastKey: number } {
    const count = this.collect(from, to, outside, most)
    const sorted = this.sorted.subarray(0, count)
    sorted.set(this.keys.subarray(0, count))
    sorted.sort()
    const words = new Uint32Array(sorted.buffer)
    const last = Math.min(most, curve.length - 1)
    let best = first === 0 ? 0 : Infinity
    let bestUnits = 0
    let lastKey = -Infinity
    let units = 0
    let cost = 0
    for (let i = 0; i < count && units < last; i++) {
      const width = Math.min(words[2 * i + LOWER] & UNIT_BITS, last - units)
      for (let unit = 1; unit <= width; unit++) {
        cost += sorted[i]
        const value = curve[units + unit] + cost
        if (value >= best || units + unit < first) continue
        best = value
        bestUnits = units + unit
        lastKey = sorted[i]
      }
      units += width
    }
    return { best, units: bestUnits, lastKey }
  }

  /** @returns how many segments there are */
  private collect(from: number, to: number, outside: Float64Array, most: number): number {
    const { gains, keys, words, levels, starts } = this
    let count = 0
    for (let row = from; row < to; row++) {
      starts[row - from] = count
      gains.look(row, outside[row], most)
      for (let i = 0; i < gains.count; i++) {
        keys[count] = -gains.perUnitMs[i]
        words[2 * count + LOWER] = (words[2 * count + LOWER] & ~UNIT_BITS) | gains.units[i]
        levels[count] = gains.level[i]
        count++
      }
    }
    starts[to - from] = count
    return count
  }

  /** Puts every row at the end of its last segment that is used: all below the last key, and of that key what is left. */
  private take(
    from: number,
    to: number,
    bestUnits: number,
    lastKey: number,
    usesEdge: Uint8Array,
  ): void {
    const { keys, words, levels, starts } = this
    const unitsOf = (segment: number) => words[2 * segment + LOWER] & UNIT_BITS
    let left = bestUnits
    for (let segment = 0; segment < starts[to - from]; segment++) {
      if (keys[segment] < lastKey) left -= unitsOf(segment)
    }
    this.split = undefined
    for (let row = from; row < to; row++) {
      usesEdge[row] = 0
      for (let segment = starts[row - from]; segment < starts[row - from + 1]; segment++) {
        if (keys[segment] > lastKey || (keys[segment] === lastKey && left <= 0)) break
        const units = unitsOf(segment)
        const next = levels[segment] + 1
        if (keys[segment] === lastKey) {
          if (left < units) this.split = { row, from: usesEdge[row], to: next, share: left / units }
          left -= units
          if (left < 0) break
        }
        usesEdge[row] = next
      }
    }
  }
}
