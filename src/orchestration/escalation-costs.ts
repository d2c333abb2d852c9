/**
 * What escalating is expected to cost. An answer that went on takes many times as long as one that did not, so a single round
 * tells next to nothing: who learns from rounds is given first answer + share · second answer, not what happened.
 */
import type { AnswerReport } from '../control/messages.ts'
import { type Choice, formatChoice } from '../fleet/choice.ts'
import { formatPlacement } from '../fleet/placement.ts'
import type { Escalated } from '../learning/environment/environment.ts'

/** Answers that the planned share counts as. */
const PRIOR_ANSWERS = 100
/** Answers that a share is of: what a device sees changes. */
const MEMORY = 2000
/** Weight of the newest second answer. */
const NEWEST = 0.1
/** Devices times choices that are remembered. */
const MAX_SEEN = 4096

interface Seen {
  answers: number
  escalated: number
}

/** Knows every device's share and what its second answers take. */
export class EscalationCosts {
  /** By device and choice. */
  private readonly seen = new Map<string, Seen>()
  /** By device and where second answers are from; before any, what that takes alone. */
  private readonly secondMs = new Map<string, { ms: number; isOfSecond: boolean }>()

  /** @param choice that the answer was given under */
  hear(report: AnswerReport, choice: Choice): void {
    const { device, escalation, failed, responseTimeMs, served } = report
    if (failed) return
    if (!choice.escalation) {
      const isAsDecided = formatPlacement(served) === formatPlacement(choice.placement)
      if (isAsDecided) this.note(`${device} ${formatPlacement(served)}`, responseTimeMs, false)
      return
    }
    const became = this.becameOf(report, choice)
    if (!escalation || !became) return
    this.count(`${device} ${formatChoice(choice)}`, became.escalated)
    if (!became.escalated) return
    const to = formatPlacement(choice.escalation.to)
    this.note(`${device} ${to}`, responseTimeMs - became.firstMs, true)
  }

  /**
   * What became of a request that could escalate, as far as that tells what escalating takes: undefined of one that was not judged,
   * and of one that was refused sooner than an answer usually comes.
   */
  becameOf(
    { device, escalation, failed, responseTimeMs, served }: AnswerReport,
    choice: Choice,
  ): Escalated | undefined {
    if (!escalation || !choice.escalation || failed) return undefined
    const { escalated, firstMs } = escalation
    const isAnswered = formatPlacement(served) !== formatPlacement(choice.placement)
    const usual = this.secondMs.get(`${device} ${formatPlacement(choice.escalation.to)}`)
    const isTelling =
      !escalated || isAnswered || responseTimeMs - firstMs >= (usual?.ms ?? Infinity)
    return isTelling
      ? { escalated, firstMs, responseTimeMs: Math.max(firstMs, responseTimeMs) }
      : undefined
  }

  /** Of one answer: what such answers take on average, ms. */
  expectedMs({ device, escalation, responseTimeMs }: AnswerReport, choice: Choice): number {
    if (!escalation || !choice.escalation) return responseTimeMs
    const { to, share } = choice.escalation
    const second = this.secondMs.get(`${device} ${formatPlacement(to)}`)
    if (second === undefined) return responseTimeMs
    const firstMs = escalation.escalated ? escalation.firstMs : responseTimeMs
    const { answers, escalated } = this.seenOf(`${device} ${formatChoice(choice)}`)
    const believed = (share * PRIOR_ANSWERS + escalated) / (PRIOR_ANSWERS + answers)
    return firstMs + believed * second.ms
  }

  private seenOf(key: string): Seen {
    return this.seen.get(key) ?? { answers: 0, escalated: 0 }
  }

  private count(key: string, isEscalated: boolean): void {
    if (!this.seen.has(key) && this.seen.size >= MAX_SEEN) return
    const { answers, escalated } = this.seenOf(key)
    const kept = answers >= MEMORY ? 1 - 1 / MEMORY : 1
    this.seen.set(key, {
      answers: kept * answers + 1,
      escalated: kept * escalated + Number(isEscalated),
    })
  }

  private note(key: string, ms: number, isOfSecond: boolean): void {
    const known = this.secondMs.get(key)
    if (known === undefined) {
      if (this.secondMs.size < MAX_SEEN) this.secondMs.set(key, { ms, isOfSecond })
    } else if (isOfSecond && !known.isOfSecond) {
      this.secondMs.set(key, { ms, isOfSecond })
    } else if (isOfSecond === known.isOfSecond) {
      known.ms += NEWEST * (ms - known.ms)
    }
  }
}
