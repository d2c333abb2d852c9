import type { Instance } from './instance.ts'
import type { Reduced } from './reduced.ts'

/**
 * What a device gains by loading its edge, bit by bit: the lower convex hull of its least cost by load, from no load on. What it gains
 * per unit falls from segment to segment, so the most that devices gain together with any number of units is had by taking segments from
 * the best one down; where the last one is not needed whole, that is more than any decision gains.
 */
export class Gains {
  /** Of the device last looked at. */
  count = 0
  /** Per unit, ms. Shape [levels]. */
  readonly perUnitMs: Float64Array
  /** How many units each segment has. Shape [levels]. */
  readonly units: Uint8Array
  /** The level that each ends at. Shape [levels]. */
  readonly level: Uint8Array
  private readonly instance: Instance
  private readonly reduced: Reduced

  constructor(instance: Instance, reduced: Reduced) {
    const { length } = instance.levels
    this.instance = instance
    this.reduced = reduced
    this.perUnitMs = new Float64Array(length)
    this.units = new Uint8Array(length)
    this.level = new Uint8Array(length)
  }

  /** @param outsideMs the least cost of the row without its edge */
  look(row: number, outsideMs: number): void {
    const { perUnitMs, units, level } = this
    const { levels, closedMs } = this.instance
    const { edge } = this.reduced
    const first = row * levels.length
    this.count = 0
    for (let l = 0; l < levels.length; l++) {
      const costMs = edge[first + l]
      if (costMs >= closedMs && levels.length > 1) continue
      // What lies above the line from an earlier point to this one is no corner of the hull.
      for (;;) {
        const before = this.count === 0 ? -1 : level[this.count - 1]
        const beforeMs = before < 0 ? outsideMs : edge[first + before]
        const width = levels[l] - (before < 0 ? 0 : levels[before])
        const gainMs = (beforeMs - costMs) / width
        if (this.count > 0 && gainMs >= perUnitMs[this.count - 1]) {
          this.count--
          continue
        }
        perUnitMs[this.count] = gainMs
        units[this.count] = width
        level[this.count] = l
        this.count++
        break
      }
    }
  }
}
