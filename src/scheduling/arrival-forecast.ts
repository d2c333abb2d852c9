import type { ArrivalRates } from './arrival-rates.ts'

/** Of the arrival rates: the one that counts as the rate of the moment. */
const WINDOW = 1
/** Arrivals that are remembered, about. */
const REMEMBERED = 300
/** Gaps are told apart by powers of two: the first bin ends at 2 to this, in mean gaps. */
const FIRST_EXPONENT = -9
const EDGES = 14

/** What a policy may ask about requests to come. */
export interface Forecast {
  /** That any request comes from now on within so long, 0 to 1. */
  chance(nowMs: number, withinMs: number): number
  /** How many requests are expected from now on within so long. */
  expected(nowMs: number, withinMs: number): number
}

/** Where nothing is known. */
export const NO_FORECAST: Forecast = { chance: () => 0, expected: () => 0 }

/**
 * How many requests come next, from the gaps between those that came. Gaps are counted in mean gaps of the moment (their time
 * × rate), so that what is learned at one rate holds at another; then with F the distribution of such gaps
 *
 *   expected(x) = P(gap ≤ s + x | gap > s) · (1 + G(x/2)),   s the time since the last arrival
 *   G(x) = F(x) · (1 + G(x/2)): those that follow in time, the first of them in the middle of it
 *
 * Regular arrivals: nothing comes soon after one. Poisson: x. Bursts: after one many come at once.
 */
export class ArrivalForecast implements Forecast {
  private readonly rates: ArrivalRates
  /** Share of the gaps up to each edge, the newest weighing most. Shape [edges] */
  private readonly upTo = new Float64Array(EDGES)
  /** G at each edge. Shape [edges] */
  private readonly following = new Float64Array(EDGES)
  private gaps = 0

  /** @param rates told of every arrival after this */
  constructor(rates: ArrivalRates) {
    this.rates = rates
  }

  /** Before `rates` are told. */
  arrive(nowMs: number): void {
    const sinceMs = this.rates.sinceArrivalMs(nowMs)
    if (sinceMs === Infinity) return
    const bin = placeOf(sinceMs * this.perMs(nowMs))
    this.gaps += 1
    const weight = Math.max(1 / REMEMBERED, 1 / this.gaps)
    let following = 0
    for (let edge = 0; edge < EDGES; edge++) {
      const isUpTo = bin <= edge ? 1 : 0
      const share = this.upTo[edge] + weight * (isUpTo - this.upTo[edge])
      following = share * (1 + following)
      this.upTo[edge] = share
      this.following[edge] = following
    }
  }

  chance(nowMs: number, withinMs: number): number {
    const perMs = this.perMs(nowMs)
    const since = this.rates.sinceArrivalMs(nowMs) * perMs
    if (!(since < Infinity)) return 0
    const past = valueAt(this.upTo, since)
    if (past >= 1) return 0
    return (valueAt(this.upTo, since + withinMs * perMs) - past) / (1 - past)
  }

  expected(nowMs: number, withinMs: number): number {
    const within = withinMs * this.perMs(nowMs)
    return this.chance(nowMs, withinMs) * (1 + valueAt(this.following, within / 2))
  }

  private perMs(nowMs: number): number {
    return this.rates.ratePerS(WINDOW, nowMs) / 1000
  }
}

/** Which edge is the first at or above a gap, as a real number: between two, how far on a scale of powers of two. */
function placeOf(gap: number): number {
  return Math.log2(gap) - FIRST_EXPONENT
}

/** Between edges in proportion; 0 at 0. */
function valueAt(atEdges: Float64Array, gap: number): number {
  if (gap <= 0) return 0
  const place = placeOf(gap)
  if (place <= 0) return atEdges[0] * gap * 2 ** -FIRST_EXPONENT
  if (place >= EDGES - 1) return atEdges[EDGES - 1]
  const low = Math.floor(place)
  const share = gap / 2 ** (FIRST_EXPONENT + low) - 1
  return atEdges[low] + share * (atEdges[low + 1] - atEdges[low])
}
