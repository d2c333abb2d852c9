/** When a fleet that changes is looked at: at once in small fleets; a large one that grows by many nodes at a time not anew for each. */
import type { Clock } from '../clock.ts'

/** A fleet of so many devices is looked at anew once in a millisecond at most, one of 1,000 four times a second. */
const DEVICES_BY_MS = 4

/** Paces the looks. */
export class FleetChanges {
  private readonly clock: Pick<Clock, 'nowMs'>
  private readonly look: () => void
  private timer: NodeJS.Timeout | undefined
  private lookedAtMs = Number.NEGATIVE_INFINITY

  /** @param look must not throw */
  constructor(clock: Pick<Clock, 'nowMs'>, look: () => void) {
    this.clock = clock
    this.look = look
  }

  /** Something changed in a fleet of so many devices. */
  note(devices: number): void {
    if (this.timer !== undefined) return
    const dueMs = this.lookedAtMs + devices / DEVICES_BY_MS - this.clock.nowMs()
    if (dueMs <= 0) this.lookNow()
    else this.timer = setTimeout(() => this.lookNow(), dueMs)
  }

  close(): void {
    clearTimeout(this.timer)
  }

  private lookNow(): void {
    this.timer = undefined
    this.look()
    this.lookedAtMs = this.clock.nowMs()
  }
}
