import type { Dual } from './dual.ts'
import { type Box, type Point, Polygon } from './polygon.ts'
import type { Prices } from './problem.ts'

const MOST_EVALUATIONS = 400
const MOST_PER_SEARCH = 60
/** Most for a look around prices that were good before, and how far to look, relative. */
const MOST_NEARBY = 12
const NEARBY = 0.05
/** A search ends when the planes allow no more than this at the centre, relative to the best. */
const TOLERANCE = 1e-7
/**
 * Cutting by all planes again is worth its time where the best one rises by more than this, relative; from so many devices on,
 * where it rises at all: an evaluation then takes longer.
 */
const WORTHWHILE_RISE = 1e-3
const MANY_DEVICES = 100
/** A price this much below its range counts as zero while only its order of magnitude is sought. */
const SMALLEST = 1e-5

/** R and its supergradient at some prices. */
interface Evaluation extends Prices {
  readonly value: number
  readonly accuracySlope: number
  /** The slope in μ. */
  readonly cloudUsers: number
  /** The M that costs least at μ. */
  readonly cheapestUsers: number
}

/**
 * The lower bound: for every number of cloud users M the highest R(λ, μ) - μ M + G_cloud(M) found, and of these the lowest.
 * Prices are looked for by centre-of-gravity cuts: each evaluation bounds R by a plane; prices that cannot beat the best ones
 * go; the next evaluation is in the middle of what remains.
 */
export class Bound {
  private readonly dual: Dual
  private readonly polygon = new Polygon()
  private readonly range: Box
  private readonly rise: number
  private evaluations: Evaluation[] = []
  /** Those that let no device load the cloud with more than the key. */
  private readonly limited = new Map<number, Evaluation[]>()
  /** The key of those at hand. */
  private mostUnits = Infinity
  /** Highest R - μ M found, by M. Shape [most cloud users + 1]. */
  private readonly byUsers: Float64Array

  constructor(dual: Dual) {
    this.dual = dual
    this.range = priceRange(dual)
    this.rise = dual.instance.devices < MANY_DEVICES ? WORTHWHILE_RISE : 0
    this.byUsers = new Float64Array(dual.instance.cloudTotals.length).fill(-Infinity)
  }

  /** @param nearby prices of a similar problem @returns the best prices when the number of cloud users is free */
  ascend(nearby?: Prices): Prices {
    if (nearby) this.search(around(nearby, this.range), MOST_NEARBY)
    return this.search(this.range, MOST_PER_SEARCH)
  }

  /** @returns the best prices when the cloud has so many users */
  ascendFor(cloudUsers: number): Prices {
    // So many users may take a price below what any number of users costs on average.
    const y0 = Math.min(0, 2 * this.range.y0)
    const box = { ...this.range, y0 }
    const { perUser } = this.dual.instance
    if (perUser === 1 || cloudUsers >= perUser) return this.search(box, MOST_PER_SEARCH, cloudUsers)
    return this.withLimit(cloudUsers, () => this.search(box, MOST_PER_SEARCH, cloudUsers))
  }

  /** Less than a user of the cloud is nobody's whole request: a relaxation that does not know it would take a part of one. */
  private withLimit(units: number, search: () => Prices): Prices {
    const { evaluations } = this
    this.evaluations = this.limited.get(units) ?? []
    this.limited.set(units, this.evaluations)
    this.mostUnits = units
    const prices = search()
    this.mostUnits = Infinity
    this.evaluations = evaluations
    return prices
  }

  /** No decision costs less than `lowestMs`, and one that costs so little has so many cloud users. */
  get lowest(): { lowestMs: number; cloudUsers: number } {
    let lowestMs = Infinity
    let cloudUsers = 0
    for (let users = 0; users < this.byUsers.length; users++) {
      const boundMs = this.lowestFor(users)
      if (boundMs < lowestMs) {
        lowestMs = boundMs
        cloudUsers = users
      }
    }
    return { lowestMs, cloudUsers }
  }

  /** No decision with so many cloud users costs less. */
  lowestFor(cloudUsers: number): number {
    const totalMs = this.dual.instance.cloudTotals[cloudUsers] ?? Infinity
    return (this.byUsers[cloudUsers] ?? 0) + totalMs
  }

  /** Leaves decisions with so many cloud users out from now on: the best of them is known. */
  settle(cloudUsers: number): void {
    this.byUsers[cloudUsers] = Infinity
  }

  private search(box: Box, mostEvaluations: number, users?: number): Prices {
    const { polygon, evaluations } = this
    let best = this.bestOf(users)
    polygon.setBox(box)
    if (best) this.cutByAll(best, users)
    for (let i = 0; i < mostEvaluations && evaluations.length < MOST_EVALUATIONS; i++) {
      if (polygon.isEmpty) break
      const centre = polygon.centre()
      const bestMs = best ? this.heightAt(best, users) : -Infinity
      if (best && this.ceiling(centre, users) - bestMs <= TOLERANCE * Math.abs(bestMs)) break
      const { x, y } = this.next(centre, box)
      const latest = this.evaluate(x, y)
      const latestMs = this.heightAt(latest, users)
      if (best === undefined || latestMs > bestMs) best = latest
      if (latestMs > bestMs + this.rise * Math.abs(bestMs)) this.cutByAll(best, users)
      else this.cutBy(latest, Math.max(latestMs, bestMs), users)
    }
    const { accuracyMs, cloudMs } = best ?? { accuracyMs: Number.NaN, cloudMs: Number.NaN }
    return { accuracyMs, cloudMs }
  }

  private evaluate(accuracyMs: number, cloudMs: number): Evaluation {
    const { dual, byUsers, mostUnits } = this
    dual.evaluate(accuracyMs, cloudMs, mostUnits)
    const { value, accuracySlope, cloudUsers } = dual
    const { cloudTotals } = dual.instance
    let least = Infinity
    let cheapestUsers = 0
    for (let users = 0; users < byUsers.length; users++) {
      const price = cloudMs * users
      if (users <= mostUnits) byUsers[users] = Math.max(byUsers[users], value - price)
      if (cloudTotals[users] - price < least) {
        least = cloudTotals[users] - price
        cheapestUsers = users
      }
    }
    const latest = { accuracyMs, cloudMs, value, accuracySlope, cloudUsers, cheapestUsers }
    this.evaluations.push(latest)
    return latest
  }

  private bestOf(users: number | undefined): Evaluation | undefined {
    let best: Evaluation | undefined
    let bestMs = -Infinity
    for (const evaluation of this.evaluations) {
      const boundMs = this.heightAt(evaluation, users)
      if (boundMs > bestMs) {
        bestMs = boundMs
        best = evaluation
      }
    }
    return best
  }

  /** The bound at an evaluation's own prices. */
  private heightAt({ value, cloudMs, cheapestUsers }: Evaluation, users = cheapestUsers): number {
    return value - cloudMs * users + this.dual.instance.cloudTotals[users]
  }

  private cutByAll(best: Evaluation, users: number | undefined): void {
    const bestMs = this.heightAt(best, users)
    for (const evaluation of this.evaluations) this.cutBy(evaluation, bestMs, users)
  }

  private cutBy(evaluation: Evaluation, bestMs: number, users: number | undefined): void {
    const { accuracyMs, cloudMs, accuracySlope: a, cloudUsers, cheapestUsers } = evaluation
    const b = cloudUsers - (users ?? cheapestUsers)
    if (a === 0 && b === 0) return
    const most = bestMs - this.heightAt(evaluation, users) + a * accuracyMs + b * cloudMs
    this.polygon.cut(a, b, most - 1e-12 * Math.abs(bestMs))
  }

  /** The most that the planes allow at a point. */
  private ceiling({ x, y }: Point, users: number | undefined): number {
    let lowest = Infinity
    for (const evaluation of this.evaluations) {
      const { accuracyMs, cloudMs, accuracySlope, cloudUsers, cheapestUsers } = evaluation
      const b = cloudUsers - (users ?? cheapestUsers)
      const rise = accuracySlope * (x - accuracyMs) + b * (y - cloudMs)
      lowest = Math.min(lowest, this.heightAt(evaluation, users) + rise)
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

/** All prices at which the bound can be highest: none beyond what any move of one device can save. */
function priceRange({ instance: { accuracyMatters, closedMs, cloudTotals } }: Dual): Box {
  const mostMs = closedMs / 5
  const x1 = accuracyMatters ? mostMs : 0
  if (cloudTotals.length === 1) return { x0: 0, x1, y0: 0, y1: 0 }
  let y0 = Infinity
  for (let m = 1; m < cloudTotals.length; m++) y0 = Math.min(y0, cloudTotals[m] / m)
  return { x0: 0, x1, y0, y1: Math.max(y0, mostMs) }
}

function around({ accuracyMs, cloudMs }: Prices, { x0, x1, y0, y1 }: Box): Box {
  const spanX = NEARBY * Math.abs(accuracyMs)
  const spanY = NEARBY * Math.abs(cloudMs)
  const within = (value: number, low: number, high: number) => Math.min(high, Math.max(low, value))
  return {
    x0: within(accuracyMs - spanX, x0, x1),
    x1: within(accuracyMs + spanX, x0, x1),
    y0: within(cloudMs - spanY, y0, y1),
    y1: within(cloudMs + spanY, y0, y1),
  }
}
