/** Admission feedback: what a node refused or answered late of late, and the load that it can still take. */
import type { Admission } from '../control/telemetry-message.ts'

/** Of a node, since its start. */
export interface AdmissionTotals {
  readonly served: number
  /** Of those: after their deadline. */
  readonly late: number
  /** For want of time or room. */
  readonly refused: number
  /** Time that all workers together have worked. */
  readonly workedMs: number
}

/** Of the node. */
export interface AdmissionWorkers {
  readonly workers: number
  /** What a request is taken to need before any was served; absent: that is not known. */
  readonly serviceTimeMs?: number
}

interface Sample extends AdmissionTotals {
  readonly atMs: number
}

const WINDOW_MS = 5000
/** Samples closer together than this tell nothing more. */
const LEAST_GAP_MS = WINDOW_MS / 100
/**
 * Load is shed from the upper share of requests on, late or refused, until it is below the lower one; of fewer requests it may be chance.
 * Workers need not be busy: reading what comes may be what takes too long.
 */
const SHED = { enterShare: 0.1, leaveShare: 0.02, leastRequests: 3 }
/** As the message has it. */
const MOST_PER_S = 1e6

/** Compares totals with those of a while ago. */
export class AdmissionWindow {
  /** Oldest first; the first is the last one before the window. */
  private readonly samples: Sample[]
  private sheds = false

  /** @param nowMs from when on totals count */
  constructor(nowMs: number) {
    this.samples = [{ atMs: nowMs, served: 0, late: 0, refused: 0, workedMs: 0 }]
  }

  /** @returns undefined until some time has passed */
  update(nowMs: number, totals: AdmissionTotals, by: AdmissionWorkers): Admission | undefined {
    while ((this.samples[1]?.atMs ?? Infinity) <= nowMs - WINDOW_MS) this.samples.shift()
    const [first] = this.samples
    const windowMs = first ? nowMs - first.atMs : 0
    if (!first || windowMs <= 0) return undefined
    const newestMs = this.samples.at(-1)?.atMs ?? 0
    if (nowMs - newestMs >= LEAST_GAP_MS) this.samples.push({ ...totals, atMs: nowMs })
    const served = totals.served - first.served
    const late = totals.late - first.late
    const refused = totals.refused - first.refused
    const workedMs = totals.workedMs - first.workedMs
    const requests = served + refused
    const busyShare = workedMs / (by.workers * windowMs)
    this.sheds = this.isShedding(requests, (late + refused) / requests)
    const onePerMs = served > 0 ? workedMs / served : by.serviceTimeMs
    const idleWorkers = by.workers * Math.max(0, 1 - busyShare)
    const spare = onePerMs && Math.min(MOST_PER_S, (1000 * idleWorkers) / onePerMs)
    return {
      ...{ windowSeconds: windowMs / 1000, requests, late, refused, sheds: this.sheds },
      ...(spare !== undefined && { spareRequestsPerS: spare }),
    }
  }

  private isShedding(requests: number, shedShare: number): boolean {
    const { enterShare, leaveShare, leastRequests } = SHED
    if (this.sheds) return shedShare >= leaveShare
    return requests >= leastRequests && shedShare >= enterShare
  }
}
