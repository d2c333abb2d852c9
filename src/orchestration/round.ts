/** One round: a joint decision, and the response time of one request of every device under it. */
import type { Clock } from '../clock.ts'
import type { Observation } from '../control/messages.ts'
import { UnavailableError } from '../errors.ts'
import type { Choice } from '../learning/environment/environment.ts'

export interface RoundOptions {
  readonly session: string
  readonly number: number
  readonly devices: readonly string[]
  /** What each device was told. Shape [devices]. */
  readonly decided: readonly Choice[]
  /** From the first observation; a fleet without traffic waits. */
  readonly timeoutMs: number
  readonly clock: Clock
}

/** What a round produced, by device in the round's order. */
export interface RoundResult {
  /** Shape [devices]. */
  readonly responseTimesMs: readonly number[]
  /** Of the variant that answered; of the decided one where nothing did. Shape [devices]. */
  readonly accuracyPercent: readonly number[]
  /** Devices that were not heard, or whose request failed: their response time is the time-out. */
  readonly missing: number
}

/** A round that gave no result: the goal, a tier or the fleet changed. Take the new state and decide anew. */
export class OvertakenError extends UnavailableError {}

export class Round {
  readonly number: number
  /** Resolves when every device has reported or the time is over; rejects with OvertakenError when it is abandoned. */
  readonly closed: Promise<RoundResult>
  /** Observations of another session or round, or of a device that had already reported. */
  ignored = 0
  private readonly options: RoundOptions
  private readonly observations = new Map<string, Observation>()
  private settled = false
  /** The time-out runs. */
  private timing = false
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
   * Takes the first observation of each device. One from an earlier round shows that a device had not heard the decision
   * yet: what the others reported so far was measured beside it and would blame this decision for the last one's load,
   * so they are to report anew.
   */
  add(observation: Observation): void {
    const { session, number, devices } = this.options
    const { device, round } = observation
    const isOurs = observation.session === session && devices.includes(device) && !this.settled
    if (!isOurs || round !== number || this.observations.has(device)) {
      this.ignored += 1
      if (isOurs && round < number) this.observations.clear()
      return
    }
    this.observations.set(device, observation)
    if (this.observations.size === devices.length) this.close()
    else this.startTimeout()
  }

  /** Ends the round without a result. */
  abandon(reason: string): void {
    if (this.settled) return
    this.settled = true
    this.reject(new OvertakenError(`round ${this.number} has no result: ${reason}`))
  }

  private startTimeout(): void {
    if (this.timing) return
    this.timing = true
    const { clock, timeoutMs } = this.options
    void clock.sleep(timeoutMs).then(() => this.close())
  }

  private close(): void {
    if (this.settled) return
    this.settled = true
    const { devices, decided, timeoutMs } = this.options
    const answered = devices.map((device) => {
      const observation = this.observations.get(device)
      return observation?.failed ? undefined : observation
    })
    this.resolve({
      responseTimesMs: answered.map((observation) => observation?.responseTimeMs ?? timeoutMs),
      accuracyPercent: answered.map(
        (observation, index) =>
          observation?.accuracyPercent ?? decided[index]?.accuracyPercent ?? 0,
      ),
      missing: answered.filter((observation) => observation === undefined).length,
    })
  }
}
