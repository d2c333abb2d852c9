/** Where a device's requests get their decision from: pushed by the orchestrator (default), or asked for each time. */
import type { Logger } from 'pino'
import { type DeviceDecision, decision as decisionSchema } from '../control/messages.ts'
import { InvalidInputError, messageOf } from '../errors.ts'
import { mostAccurate } from '../fleet/choice.ts'
import type { Catalogue } from '../serving/models/catalogue.ts'
import type { TierHealth } from './tier-health.ts'

export interface DecisionSource {
  /** The decision that one request is to follow. Never rejects: without an answer the last known decision stands. */
  forRequest(timeoutMs: number): DeviceDecision | Promise<DeviceDecision>
}

/** The newest decision that arrived; until then the most accurate local variant, without a goal, as session `none`, round 0. */
export class NewestDecision implements DecisionSource {
  private newest: DeviceDecision
  private readonly variants: ReadonlySet<string>

  constructor(device: string, catalogue: Pick<Catalogue, 'variants'>) {
    const { name } = mostAccurate(catalogue.variants)
    this.variants = new Set(catalogue.variants.map((variant) => variant.name))
    this.newest = {
      session: 'none',
      round: 0,
      device,
      placement: { tier: 'end', variant: name },
      fallbackAccuracyPercent: 0,
    }
  }

  forRequest(): DeviceDecision {
    return this.newest
  }

  /** @throws InvalidInputError for another device's decision or a variant that the catalogue lacks */
  accept(decision: DeviceDecision): void {
    const { device, placement } = decision
    if (device !== this.newest.device) {
      throw new InvalidInputError(`a decision for ${device} came to ${this.newest.device}`)
    }
    if (!this.variants.has(placement.variant)) {
      throw new InvalidInputError(
        `decision names variant "${placement.variant}": give every node the same catalogue`,
      )
    }
    this.newest = decision
  }
}

/** The paper's way: every request asks edge, then cloud (HL paper, Figure 1, steps 1-4). */
export class ConsultedDecision implements DecisionSource {
  private readonly newest: NewestDecision
  private readonly ask: (timeoutMs: number) => Promise<unknown>
  private readonly health: TierHealth
  private readonly logger: Logger

  /**
   * @param newest takes every answer, and is what stands while there is none
   * @param ask gets the decision as parsed JSON; rejects when the way to the orchestrator is broken
   */
  constructor(
    newest: NewestDecision,
    ask: (timeoutMs: number) => Promise<unknown>,
    health: TierHealth,
    logger: Logger,
  ) {
    this.newest = newest
    this.ask = ask
    this.health = health
    this.logger = logger
  }

  async forRequest(timeoutMs: number): Promise<DeviceDecision> {
    if (this.health.up) {
      try {
        this.newest.accept(decisionSchema.parse(await this.ask(timeoutMs)))
      } catch (error) {
        this.health.markDown()
        this.logger.warn({ reason: messageOf(error) }, 'no decision to be had: keeping the last')
      }
    }
    return this.newest.forRequest()
  }
}
