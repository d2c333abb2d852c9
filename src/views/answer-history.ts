/** Answered requests by step of time, as far back as a window reaches: memory does not grow with traffic or uptime. */
import type { AnswerReport } from '../control/messages.ts'
import { LatencyBins } from './latency-bins.ts'
import type { HistoryPoint } from './schemas.ts'

/** What was in force while requests were answered. */
export interface AtThatTime {
  readonly goalPercent?: number
  readonly agent?: string
}

/** Requests of one step. */
class Step {
  readonly atMs: number
  private requests = 0
  private failed = 0
  private sumMs = 0
  private sumPercent = 0
  private readonly byTier = { end: 0, edge: 0, cloud: 0 }
  private readonly bins = new LatencyBins()
  private during: AtThatTime = {}

  constructor(atMs: number) {
    this.atMs = atMs
  }

  add({ failed, responseTimeMs, accuracyPercent, served }: AnswerReport, during: AtThatTime): void {
    this.during = during
    this.requests += 1
    if (failed) {
      this.failed += 1
      return
    }
    this.sumMs += responseTimeMs
    this.sumPercent += accuracyPercent
    this.byTier[served.tier] += 1
    this.bins.add(responseTimeMs)
  }

  merge(other: Step): void {
    this.during = other.during
    this.requests += other.requests
    this.failed += other.failed
    this.sumMs += other.sumMs
    this.sumPercent += other.sumPercent
    for (const tier of ['end', 'edge', 'cloud'] as const) this.byTier[tier] += other.byTier[tier]
    this.bins.merge(other.bins)
  }

  get point(): HistoryPoint {
    const { atMs, requests, failed, byTier, bins, during } = this
    const answered = requests - failed
    const [p50Ms, p95Ms] = [bins.quantileMs(0.5), bins.quantileMs(0.95)]
    return {
      ...{ atMs, requests, failed, byTier: { ...byTier }, ...during },
      ...(answered > 0 && {
        meanMs: this.sumMs / answered,
        accuracyPercent: Math.min(100, this.sumPercent / answered),
      }),
      ...(p50Ms !== undefined && { p50Ms }),
      ...(p95Ms !== undefined && { p95Ms }),
    }
  }
}

/** The newest steps of one length. */
export class AnswerHistory {
  readonly stepMs: number
  private readonly length: number
  /** Oldest first; steps without requests are not there. */
  private steps: Step[] = []

  /** @param length steps that are kept */
  constructor(stepMs: number, length: number) {
    this.stepMs = stepMs
    this.length = length
  }

  add(report: AnswerReport, nowMs: number, during: AtThatTime): void {
    this.forget(nowMs)
    const atMs = Math.floor(nowMs / this.stepMs) * this.stepMs
    let newest = this.steps.at(-1)
    if (newest?.atMs !== atMs) {
      newest = new Step(atMs)
      this.steps.push(newest)
    }
    newest.add(report, during)
  }

  /** Oldest first. */
  points(nowMs: number): HistoryPoint[] {
    this.forget(nowMs)
    return this.steps.map((step) => step.point)
  }

  /** The newest `seconds` as one point. */
  recent(nowMs: number, seconds: number): HistoryPoint {
    const fromMs = nowMs - 1000 * seconds
    const all = new Step(fromMs)
    for (const step of this.steps) if (step.atMs >= fromMs) all.merge(step)
    return all.point
  }

  /** What is too long ago; and what is yet to come, where the machine's clock was set back. */
  private forget(nowMs: number): void {
    const oldestMs = nowMs - this.stepMs * this.length
    while ((this.steps[0]?.atMs ?? nowMs) < oldestMs) this.steps.shift()
    while ((this.steps.at(-1)?.atMs ?? nowMs) > nowMs) this.steps.pop()
  }
}
