/** What one device's requests were like, as far back as is kept: the newest of them in full, more of them as numbers. */
import type { AnswerReport } from '../control/messages.ts'
import { formatPlacement, TIERS, type Tier } from '../fleet/placement.ts'
import type { AnsweredRequest, DeviceView } from './schemas.ts'

/** Answers that are kept as time, response time and tier. */
const MAX_ANSWERS = 256
/** Requests that are kept in full. */
const MAX_REQUESTS = 20
/** Changes of the decision that are kept. */
const MAX_DECISIONS = 50
/** Of an answer that failed: no tier. */
const FAILED = 255

/** One device. */
export class DeviceRecord {
  /** The choice in force, as text. */
  decided: string | undefined
  newest: AnswerReport | undefined
  readonly requests: AnsweredRequest[] = []
  readonly decisions: { atMs: number; decided: string }[] = []
  /** Rings of `MAX_ANSWERS`. */
  private readonly atMs = new Float64Array(MAX_ANSWERS)
  private readonly tookMs = new Float32Array(MAX_ANSWERS)
  private readonly tiers = new Uint8Array(MAX_ANSWERS)
  private count = 0

  hear(report: AnswerReport, nowMs: number): void {
    this.newest = report
    const slot = this.count % MAX_ANSWERS
    this.atMs[slot] = nowMs
    this.tookMs[slot] = report.responseTimeMs
    this.tiers[slot] = report.failed ? FAILED : TIERS.indexOf(report.served.tier)
    this.count += 1
    this.requests.push(requestOf(report, nowMs))
    if (this.requests.length > MAX_REQUESTS) this.requests.shift()
  }

  /** Another choice is in force, or the same one still. */
  decide(decided: string, nowMs: number): void {
    if (decided === this.decided) return
    this.decided = decided
    this.decisions.push({ atMs: nowMs, decided })
    if (this.decisions.length > MAX_DECISIONS) this.decisions.shift()
  }

  /** Answers since a time: their mean response time, and how many each tier gave. */
  since(fromMs: number): { meanMs: number | undefined; byTier: Record<Tier, number> } {
    const byTier = { end: 0, edge: 0, cloud: 0 }
    let [sumMs, answered] = [0, 0]
    for (const [atMs, tookMs, tier] of this.newestFirst()) {
      if (atMs < fromMs) break
      byTier[tier] += 1
      answered += 1
      sumMs += tookMs
    }
    return { meanMs: answered === 0 ? undefined : sumMs / answered, byTier }
  }

  /** Oldest first, without those that failed. */
  get answers(): DeviceView['answers'] {
    return [...this.newestFirst()].reverse()
  }

  private *newestFirst(): Generator<[atMs: number, tookMs: number, tier: Tier]> {
    const kept = Math.min(this.count, MAX_ANSWERS)
    for (let back = 1; back <= kept; back++) {
      const slot = (this.count - back) % MAX_ANSWERS
      const tier = TIERS[this.tiers[slot] ?? FAILED]
      if (tier) yield [this.atMs[slot] ?? 0, this.tookMs[slot] ?? 0, tier]
    }
  }
}

/** Served elsewhere than decided; or unsure and gone on, but answered by the first variant all the same. */
export function hasFallenBack({ decided, served, escalation }: AnswerReport): boolean {
  const isFirst = formatPlacement(decided) === formatPlacement(served)
  return escalation?.escalated ? isFirst : !isFirst
}

function requestOf(report: AnswerReport, atMs: number): AnsweredRequest {
  const { responseTimeMs, queueMs, computeMs, networkMs, accuracyPercent, failed } = report
  const { escalation } = report
  return {
    atMs,
    decided: formatPlacement(report.decided),
    served: formatPlacement(report.served),
    ...{ responseTimeMs, queueMs, computeMs, networkMs, accuracyPercent, failed },
    ...(escalation && { escalation }),
  }
}
