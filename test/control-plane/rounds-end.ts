/** Invariant of rounds: one ends with the first answer after its time, if not sooner. */
import type { AnswerReport, JointDecision } from '../../src/control/messages.ts'
import { ROUND_TIMEOUT_MS, type SimulatedCloud } from './cloud.ts'
import type { SimulatedTime } from './simulated-time.ts'

interface Open {
  readonly session: string
  readonly round: number
  readonly devices: readonly string[]
  answeredAtMs?: number
  /** It had an answer after its time. */
  dueAtMs?: number
}

/** From the first answer: by the orchestrator's clock it is a little sooner. */
const LONGEST_ROUND_MS = 1.1 * ROUND_TIMEOUT_MS
/** Until the next decision is made. */
const DECIDING_MS = 1500

/** Knows the open round of every cloud. */
export class RoundsEnd {
  private readonly open = new Map<SimulatedCloud, Open>()
  private readonly time: SimulatedTime

  constructor(time: SimulatedTime) {
    this.time = time
  }

  opened(cloud: SimulatedCloud, { session, round, placements }: JointDecision): void {
    this.open.set(cloud, { session, round, devices: Object.keys(placements) })
  }

  heard(cloud: SimulatedCloud, { session, round, device }: AnswerReport): void {
    const open = this.open.get(cloud)
    if (open?.session !== session || open.round !== round) return
    if (!open.devices.includes(device)) return
    const { nowMs } = this.time
    open.answeredAtMs ??= nowMs
    if (nowMs > open.answeredAtMs + LONGEST_ROUND_MS) open.dueAtMs ??= nowMs + DECIDING_MS
  }

  /** It was not there for a while: its rounds have all their time anew. */
  wasAway(cloud: SimulatedCloud): void {
    this.open.delete(cloud)
  }

  check(): string | undefined {
    for (const [cloud, { session, round, dueAtMs = Infinity }] of this.open) {
      const { orchestrator } = cloud
      if (!orchestrator?.isDeciding || orchestrator.devices.length === 0) this.open.delete(cloud)
      else if (this.time.nowMs > dueAtMs) {
        return `round ${round} of ${session} goes on, and had an answer ${DECIDING_MS} ms ago when its time was over`
      }
    }
    return undefined
  }
}
