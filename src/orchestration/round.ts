/** One round: a joint decision, and the response time of one request of every device under it. */
import type { Clock } from '../clock.ts'
import type { AnswerReport } from '../control/messages.ts'
import { UnavailableError } from '../errors.ts'
import type { Choice } from '../fleet/choice.ts'
import type { Escalated } from '../learning/environment/environment.ts'
import type { EscalationCosts } from './escalation-costs.ts'

/** A joint decision, and how long its answers are waited for. */
export interface RoundOptions {
  readonly session: string
  readonly number: number
  readonly devices: readonly string[]
  /** What each device was told. Shape [devices]. */
  readonly decided: readonly Choice[]
  /** Devices without whose answer it does not close before its time is over; the others count if they answer. */
  readonly awaited: readonly string[]
  /** What reports tell of choices that escalate. */
  readonly costs: Pick<EscalationCosts, 'expectedMs' | 'becameOf'>
  /** From the first report; a fleet without traffic waits. */
  readonly timeoutMs: number
  readonly clock: Clock
}

/** What a round produced, by device in the round's order. */
export interface RoundResult {
  /** As expected of what escalates; the time-out where the request failed, not a number where there was none. Shape [devices]. */
  readonly responseTimesMs: readonly number[]
  /** What became of requests that could escalate; undefined of others. Shape [devices]. */
  readonly escalations: readonly (Escalated | undefined)[]
  /** Of the variant that answered, or the pair that did; of the decided one where nothing did. Shape [devices]. */
  readonly accuracyPercent: readonly number[]
  /** Devices that were not heard. */
  readonly silent: readonly string[]
}

/** A round that gave no result: the goal, a tier or the fleet changed. Take the new state and decide anew. */
export class OvertakenError extends UnavailableError {}

/** Collects the answers of one round. */
export class Round {
  readonly number: number
  /** Resolves when every device has reported or the time is over; rejects with OvertakenError when it is abandoned. */
  readonly closed: Promise<RoundResult>
  private readonly options: RoundOptions
  private readonly reports = new Map<string, AnswerReport>()
  private settled = false
  /** The time-out runs, or is over. */
  private time: 'not begun' | 'runs' | 'over' = 'not begun'
  private resolve: (result: RoundResult) => void = () => {}
  private reject: (reason: Error) => void = () => {}

  constructor(options: RoundOptions) {
    this.options = options
    this.number = options.number
    this.closed = new Promise((resolve, reject) => {
      this.resolve = resolve
      this.reject = reject
    })
    // Nobody need wait for a round: before an agent acts, nobody does.
    this.closed.catch(() => {})
  }

  /**
   * Takes the first report of each device. One from an earlier round shows that a device had not heard the decision
   * yet: what the others reported so far was measured beside it and would blame this decision for the last one's load,
   * so they are to report anew; but not once the time is over, or a device that never hears would keep the round open for ever.
   * @returns the reports that do not count in this round, this one or earlier ones
   */
  add(report: AnswerReport): readonly AnswerReport[] {
    const { session, number, devices, awaited } = this.options
    const { device, round } = report
    const isOurs = report.session === session && devices.includes(device) && !this.settled
    if (!isOurs || round !== number || this.reports.has(device)) {
      const isBeside = isOurs && round < number && this.time !== 'over'
      return [...(isBeside ? this.forget() : []), report]
    }
    this.reports.set(device, report)
    const isWhole = awaited.every((other) => this.reports.has(other))
    if (isWhole || this.time === 'over') this.close()
    else this.startTimeout()
    return []
  }

  awaits(device: string): boolean {
    return this.options.awaited.includes(device)
  }

  /** Ends the round without a result. @returns the reports that counted so far */
  abandon(reason: string): readonly AnswerReport[] {
    if (this.settled) return []
    this.settled = true
    this.reject(new OvertakenError(`round ${this.number} has no result: ${reason}`))
    return this.forget()
  }

  private forget(): AnswerReport[] {
    const forgotten = [...this.reports.values()]
    this.reports.clear()
    return forgotten
  }

  private startTimeout(): void {
    if (this.time !== 'not begun') return
    this.time = 'runs'
    const { clock, timeoutMs } = this.options
    void clock.sleep(timeoutMs).then(() => {
      this.time = 'over'
      if (this.reports.size > 0) this.close()
    })
  }

  private close(): void {
    if (this.settled) return
    this.settled = true
    const { devices, decided, timeoutMs, costs } = this.options
    const heard = devices.map((device) => this.reports.get(device))
    this.resolve({
      responseTimesMs: heard.map((report, index) => {
        const choice = decided[index]
        if (report === undefined || choice === undefined) return Number.NaN
        return report.failed ? timeoutMs : costs.expectedMs(report, choice)
      }),
      escalations: heard.map((report, index) => {
        const choice = decided[index]
        return report && choice && costs.becameOf(report, choice)
      }),
      accuracyPercent: heard.map((report, index) =>
        report === undefined || report.failed
          ? (decided[index]?.accuracyPercent ?? 0)
          : report.accuracyPercent,
      ),
      silent: devices.filter((_, index) => heard[index] === undefined),
    })
  }
}
