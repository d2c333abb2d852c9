import type { ArrivalRates } from './arrival-rates.ts'

/** Of the arrival rates: the one that tells which load it is. The shortest, since a burst ends as suddenly as it begins. */
const WINDOW = 0
/** Loads are told apart by powers of two: below 2 to this is the first, and the last has no end. */
const LEAST_EXPONENT = -2
const LOADS = 6
// Chosen on the workloads of seeds 301 to 303.
/** Backlogs at which losses are known, evenly from none to the most that can be in time. */
const BACKLOGS = 9
/** Arrivals after a decision from which its losses are told, at most. By then the backlog mostly no longer depends on it. */
const LOOK_AHEAD = 64
/** Decisions that are learned from: two in a row tell nearly the same. */
const EVERY = 2
/** Decisions that are followed at once. */
const FOLLOWED = LOOK_AHEAD / EVERY
/** Decisions at one load that are remembered, about. */
const REMEMBERED = 500
/** Decisions of no loss that are believed before the first. */
const BELIEVED = 3
/** Backlogs this near to each other stay together. */
const SAME_MS = 1e-9

/** What the time of a worker that is spent now costs those that come later. */
export interface Congestion {
  /**
   * How much worker time of later requests is expected to be lost because of what waits at the present decision.
   * @param backlog worker time until all that waits is served, as a share of the most that can be in time
   */
  lostMs(backlog: number): number
}

/** Where nothing is known. */
export const NO_CONGESTION: Congestion = { lostMs: () => 0 }

/** A request has come. */
export interface Work {
  readonly nowMs: number
  /** Of a worker, by the smallest variant that it accepts. */
  readonly workMs: number
  /** The most worker time that may be ahead of its end, its own included. */
  readonly roomMs: number
}

/** A decision, and what a range of backlogs has come to since. */
interface Followed {
  /** Index of the load at the decision. */
  readonly load: number
  /** Of the decision, then of the latest arrival. */
  nowMs: number
  arrivals: number
  // Shape [backlogs]
  readonly backlogMs: Float64Array
  readonly lost: Float64Array
}

/**
 * Learns from the requests that came what a backlog b would have cost, had every later one got its smallest variant:
 *
 *   b ← max(0, b − workers · gap) + work;  lost ← lost + max(0, b − room);  b ← min(b, room)
 *
 * for a range of backlogs at once, from every second decision on, until they have met: from then on none cost more than another.
 * Means are kept by the load at the decision. They are of decisions, not of arrivals: at the end of a burst there are no
 * arrivals, but what waits is still decided on.
 */
export class CongestionForecast implements Congestion {
  private readonly rates: ArrivalRates
  private readonly workers: number
  /** The oldest first. */
  private readonly followed: Followed[] = []
  private decided = 0
  /** Of the latest arrival. */
  private workMs = 0
  /** At the latest decision. */
  private load = 0
  /** Mean loss by load and backlog, less that of none. Shape [loads][backlogs] */
  private readonly means = Array.from({ length: LOADS }, () => new Float64Array(BACKLOGS))
  /** Shape [loads] */
  private readonly learned = new Float64Array(LOADS)

  /** @param rates told of every arrival before this is */
  constructor(rates: ArrivalRates, workers: number) {
    this.rates = rates
    this.workers = workers
  }

  arrive(work: Work): void {
    this.workMs = work.workMs
    let kept = 0
    for (const one of this.followed) {
      if (follow(one, work, this.workers)) this.followed[kept++] = one
      else this.learn(one)
    }
    this.followed.length = kept
  }

  /** A policy is asked. */
  decide(nowMs: number): void {
    this.load = this.loadAt(nowMs)
    this.decided += 1
    if (this.decided % EVERY !== 0 || this.followed.length === FOLLOWED) return
    const { load } = this
    const [backlogMs, lost] = [new Float64Array(BACKLOGS), new Float64Array(BACKLOGS)]
    this.followed.push({ load, nowMs, arrivals: 0, backlogMs, lost })
  }

  lostMs(backlog: number): number {
    const mean = this.means[this.load]
    const place = Math.min(1, Math.max(0, backlog)) * (BACKLOGS - 1)
    const low = Math.min(BACKLOGS - 2, Math.floor(place))
    return mean[low] + (place - low) * (mean[low + 1] - mean[low])
  }

  private learn({ load, lost }: Followed): void {
    const mean = this.means[load]
    this.learned[load] += 1
    const weight = Math.max(1 / REMEMBERED, 1 / (this.learned[load] + BELIEVED))
    for (let i = 0; i < BACKLOGS; i++) mean[i] += weight * (lost[i] - lost[0] - mean[i])
  }

  /** Index of the load: 1 is what the workers sustain with the smallest variant. */
  private loadAt(nowMs: number): number {
    const load = (this.rates.ratePerS(WINDOW, nowMs) * this.workMs) / 1000 / this.workers
    const index = Math.floor(Math.log2(load)) - LEAST_EXPONENT + 1
    return Math.min(LOADS - 1, Math.max(0, index))
  }
}

/** One more request. @returns whether later ones may still tell more */
function follow(followed: Followed, { nowMs, workMs, roomMs }: Work, workers: number): boolean {
  const { backlogMs, lost } = followed
  if (followed.arrivals === 0) {
    for (let i = 0; i < BACKLOGS; i++) backlogMs[i] = (roomMs * i) / (BACKLOGS - 1)
  }
  const servedMs = (nowMs - followed.nowMs) * workers
  followed.nowMs = nowMs
  followed.arrivals += 1
  for (let i = 0; i < BACKLOGS; i++) {
    const wantedMs = Math.max(0, backlogMs[i] - servedMs) + workMs
    backlogMs[i] = Math.min(wantedMs, roomMs)
    lost[i] += wantedMs - backlogMs[i]
  }
  return followed.arrivals < LOOK_AHEAD && backlogMs[BACKLOGS - 1] - backlogMs[0] >= SAME_MS
}
