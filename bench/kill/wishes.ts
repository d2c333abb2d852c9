/** Goals and reverts that a fleet is asked for, and whether it holds what it acknowledged. */
import { randomUUID } from 'node:crypto'
import { setTimeout as sleep } from 'node:timers/promises'
import pino from 'pino'
import type { OrchestratorNews } from '../../src/control/messages.ts'
import { connectControlPlane } from '../../src/control/mqtt-control-plane.ts'
import type { Random } from '../../src/random.ts'

interface Wish {
  readonly accuracyPercent: number
  readonly revert: boolean
}

const ANSWER_MS = 5000
const POLL_MS = 5
const REVERT_SHARE = 0.25

/** One wish after the other, each by a client of its own: none that is connected says an earlier wish again. */
export class Wishes {
  /** From publishing to the acknowledgement, of all that were acknowledged. */
  readonly tookMs: number[] = []
  private readonly brokerUrl: string
  private readonly goalsPercent: readonly number[]
  private readonly random: Random
  private acknowledged: Wish | undefined
  /** Asked since, and without an answer: they may hold or not. */
  private open: Wish[] = []

  constructor(brokerUrl: string, goalsPercent: readonly number[], random: Random) {
    this.brokerUrl = brokerUrl
    this.goalsPercent = goalsPercent
    this.random = random
  }

  /** Asks for one thing after another until the signal aborts. @param pauseMs between them, on average */
  async keepAsking(pauseMs: number, signal: AbortSignal): Promise<void> {
    while (!signal.aborted) {
      await sleep(2 * pauseMs * this.random.uniform(), undefined, { signal }).catch(() => undefined)
      if (!signal.aborted) await this.ask(signal)
    }
  }

  /** Whether what is in force is what was acknowledged last, or something that was asked for since. */
  holds({ goalPercent, reverted }: OrchestratorNews): boolean {
    const { acknowledged, open } = this
    if (acknowledged === undefined) return true
    return [acknowledged, ...open].some(({ accuracyPercent, revert }) => {
      return accuracyPercent === goalPercent && revert === (reverted !== undefined)
    })
  }

  private async ask(signal: AbortSignal): Promise<void> {
    const { goalsPercent, random } = this
    const accuracyPercent = goalsPercent[random.integer(goalsPercent.length)] ?? 0
    const wish = { accuracyPercent, revert: random.uniform() < REVERT_SHARE }
    const isAcknowledged = await this.tell(wish, signal).catch(() => false)
    if (isAcknowledged) {
      this.acknowledged = wish
      this.open = []
    } else this.open.push(wish)
  }

  /** @returns whether it was acknowledged. @throws Error where the fleet refuses it */
  private async tell(wish: Wish, signal: AbortSignal): Promise<boolean> {
    const id = randomUUID()
    const logger = pino({ level: 'silent' })
    const control = await connectControlPlane({
      url: this.brokerUrl,
      clientId: `wish-${id}`,
      logger,
    })
    try {
      let isAnswered = false
      await control.subscribe('orchestrator', ({ answered }) => {
        isAnswered ||= answered.some((answer) => answer.id === id && answer.refused === undefined)
      })
      const beginMs = performance.now()
      await Promise.race([control.publish('goal', { ...wish, id }), sleep(ANSWER_MS)])
      while (!isAnswered && !signal.aborted && performance.now() < beginMs + ANSWER_MS) {
        await sleep(POLL_MS)
      }
      if (isAnswered) this.tookMs.push(performance.now() - beginMs)
      return isAnswered
    } finally {
      await control.close()
    }
  }
}
