/**
 * The highest lower bound: maximises D over both prices by centre-of-gravity cuts. Each evaluation bounds D by a plane; what
 * is below the best value found goes; the next evaluation is in the middle of what remains.
 */
import type { Dual } from './dual.ts'
import { type Box, type Point, Polygon } from './polygon.ts'
import type { Prices } from './problem.ts'

export interface Bound {
  readonly lowerBoundMs: number
  /** Where it was found: D's argmax, as near as was looked for. */
  readonly prices: Prices
  readonly evaluations: number
}

const MOST_EVALUATIONS = 80
/** Ends when the planes allow no more than this at the centre, relative to D. */
const TOLERANCE = 1e-7
/** A price this much below its range counts as zero while only its order of magnitude is sought. */
const SMALLEST = 1e-5
/** Around prices that were good before. */
const NEAR = 0.05

/** @param first prices of a similar problem */
export function ascend(dual: Dual, first?: Prices): Bound {
  const cuts = new Cuts(dual)
  const everywhere = priceRange(dual)
  if (first) cuts.search(around(first, everywhere), 12)
  cuts.search(everywhere, MOST_EVALUATIONS)
  const { accuracyMs, cloudMs, value, evaluations } = cuts
  return { lowerBoundMs: value, prices: { accuracyMs, cloudMs }, evaluations }
}

class Cuts {
  accuracyMs = 0
  cloudMs = 0
  /** Highest D found, at those prices. */
  value = Number.NaN
  evaluations = 0
  private readonly dual: Dual
  private readonly polygon = new Polygon()
  /** D <= height + accuracySlope · λ + cloudSlope · μ. Shape [evaluations, 3]. */
  private readonly planes = new Float64Array(3 * (MOST_EVALUATIONS + 16))

  constructor(dual: Dual) {
    this.dual = dual
  }

  search(box: Box, mostEvaluations: number): void {
    const { polygon } = this
    polygon.setBox(box)
    for (let plane = 0; plane < this.evaluations; plane++) this.cutBy(plane)
    for (let i = 0; i < mostEvaluations && this.evaluations < MOST_EVALUATIONS; i++) {
      if (polygon.isEmpty) return
      const centre = polygon.centre()
      const { x, y } = this.next(centre, box)
      if (this.ceiling(centre.x, centre.y) - this.value <= TOLERANCE * Math.abs(this.value)) return
      this.evaluate(x, y)
    }
  }

  private evaluate(x: number, y: number): void {
    const { dual, planes } = this
    dual.evaluate(x, y)
    const at = 3 * this.evaluations
    planes[at] = dual.value - dual.accuracySlope * x - dual.cloudSlope * y
    planes[at + 1] = dual.accuracySlope
    planes[at + 2] = dual.cloudSlope
    this.evaluations++
    if (!(dual.value <= this.value)) {
      this.value = dual.value
      this.accuracyMs = x
      this.cloudMs = y
      for (let plane = 0; plane < this.evaluations; plane++) this.cutBy(plane)
    } else {
      this.cutBy(this.evaluations - 1)
    }
  }

  private cutBy(plane: number): void {
    const [height, a, b] = this.planes.subarray(3 * plane, 3 * plane + 3)
    if (a === 0 && b === 0) return
    this.polygon.cut(
      a as number,
      b as number,
      this.value - (height as number) - 1e-12 * Math.abs(this.value),
    )
  }

  /** The most that the planes allow D at a point. */
  private ceiling(x: number, y: number): number {
    const { planes } = this
    let lowest = Number.POSITIVE_INFINITY
    for (let at = 0; at < 3 * this.evaluations; at += 3) {
      lowest = Math.min(
        lowest,
        (planes[at] as number) + (planes[at + 1] as number) * x + (planes[at + 2] as number) * y,
      )
    }
    return lowest
  }

  /** The centre; while a price's order of magnitude is open, the geometric middle of it. */
  private next(centre: Point, range: Box): Point {
    const { polygon } = this
    const { x0, x1 } = polygon.bounds()
    const x = middle(x0, x1, centre.x, range.x0, range.x1)
    const { y0, y1 } = polygon.chord(x)
    const y = middle(y0, y1, x === centre.x ? centre.y : (y0 + y1) / 2, range.y0, range.y1)
    return { x, y }
  }
}

function middle(low: number, high: number, centre: number, least: number, most: number): number {
  const lowest = Math.max(low - least, SMALLEST * (most - least))
  return high - least > 8 * lowest ? least + Math.sqrt(lowest * (high - least)) : centre
}

/** All prices at which D can be highest: none beyond what any move of one device can save. */
function priceRange({ instance: { budget, closedMs, cloudTotals } }: Dual): Box {
  const mostMs = closedMs / 5
  const x1 = budget === 0 ? 0 : mostMs
  if (cloudTotals.length === 1) return { x0: 0, x1, y0: 0, y1: 0 }
  let y0 = Number.POSITIVE_INFINITY
  for (let m = 1; m < cloudTotals.length; m++) y0 = Math.min(y0, (cloudTotals[m] as number) / m)
  return { x0: 0, x1, y0, y1: Math.max(y0, mostMs) }
}

function around({ accuracyMs, cloudMs }: Prices, { x0, x1, y0, y1 }: Box): Box {
  const spanX = NEAR * Math.abs(accuracyMs)
  const spanY = NEAR * Math.abs(cloudMs)
  const within = (value: number, low: number, high: number) => Math.min(high, Math.max(low, value))
  return {
    x0: within(accuracyMs - spanX, x0, x1),
    x1: within(accuracyMs + spanX, x0, x1),
    y0: within(cloudMs - spanY, y0, y1),
    y1: within(cloudMs + spanY, y0, y1),
  }
}
