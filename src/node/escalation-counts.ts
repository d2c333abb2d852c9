import type { DeviceDecision } from '../control/messages.ts'
import { formatPlacement, type Placement } from '../fleet/placement.ts'

/** Why an unsure answer was given all the same. */
export type KeptBack = {
  /** Nobody is there who could give a second one. */
  down: number
  /** There was no time for it. */
  deadline: number
  /** More were unsure than a device may pass on. */
  budget: number
  /** It did not come, or was no better. */
  unanswered: number
}

/** What escalation did on a device since its start. */
export class EscalationCounts {
  readonly keptBack: KeptBack = { down: 0, deadline: 0, budget: 0, unanswered: 0 }
  /** First answers that were judged by their margin. */
  answers = 0
  /** Of those: below the margin. */
  unsure = 0
  private plannedUnsure = 0
  private readonly byWay = new Map<string, { from: string; to: string; count: number }>()

  judged({ share, margin }: NonNullable<DeviceDecision['escalation']>, seenMargin: number): void {
    this.answers += 1
    this.plannedUnsure += share
    if (seenMargin < margin) this.unsure += 1
  }

  escalated(from: Placement, to: Placement): void {
    const way = { from: formatPlacement(from), to: formatPlacement(to), count: 0 }
    const key = `${way.from}>${way.to}`
    const known = this.byWay.get(key) ?? way
    known.count += 1
    this.byWay.set(key, known)
  }

  /** Escalations by the placement that was unsure and the one that they went to. */
  get ways(): readonly { readonly from: string; readonly to: string; readonly count: number }[] {
    return [...this.byWay.values()]
  }

  /** Of the judged answers, as their decisions planned; 0 before the first. */
  get plannedPercent(): number {
    return this.answers === 0 ? 0 : (100 * this.plannedUnsure) / this.answers
  }

  /** Of the judged answers; 0 before the first. */
  get seenPercent(): number {
    return this.answers === 0 ? 0 : (100 * this.unsure) / this.answers
  }
}
