/** When a fleet that changes is looked at: at once in small fleets; a large one that grows by many nodes at a time not anew for each. */
import type { Timers } from '../clock.ts'

/** A fleet of so many devices is looked at anew once in a millisecond at most, one of 1,000 four times a second. */
const DEVICES_BY_MS = 4

/** Paces the looks. */
export class FleetChanges {
  private readonly clock: Timers
  private readonly look: () => void
  private endTimer: (() => void) | undefined
  private lookedAtMs = Number.NEGATIVE_INFINITY

  /** @param look must not throw */
  constructor(clock: Timers, look: () => void) {
    this.clock = clock
    this.look = look
  }

  /** Something changed in a fleet of so many devices. */
  note(devices: number): void {
    if (this.endTimer !== undefined) return
    const dueMs = this.lookedAtMs + devices / DEVICES_BY_MS - this.clock.nowMs()
    if (dueMs <= 0) this.lookNow()
    else this.endTimer = this.clock.after(dueMs, () => this.lookNow())
  }

  close(): void {
    this.endTimer?.()
  }

  private lookNow(): void {
    this.endTimer = undefined
    this.look()
    this.lookedAtMs = this.clock.nowMs()
  }
}
